//! `[[case.process]]`: a command that is not really started.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use boll_host::document::{DocumentError, Whole};
use boll_host::sandbox::{Script, ScriptFault, ScriptedEnd, ScriptedProcess};
use toml::Spanned;

use super::content::{CaseSource, shown};
use super::difference::Difference;
use super::raw::{RawLaunchFailure, RawProcess};

/// The highest signal that the kernel has.
const LAST_SIGNAL: u8 = 64;

/// The scripted processes of one case.
#[derive(Debug, Clone, Default)]
pub(crate) struct Processes {
    processes: Vec<ScriptedProcess>,
    missing: BTreeSet<String>,
}

impl Processes {
    pub(super) fn check(
        place: CaseSource<'_>,
        raw: Vec<Spanned<RawProcess>>,
    ) -> Result<Self, DocumentError> {
        let mut all = Self::default();
        for raw in raw {
            let span = raw.span();
            let raw = raw.into_inner();
            if raw.program.get_ref().is_empty() {
                return Err(place.error(raw.program.span(), "a process needs a program"));
            }
            if raw.missing {
                all.missing.insert(missing(place, raw, span)?);
            } else {
                all.processes.push(scripted(place, raw)?);
            }
        }
        Ok(all)
    }

    pub(super) fn script(&self) -> Script {
        Script::without(self.processes.iter().cloned(), self.missing.iter().cloned())
    }
}

/// Returns the name of a missing program.
fn missing(
    place: CaseSource<'_>,
    raw: RawProcess,
    span: Range<usize>,
) -> Result<String, DocumentError> {
    let nothing = raw.times.is_none()
        && raw.starts_after_ms.is_none()
        && raw.launch_failed.is_none()
        && raw.does_nothing();
    if nothing {
        Ok(raw.program.into_inner())
    } else {
        Err(place.error(
            span,
            "a program that is missing does nothing: leave the rest out",
        ))
    }
}

fn scripted(place: CaseSource<'_>, raw: RawProcess) -> Result<ScriptedProcess, DocumentError> {
    let end = end(place, &raw)?;
    let starts_after = raw.starts_after_ms.unwrap_or(0);
    let mut process = ScriptedProcess::new(raw.program.into_inner())
        .args(raw.args)
        .times(raw.times.map_or(1, Whole::get))
        .stdout(bytes(place, "stdout", raw.stdout, raw.stdout_file)?)
        .stderr(bytes(place, "stderr", raw.stderr, raw.stderr_file)?)
        .starts_after(Duration::from_millis(starts_after.into()))
        .end(end);
    for exchange in raw.talk {
        process = process.exchange(exchange.reads, exchange.prints);
    }
    Ok(if raw.stays { process.stays() } else { process })
}

fn end(place: CaseSource<'_>, raw: &RawProcess) -> Result<ScriptedEnd, DocumentError> {
    let wrong = |span, text: &str| Err(place.error(span, text));
    match (&raw.exit, &raw.signal, &raw.launch_failed) {
        (_, _, Some(failure)) if !raw.does_nothing() => wrong(
            failure.span(),
            "a process that is not started does nothing: leave the rest out",
        ),
        (_, _, Some(failure)) => {
            let RawLaunchFailure { step, errno } = *failure.get_ref();
            Ok(ScriptedEnd::NotStarted { step, errno })
        }
        (Some(_), Some(signal), None) => wrong(
            signal.span(),
            "a process ends by `exit` or by `signal`, not by both",
        ),
        (None, Some(signal), None) if !(1..=LAST_SIGNAL).contains(signal.get_ref()) => wrong(
            signal.span(),
            &format!("a signal is a number from 1 to {LAST_SIGNAL}"),
        ),
        (None, Some(signal), None) => Ok(ScriptedEnd::Signal(*signal.get_ref())),
        (exit, None, None) => {
            let code = exit.as_ref().map_or(0, |code| *code.get_ref());
            Ok(ScriptedEnd::Code(code))
        }
    }
}

impl RawProcess {
    /// Whether nothing is said that only a process that was started can do.
    fn does_nothing(&self) -> bool {
        self.stdout.is_none()
            && self.stdout_file.is_none()
            && self.stderr.is_none()
            && self.stderr_file.is_none()
            && self.talk.is_empty()
            && !self.stays
            && self.exit.is_none()
            && self.signal.is_none()
    }
}

/// A file counts as it is here, whatever its name says.
fn bytes(
    place: CaseSource<'_>,
    key: &str,
    text: Option<Spanned<String>>,
    file: Option<Spanned<PathBuf>>,
) -> Result<Vec<u8>, DocumentError> {
    match (text, file) {
        (Some(_), Some(file)) => Err(place.error(
            file.span(),
            format!("`{key}` is given in two forms: leave one out"),
        )),
        (Some(text), None) => Ok(text.into_inner().into_bytes()),
        (None, Some(file)) => place.bytes(&file),
        (None, None) => Ok(Vec::new()),
    }
}

/// Returns the differences from the script.
pub(super) fn differences(script: &Script) -> Vec<Difference> {
    let faults = script.faults();
    let unused = script.unused();
    let unused = unused.into_iter().map(|process| {
        let what = format!("[[case.process]] {process}");
        Difference::new(what, "a command like this is run", "none, or too few")
    });
    faults.iter().map(fault).chain(unused).collect()
}

fn fault(fault: &ScriptFault) -> Difference {
    match fault {
        ScriptFault::Unanswered { program, args } => {
            let toml = |text: &str| toml::Value::from(text).to_string();
            let words: Vec<String> = args.iter().map(|arg| toml(arg)).collect();
            Difference::new(
                "process",
                "only commands that the case scripts",
                fault.to_string(),
            )
            .hint(format!(
                "to script it, add to the case:\n[[case.process]]\nprogram = {}\nargs = [{}]\n\
                     stdout = \"\"",
                toml(program),
                words.join(", ")
            ))
        }
        ScriptFault::Deviated {
            program,
            expected,
            found,
        } => Difference::new(
            format!("standard input of {program}"),
            shown(expected),
            shown(found),
        ),
        ScriptFault::Unsaid { program, expected } => Difference::new(
            format!("standard input of {program}"),
            shown(expected),
            "it ended before that",
        ),
        other => Difference::new("process", "what the case scripts", other.to_string()),
    }
}
