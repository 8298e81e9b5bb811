//! `boll conformance`: the suite, on Boll or on any other host.

use std::path::{Path, PathBuf};
use std::thread::available_parallelism;
use std::time::Duration;

use clap::{Args, value_parser};
use serde_json::json;

use super::Verb;
use crate::args::App;
use crate::cases::report::Format;
use crate::conformance::expectations::Expectations;
use crate::conformance::list::list;
use crate::conformance::report;
use crate::conformance::runner::{self, Run};
use crate::conformance::serve;
use crate::conformance::suite::Suite;
use crate::conformance::{archive, build, mutants};
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::foreign;
use crate::report::{json_line, prose, result};
use crate::session;
use crate::trust::{self, Consent, Purpose};

/// Run the conformance suite, on this host or on any other
#[derive(Debug, Args)]
pub(crate) struct Conformance {
    /// The host to test: a program that speaks the protocol of docs/conformance.md, and its
    /// arguments [default: this program]
    #[arg(long, value_name = "COMMAND")]
    host: Option<String>,

    /// The suite: its folder, or an archive that --pack wrote
    /// [default: the one in the checkout around the current folder]
    #[arg(long, value_name = "DIR|ARCHIVE")]
    suite: Option<PathBuf>,

    /// Only these cases; `*` matches anything; may be repeated
    #[arg(long, value_name = "PATTERN")]
    only: Vec<String>,

    /// The format of the results [default: table; json with --output json]
    #[arg(long, value_enum)]
    format: Option<Format>,

    /// A file of expected results: the cases that the host fails or does not support
    #[arg(long, value_name = "FILE")]
    expect: Option<PathBuf>,

    /// How long a host may take for one answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = value_parser!(u64).range(1..))]
    timeout: u64,

    /// Cases at a time, each in its own host [default: one per processor]
    #[arg(long, value_name = "NUMBER")]
    jobs: Option<usize>,

    /// Let cases grant the network, which is this machine's; such cases are refused otherwise
    #[arg(long)]
    allow_network: bool,

    /// Build a suite's folder that was not built here before; this runs its build scripts as you
    #[arg(long)]
    build: bool,

    /// List the cases without running any; with --mutants, the faults
    #[arg(long, conflicts_with_all = ["host", "expect", "pack"])]
    list: bool,

    /// Give the host one fault after the other, and check that a case notices each
    #[arg(long, conflicts_with_all = ["expect", "pack"])]
    mutants: bool,

    /// Write the suite into one archive with built components, without running it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["host", "expect"])]
    pack: Option<PathBuf>,

    /// Act as the host: read requests from standard input, answer on standard output
    #[arg(long, conflicts_with_all = ["host", "suite", "only", "expect", "list", "mutants", "pack", "build"])]
    serve: bool,
}

impl Verb for Conformance {
    fn run(&self, app: &App) -> Done {
        if self.serve {
            return serve::serve();
        }
        let format = app.format(self.format);
        let mut suite = self.open(app)?;
        let expectations = match &self.expect {
            Some(file) => Expectations::read(file, &suite)?,
            None => Expectations::default(),
        };
        suite.only(&self.only)?;
        if self.list {
            let list = match self.mutants {
                true => mutants::list(&suite, format)?,
                false => list(&suite, format)?,
            };
            return match format {
                Format::Table => prose(&list),
                _ => result(list.as_bytes()),
            };
        }
        if let Some(file) = &self.pack {
            let cases = archive::pack(&suite, file)?;
            return match app.is_json() {
                false => result(file.display().to_string().as_bytes()),
                true => json_line(&json!({"archive": file, "cases": cases})),
            };
        }
        if !self.allow_network {
            suite.refuse_network()?;
        }
        let command = self.command()?;
        let how = Run {
            command: &command,
            patience: Duration::from_secs(self.timeout),
            jobs: self.jobs.unwrap_or_else(processors),
            expectations: &expectations,
        };
        if self.mutants {
            return self.run_mutants(suite, &how, format, app);
        }
        let results = runner::run(&suite, &how, &app.reporter)?;
        report::report(&results).write(format, &report::json(&results))?;
        let unexpected = results.cases.iter().filter(|case| !case.is_expected());
        let (count, all) = (unexpected.count(), results.cases.len());
        if count == 0 {
            return Ok(());
        }
        let text = format!("{count} of {all} cases ended otherwise than expected");
        Err(Failure::new(Code::Capsule, text))
    }
}

impl Conformance {
    /// Returns the suite that is meant, its components built if it is to be run.
    fn open(&self, app: &App) -> Done<Suite> {
        let in_checkout = |suite: &Path| match self.list {
            true => build::unbuilt(suite),
            false => {
                let folder = require_consent(suite, Consent::by_flag(self.build))?;
                build::built(&folder, &app.reporter)
            }
        };
        match self.suite.as_deref() {
            Some(path) if build::is_source(path) => in_checkout(path),
            Some(path) if path.is_dir() => Suite::unpacked(path),
            Some(path) => archive::unpack(path),
            None => {
                let suite = build::of_checkout(&session::current_folder()?).ok_or_else(|| {
                    Failure::new(Code::Input, "the current folder is in no checkout of Boll")
                        .hint("--suite FILE takes an archive, which --pack makes in a checkout")
                })?;
                in_checkout(&suite)
            }
        }
    }

    /// Tries every fault that the cases are to notice.
    fn run_mutants(&self, suite: Suite, how: &Run<'_>, format: Format, app: &App) -> Done {
        // Building a folder's guests runs its build scripts as the user, who agreed to that.
        let is_built_here = self.suite.as_deref().is_none_or(build::is_source);
        if !is_built_here && !self.allow_network {
            let text = "a fault gives the processes of the suite the network of this machine";
            return Err(Failure::new(Code::NotGranted, text)
                .hint("to let the suite have it: --allow-network"));
        }
        let mutants = mutants::run(suite, how, &app.reporter)?;
        mutants.report().write(format, &mutants.json())?;
        match mutants.unproven() {
            0 => Ok(()),
            count => {
                let text = format!("{count} faults or cases are not proven");
                Err(Failure::new(Code::Capsule, text))
            }
        }
    }

    /// Returns the host's program and arguments.
    fn command(&self) -> Done<Vec<String>> {
        let Some(host) = &self.host else {
            let program = std::env::current_exe()
                .or_fail(Code::Machine, || "this program cannot be found".to_owned())?;
            let program = program.display().to_string();
            return Ok(vec![program, "conformance".into(), "--serve".into()]);
        };
        shlex::split(host)
            .filter(|words| !words.is_empty())
            .ok_or_else(|| Failure::new(Code::Input, format!("--host `{host}` is no command")))
    }
}

/// Building runs what a suite's folder brings, so it needs the consent that building a
/// capsule needs. Returns the folder that was consented to.
fn require_consent(suite: &Path, consent: Consent) -> Done<PathBuf> {
    let failed = || format!("cannot open {}", suite.display());
    let folder = suite.canonicalize().or_fail(Code::Input, failed)?;
    let manifest = foreign::text(&folder.join("Cargo.toml")).or_fail(Code::Input, failed)?;
    match trust::require(&folder, &manifest, None, Purpose::Build, consent) {
        Ok(true) => trust::remember(&folder, &manifest, None),
        Ok(false) => {}
        Err(refusal) if refusal.code == Code::NotGranted => {
            let text = format!(
                "the suite in {} was not built here before, or is of another user: building it \
                 runs its own build scripts as you",
                folder.display()
            );
            let failure = Failure::new(Code::NotGranted, text);
            return Err(failure.hint("to build it: add --build"));
        }
        Err(failure) => return Err(failure),
    }
    Ok(folder)
}

fn processors() -> usize {
    available_parallelism().map_or(1, usize::from)
}
