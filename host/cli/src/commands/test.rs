//! `boll test`: runs a capsule's own cases.

use std::fs;
use std::path::Path;

use crate::args::{Arguments, Test, TestFormat};
use crate::beneath::Beneath;
use crate::cases::report::{Report, junit, table};
use crate::failure::{Code, Done, Failure};
use crate::interrupt::Told;
use crate::operator::Operator;
use crate::output::Output;
use crate::project::Project;
use crate::report::reporter::Reporter;
use crate::session;
use crate::testing::Session;
use crate::testing::cases::{self, Written};
use crate::testing::coverage::{Coverage, Used};
use crate::testing::fixtures::Fixtures;
use crate::testing::report::{json, report};
use crate::testing::run::Bench;
use crate::trust::Consent;

pub(crate) fn run(test: &Test, arguments: &Arguments, reporter: &Reporter) -> Done {
    let project = Project::open(&test.capsule)?;
    let operator = Operator::read(arguments.policy.as_deref(), &arguments.expose)?;
    let folder = opened(&project)?;
    let judge = |path: &Path| operator.refusal_to_copy(path);
    let cases = cases::find(&project, &Fixtures::looked_at(&folder, &judge), &folder)?;
    let cases = chosen(cases, test.only.as_deref())?;
    let consent = Consent::by_flag(test.trust);
    project.require_for_cases(consent)?;
    let component = project.component(consent, reporter)?;
    let manifest = project.manifest.clone();
    let bench = Bench::new(manifest, folder, component.bytes, test.processes, operator);
    let session = run_all(&project, &bench, cases, test.only.is_none(), reporter)?;
    let format = test.format.unwrap_or(match arguments.output {
        Output::Text => TestFormat::Table,
        Output::Json => TestFormat::Json,
    });
    let cases = report(&session);
    if let Some(file) = &test.junit {
        write_junit(&cases, file)?;
    }
    match format {
        TestFormat::Table => crate::report::text(&table(&cases))?,
        TestFormat::Json => crate::report::json(&json(&session))?,
        TestFormat::Junit => crate::report::result(junit(&cases)?.as_bytes())?,
    }
    verdict(&session, test.strict)
}

fn opened(project: &Project) -> Done<Beneath> {
    let folder = project.real_folder();
    Beneath::open(folder).map_err(|error| {
        let text = format!("cannot open {}: {error}", folder.display());
        Failure::new(Code::Input, text)
    })
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
        let mut told = Told::listen()?;
        let (mut ran, mut used) = (Vec::new(), Used::default());
        let count = cases.len();
        let plural = if count == 1 { "" } else { "s" };
        let step = reporter.step(format!("running {count} case{plural}"));
        for case in cases {
            step.detail(&case.label.name);
            // Dropped, a case ends with all that it started, and leaves no folder.
            tokio::select! {
                done = bench.run(&case, &mut used) => ran.push(done?),
                words = told.came() => return Err(Failure::new(Code::Interrupted, words)),
            }
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
    fs::write(file, junit(cases)?).map_err(|error| {
        let text = format!("cannot write {}: {error}", file.display());
        Failure::new(Code::Machine, text)
    })
}

fn verdict(session: &Session, strict: bool) -> Done {
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
