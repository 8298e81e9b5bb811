//! `boll test`: runs a capsule's own cases.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;

use super::Verb;
use crate::args::App;
use crate::beneath::Beneath;
use crate::cases::report::{Format, Report, junit};
use crate::complete;
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::interrupt::unless_told;
use crate::project::Project;
use crate::report::reporter::Reporter;
use crate::session;
use crate::testing::cases::{self, Written};
use crate::testing::coverage::{Coverage, Used};
use crate::testing::fixtures::Fixtures;
use crate::testing::report::{json, report};
use crate::testing::run::Bench;
use crate::testing::{ProcessMode, Session};
use crate::trust::Consent;
use crate::whole_file;

/// Run a capsule's own cases, and list what its manifest asks for and no case uses
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The capsule's folder, or its Capsule.toml
    #[arg(default_value = ".", add = complete::capsule())]
    capsule: PathBuf,

    /// Whether cases play the capsule's processes or the sandbox really starts them,
    /// unless a case says which
    #[arg(long, value_enum, default_value_t)]
    processes: ProcessMode,

    /// Build, and run the cases of, a folder that was not built or tested here before, and trust
    /// it from then on
    #[arg(long, visible_alias = "build")]
    trust: bool,

    /// Run the cases whose names contain this
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,

    /// Also fail if no case uses something that the manifest asks for
    #[arg(long, conflicts_with = "only")]
    strict: bool,

    /// The format of the result [default: table; json with --output json]
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// Also write the result to a file, as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

impl Verb for Test {
    fn run(&self, app: &App) -> Done {
        let project = Project::open(&self.capsule)?;
        let operator = app.operator()?;
        let folder = opened(&project)?;
        let judge_file = |path: &Path| operator.refusal_to_copy(path);
        let fixtures = Fixtures::looked_at(&folder, &judge_file);
        let cases = cases::find(&project, &fixtures, &folder)?;
        let cases = chosen(cases, self.only.as_deref())?;
        let consent = Consent::by_flag(self.trust);
        project.require_for_cases(consent)?;
        let component = project.component(consent, &app.reporter)?;
        let manifest = project.manifest.clone();
        let bench = Bench::new(manifest, folder, component.bytes, self.processes, operator);
        let all = self.only.is_none();
        let session = run_all(&project, &bench, cases, all, &app.reporter)?;
        let report = report(&session);
        if let Some(file) = &self.junit {
            write_junit(&report, file)?;
        }
        report.write(app.format(self.format), &json(&session))?;
        judge(&session, self.strict)
    }
}

fn opened(project: &Project) -> Done<Beneath> {
    let folder = project.real_folder();
    Beneath::open(folder).or_fail(Code::Input, || format!("cannot open {}", folder.display()))
}

fn chosen(mut cases: Vec<Written>, only: Option<&str>) -> Done<Vec<Written>> {
    let Some(only) = only else {
        return Ok(cases);
    };
    let names: Vec<String> = cases.iter().map(|case| case.label.name.clone()).collect();
    cases.retain(|case| case.label.name.contains(only));
    if cases.is_empty() {
        let failure = Failure::new(Code::Input, format!("no case has `{only}` in its name"));
        return Err(failure.hint(format!("there are: {}", names.join(", "))));
    }
    Ok(cases)
}

/// Runs the cases, one after the other, until they are done or interrupted.
fn run_all(
    project: &Project,
    bench: &Bench,
    cases: Vec<Written>,
    all: bool,
    reporter: &Reporter,
) -> Done<Session> {
    let manifest = &project.manifest;
    session::block_on(async {
        let (mut ran, mut used) = (Vec::new(), Used::default());
        let count = cases.len();
        let plural = if count == 1 { "" } else { "s" };
        let step = reporter.step(format!("running {count} case{plural}"));
        for case in cases {
            step.detail(&case.label.name);
            // Dropped, a case ends with all that it started, and leaves no folder.
            ran.push(unless_told(bench.run(&case, &mut used)).await?);
        }
        step.done();
        Ok(Session {
            capsule: manifest.id.to_string(),
            version: manifest.version.to_string(),
            ran,
            manifest: project.path.display().to_string(),
            coverage: all.then(|| Coverage::of(manifest, &used)),
        })
    })
}

fn write_junit(cases: &Report, file: &Path) -> Done {
    let text = junit(cases)?;
    whole_file::write_named(file, |file| file.write_all(text.as_bytes()))
        .or_fail(Code::Machine, || format!("cannot write {}", file.display()))
}

/// Fails if a case failed, or if `strict` asks for more than was covered.
fn judge(session: &Session, strict: bool) -> Done {
    let (failed, all) = (session.failed(), session.ran.len());
    if failed > 0 {
        let text = format!("{failed} of {all} cases failed");
        return Err(Failure::new(Code::Capsule, text));
    }
    let unused: Vec<String> = match &session.coverage {
        Some(coverage) if strict => coverage.unused().map(|one| one.title()).collect(),
        _ => Vec::new(),
    };
    if unused.is_empty() {
        return Ok(());
    }
    let text = format!("no case uses {}", unused.join(", "));
    Err(Failure::new(Code::Capsule, text).hint("add a case, or ask for less in the manifest"))
}
