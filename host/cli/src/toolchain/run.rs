//! Runs a tool to its end and keeps what it prints, so that it can be shown when the tool fails.

use std::io::{self, BufRead as _, BufReader, Read};
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::tree;
use crate::environment::PREFIX;
use crate::interrupt::{self, Listening, Tool};
use crate::report::colours;
use crate::report::reporter::Reporter;

/// The folder in which tools are asked about themselves.
pub(crate) const NEUTRAL: &str = "/";

/// How often a silent tool is looked at: has it ended, has its time run out?
const TICK: Duration = Duration::from_millis(100);

/// How long the output of a tool that has ended may be silent before it counts
/// as complete.
const LINGER: Duration = Duration::from_secs(2);

/// Which of a tool's two streams a line came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// The reason why a tool did not succeed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    /// The program could not be started.
    #[error("cannot start `{program}`")]
    Start {
        program: String,
        #[source]
        source: io::Error,
    },
    /// The program could not be waited for.
    #[error("cannot wait for `{program}`")]
    Wait {
        program: String,
        #[source]
        source: io::Error,
    },
    /// The program ended with an error.
    #[error("{what} failed:\n{output}")]
    Failed { what: String, output: String },
    /// The program took too long and was stopped.
    #[error("`{program}` did not end within {seconds} seconds and was stopped")]
    TimedOut { program: String, seconds: u64 },
    /// The user has ended the program, and so the tool.
    #[error("`{program}` was interrupted")]
    Interrupted { program: String },
}

/// A tool that ended, well or not.
#[derive(Debug)]
pub(crate) struct Finished {
    /// How it ended.
    pub(crate) status: ExitStatus,
    /// Everything it printed on both streams, in the order in which it arrived.
    pub(crate) output: String,
    /// The part of it that came on standard error.
    pub(crate) errors: String,
}

/// Runs `command` without a standard input and keeps its output; shows it at once when the reporter is verbose.
pub(crate) fn quietly(
    command: &mut Command,
    limit: Option<Duration>,
    reporter: &Reporter,
) -> Result<Finished, RunError> {
    let (mut output, mut errors) = (String::new(), String::new());
    let status = lines(command, limit, |stream, line| {
        if reporter.is_verbose() {
            reporter.relay(line);
        }
        let errors = (stream == Stream::Err).then_some(&mut errors);
        for text in [&mut output].into_iter().chain(errors) {
            text.push_str(line);
            text.push('\n');
        }
    })?;
    Ok(Finished {
        status,
        output,
        errors,
    })
}

/// Runs `command` as a step of its own. Fails if it does not succeed.
pub(super) fn succeed(
    command: &mut Command,
    what: &str,
    reporter: &Reporter,
) -> Result<(), RunError> {
    let step = reporter.step(what);
    let finished = quietly(command, None, reporter)?;
    if !finished.status.success() {
        step.failed();
        return Err(failed(what, &finished.output, reporter));
    }
    step.done();
    Ok(())
}

/// Returns the failure of a tool. Output with colours is shown at once, where colours are.
pub(super) fn failed(what: &str, output: &str, reporter: &Reporter) -> RunError {
    let shown = reporter.relays_colours() && colours::has_some(output);
    if shown && !reporter.is_verbose() {
        reporter.relay(output);
    }
    RunError::Failed {
        what: what.to_owned(),
        output: match shown {
            true => "its output is above".to_owned(),
            false => colours::without_colours(output),
        },
    }
}

/// Returns the answer of a tool to a short question, or `None` if the tool is missing or fails.
///
/// Unless the command has a folder, the tool runs in one without settings: settings and modules
/// in a stranger's folder would be executed.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    if command.get_current_dir().is_none() {
        command.current_dir(NEUTRAL);
    }
    let output = without_configuration(command)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Returns what a tool prints on its standard error when it does not answer a short question,
/// or `None` if it is missing or answers.
pub(crate) fn complaint(command: &mut Command) -> Option<String> {
    if command.get_current_dir().is_none() {
        command.current_dir(NEUTRAL);
    }
    let output = without_configuration(command)
        // rustup would add the addresses of its functions.
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    (!output.status.success()).then(|| text.trim().to_owned())
}

/// Runs `command` without a standard input and passes each line of its two streams to `each`.
/// A signal that ends this program also ends the tool, with everything that it has started.
pub(crate) fn lines(
    command: &mut Command,
    limit: Option<Duration>,
    mut each: impl FnMut(Stream, &str),
) -> Result<ExitStatus, RunError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let wait_error = |source| RunError::Wait {
        program: program.clone(),
        source,
    };
    let (_listening, _tool) = (Listening::unless_somebody_does(), Tool::begin());
    let mut child = without_configuration(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| RunError::Start {
            program: program.clone(),
            source,
        })?;

    let (sender, receiver) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        send_lines(stdout, Stream::Out, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        send_lines(stderr, Stream::Err, sender.clone());
    }
    drop(sender);

    let started = Instant::now();
    let mut ended = None;
    loop {
        match receiver.recv_timeout(TICK) {
            Ok((stream, line)) => {
                each(stream, &line);
                ended = None;
            }
            Err(RecvTimeoutError::Disconnected) => return child.wait().map_err(wait_error),
            // What it printed may still be on its way on a busy machine. A process
            // that the tool left behind, though, may hold the pipes open for ever.
            Err(RecvTimeoutError::Timeout) => {
                if let Some(status) = child.try_wait().map_err(wait_error)? {
                    let since = ended.get_or_insert_with(Instant::now);
                    if since.elapsed() > LINGER {
                        return Ok(status);
                    }
                }
            }
        }
        if interrupt::told().is_some() {
            tree::end(&mut child).map_err(wait_error)?;
            return Err(RunError::Interrupted { program });
        }
        if let Some(limit) = limit.filter(|limit| started.elapsed() > *limit) {
            tree::end(&mut child).map_err(wait_error)?;
            return Err(RunError::TimedOut {
                program,
                seconds: limit.as_secs(),
            });
        }
    }
}

/// Keeps capsules' configuration, in which there may be secrets, from a tool and
/// from the build scripts that it runs.
fn without_configuration(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        if name.as_bytes().starts_with(PREFIX.as_bytes()) {
            command.env_remove(name);
        }
    }
    command
}

fn send_lines(stream: impl Read + Send + 'static, which: Stream, sender: Sender<(Stream, String)>) {
    thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while reader
            .read_until(b'\n', &mut line)
            .is_ok_and(|read| read > 0)
        {
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\n', '\r']).to_owned();
            if sender.send((which, text)).is_err() {
                return;
            }
            line.clear();
        }
    });
}

/// Returns a program as a shell would find it, and in the administrator's folders, which
/// an ordinary user's search path often leaves out.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/sbin".into()])
        .map(|folder| folder.join(name))
        .find(|file| is_executable(file))
}

/// Returns whether `file` is a file with an execute permission.
pub(crate) fn is_executable(file: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata()
        .is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_both_streams_and_the_status() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo one; echo two >&2; exit 3"]);
        let mut seen = Vec::new();
        let status = lines(&mut command, None, |stream, line| {
            seen.push((stream, line.to_owned()));
        })
        .unwrap();
        assert_eq!(status.code(), Some(3));
        assert!(seen.contains(&(Stream::Out, "one".to_owned())));
        assert!(seen.contains(&(Stream::Err, "two".to_owned())));
    }

    #[test]
    fn stops_a_tool_that_takes_too_long() {
        let mut command = Command::new("sleep");
        command.arg("60");
        let error = lines(&mut command, Some(Duration::from_millis(50)), |_, _| {}).unwrap_err();
        assert!(matches!(error, RunError::TimedOut { .. }));
    }

    #[test]
    fn does_not_wait_for_what_a_tool_left_behind() {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 20 & echo started"]);
        let started = Instant::now();
        assert!(lines(&mut command, None, |_, _| {}).unwrap().success());
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
