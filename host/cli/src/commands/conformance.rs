//! `boll conformance`: the suite, on Boll or on any other host.

use std::path::Path;
use std::thread::available_parallelism;
use std::time::Duration;

use crate::args::{Arguments, Conformance};
use crate::cases::report::{junit, table, tap};
use crate::conformance::expectations::Expectations;
use crate::conformance::list::list;
use crate::conformance::report::{self, Format};
use crate::conformance::runner::{self, Results, Run};
use crate::conformance::serve;
use crate::conformance::suite::Suite;
use crate::conformance::{archive, build};
use crate::failure::{Code, Done, Failure};
use crate::output::Output;
use crate::report::json_line;
use crate::report::reporter::Reporter;
use crate::trust;

/// Runs the command.
pub(crate) fn run(asked: &Conformance, arguments: &Arguments, reporter: &Reporter) -> Done {
    if asked.serve {
        return serve::serve();
    }
    let format = asked.format.unwrap_or(match arguments.output {
        Output::Text => Format::Table,
        Output::Json => Format::Json,
    });
    let mut suite = open(asked, reporter)?;
    let expectations = match &asked.expect {
        Some(file) => Expectations::read(file, &suite)?,
        None => Expectations::default(),
    };
    suite.only(&asked.only)?;
    if asked.list {
        return crate::report::result(list(&suite, format)?.as_bytes());
    }
    if let Some(file) = &asked.pack {
        let cases = archive::pack(&suite, file)?;
        return match arguments.output {
            Output::Text => crate::report::result(file.display().to_string().as_bytes()),
            Output::Json => json_line(&serde_json::json!({"archive": file, "cases": cases})),
        };
    }
    if !asked.allow_network {
        suite.refuse_network()?;
    }
    let results = runner::run(
        &suite,
        &Run {
            command: &command(asked.host.as_deref())?,
            patience: Duration::from_secs(asked.timeout),
            jobs: asked.jobs.unwrap_or_else(processors),
            expectations: &expectations,
        },
        reporter,
    )?;
    write(&results, format)?;
    let unexpected = results.cases.iter().filter(|case| !case.is_expected());
    match unexpected.count() {
        0 => Ok(()),
        count => Err(Failure::new(
            Code::Capsule,
            format!(
                "{count} of {} cases ended otherwise than expected",
                results.cases.len()
            ),
        )),
    }
}

/// Writes what became of the cases to standard output.
fn write(results: &Results, format: Format) -> Done {
    let report = report::report(results);
    match format {
        Format::Table => crate::report::text(&table(&report)),
        Format::Tap => crate::report::result(tap(&report).as_bytes()),
        Format::Junit => crate::report::result(junit(&report)?.as_bytes()),
        Format::Json => crate::report::json(&report::json(results)),
        Format::Markdown => Err(
            Failure::new(Code::Input, "results are not written as Markdown")
                .hint("--list --format markdown writes what the suite covers"),
        ),
    }
}

/// The suite that is meant, its components built where it is to be run.
fn open(asked: &Conformance, reporter: &Reporter) -> Done<Suite> {
    let in_checkout = |suite: &Path| {
        if asked.list {
            build::unbuilt(suite)
        } else {
            build::built(suite, reporter)
        }
    };
    match asked.suite.as_deref() {
        Some(path) if build::is_source(path) => in_checkout(path),
        Some(path) if path.is_dir() => Suite::unpacked(path),
        Some(path) => archive::unpack(path),
        None => {
            let current = std::env::current_dir().map_err(|error| {
                let text = format!("the current folder cannot be found: {error}");
                Failure::new(Code::Input, text)
            })?;
            let suite = build::of_checkout(&current).ok_or_else(|| {
                Failure::new(Code::Input, "the current folder is in no checkout of Boll")
                    .hint("--suite FILE takes an archive, which --pack makes in a checkout")
            })?;
            if !asked.list {
                require_own(&suite)?;
            }
            in_checkout(&suite)
        }
    }
}

/// Building runs what a checkout brings: one that is only around the current
/// folder has to be this program's own.
fn require_own(suite: &Path) -> Done {
    let own = trust::trusted_checkouts();
    let real = suite.canonicalize().unwrap_or_default();
    if own.iter().any(|checkout| real.starts_with(checkout)) {
        return Ok(());
    }
    let shown = suite.display();
    let text = format!("{shown} is not of the checkout that this program was built from");
    Err(Failure::new(Code::NotGranted, text).hint(format!(
        "building it runs its build scripts as you; to do so: --suite {shown}"
    )))
}

/// The host's program and arguments.
fn command(host: Option<&str>) -> Done<Vec<String>> {
    match host {
        Some(host) => shlex::split(host)
            .filter(|words| !words.is_empty())
            .ok_or_else(|| Failure::new(Code::Input, format!("--host `{host}` is no command"))),
        None => {
            let program = std::env::current_exe().map_err(|error| {
                Failure::new(
                    Code::Machine,
                    format!("this program cannot be found: {error}"),
                )
            })?;
            let program = program.display().to_string();
            Ok(vec![
                program,
                "conformance".to_owned(),
                "--serve".to_owned(),
            ])
        }
    }
}

fn processors() -> usize {
    available_parallelism().map_or(1, usize::from)
}
