//! The description of a program to run.

use super::{Error, ExitStatus, Output};
use crate::host;
use std::time::Duration;

/// How many of the newest bytes of each output are kept unless
/// [`Command::capture_limit`] says otherwise: 1 MiB.
const DEFAULT_CAPTURE: u64 = 1 << 20;

/// What becomes of one of a program's outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stdio(Choice);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Null,
    Log,
    Piped,
}

impl Stdio {
    /// Discarded.
    pub fn null() -> Self {
        Self(Choice::Null)
    }

    /// Each line becomes a line of the capsule's log.
    pub fn log() -> Self {
        Self(Choice::Log)
    }

    /// Kept for [`Output`], the newest [`capture_limit`](Command::capture_limit)
    /// bytes of it.
    pub fn piped() -> Self {
        Self(Choice::Piped)
    }
}

/// How the host is asked to keep an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Null,
    Log,
    Ring(u64),
}

/// Limits on a program and all that it starts; each `None` means the host's
/// default. A limit that the machine cannot enforce is refused with
/// [`Error::UnsupportedLimit`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Memory, in bytes.
    pub memory: Option<u64>,
    /// Processor time, in seconds.
    pub cpu_seconds: Option<u64>,
    /// Processes and threads at the same time.
    pub pids: Option<u32>,
    /// Open files of each process.
    pub open_files: Option<u32>,
    /// The largest file that may be written, in bytes.
    pub file_size: Option<u64>,
}

/// A program to run: a builder in the manner of [`std::process::Command`].
///
/// Nothing is inherited: the program starts in the workspace with a small
/// environment, an empty standard input, and no terminal. Texts are UTF-8.
///
/// ```
/// use boll_sdk::process::{Command, Stdio};
/// use std::time::Duration;
///
/// let mut sort = Command::new("sort");
/// sort.arg("--unique")
///     .current_dir("data")
///     .env("LC_ALL", "C")
///     .stdin_bytes("b\na\n")
///     .stderr(Stdio::log())
///     .timeout(Duration::from_secs(5))
///     .label("sort the names");
/// assert_eq!(sort.get_program(), "sort");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    program: String,
    args: Vec<String>,
    current_dir: Option<String>,
    env: Vec<(String, String)>,
    stdin: Option<Vec<u8>>,
    stdout: Option<Stdio>,
    stderr: Option<Stdio>,
    capture_limit: u64,
    limits: Limits,
    timeout: Option<Duration>,
    label: Option<String>,
}

impl Command {
    /// A command for this program: a name that is looked up in the sandbox's
    /// PATH, or an absolute path.
    pub fn new(program: impl Into<String>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            current_dir: None,
            env: Vec::new(),
            stdin: None,
            stdout: None,
            stderr: None,
            capture_limit: DEFAULT_CAPTURE,
            limits: Limits::default(),
            timeout: None,
            label: None,
        }
    }

    /// Adds an argument.
    pub fn arg(&mut self, arg: impl AsRef<str>) -> &mut Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds several arguments.
    pub fn args<I>(&mut self, args: I) -> &mut Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets the directory to start in, relative to the workspace or absolute
    /// below `/workspace`.
    pub fn current_dir(&mut self, dir: impl AsRef<str>) -> &mut Self {
        self.current_dir = Some(dir.as_ref().to_owned());
        self
    }

    /// Sets an environment variable. The grant must list its name.
    pub fn env(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> &mut Self {
        let (name, value) = (name.as_ref(), value.as_ref());
        self.env.retain(|(present, _)| present != name);
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sets what the program reads on its standard input. Unless set, that is
    /// at its end at once.
    pub fn stdin_bytes(&mut self, bytes: impl Into<Vec<u8>>) -> &mut Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// Sets what becomes of the standard output. Unless set, it is
    /// [piped](Stdio::piped) by [`output`](Self::output) and
    /// [logged](Stdio::log) by [`status`](Self::status).
    pub fn stdout(&mut self, stdio: Stdio) -> &mut Self {
        self.stdout = Some(stdio);
        self
    }

    /// Sets what becomes of the standard error, as [`stdout`](Self::stdout).
    pub fn stderr(&mut self, stdio: Stdio) -> &mut Self {
        self.stderr = Some(stdio);
        self
    }

    /// Sets how many of the newest bytes of each piped output are kept: 1 MiB
    /// unless set, at most 64 MiB unless the host sets another limit. How many
    /// were dropped is told in [`Output`].
    pub fn capture_limit(&mut self, bytes: u64) -> &mut Self {
        self.capture_limit = bytes;
        self
    }

    /// Sets the limits on the program and all that it starts.
    pub fn limits(&mut self, limits: Limits) -> &mut Self {
        self.limits = limits;
        self
    }

    /// Sets how long the program may run; then it is ended with all that it
    /// started. Counted in whole milliseconds, rounded up.
    pub fn timeout(&mut self, timeout: Duration) -> &mut Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sets a name for logs and listings, at most 128 bytes.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = Some(label.into());
        self
    }

    /// Runs the program to its end and gives what it wrote.
    ///
    /// # Errors
    ///
    /// When the program did not start. A program that fails is no error: look
    /// at [`Output::status`].
    pub fn output(&mut self) -> Result<Output, Error> {
        host::run(self, Stdio::piped())
    }

    /// Runs the program to its end and gives how it ended.
    ///
    /// # Errors
    ///
    /// As [`output`](Self::output).
    pub fn status(&mut self) -> Result<ExitStatus, Error> {
        host::run(self, Stdio::log()).map(|output| output.status)
    }

    /// The program.
    pub fn get_program(&self) -> &str {
        &self.program
    }

    /// The arguments, without the program.
    pub fn get_args(&self) -> &[String] {
        &self.args
    }

    /// The directory to start in, if it was set.
    pub fn get_current_dir(&self) -> Option<&str> {
        self.current_dir.as_deref()
    }

    /// The environment variables that were set, as names and values.
    pub fn get_envs(&self) -> &[(String, String)] {
        &self.env
    }

    /// What the program reads on its standard input, if it was set.
    pub fn get_stdin(&self) -> Option<&[u8]> {
        self.stdin.as_deref()
    }

    /// The limits.
    pub fn get_limits(&self) -> Limits {
        self.limits
    }

    /// How long the program may run, if that was set.
    pub fn get_timeout(&self) -> Option<Duration> {
        self.timeout
    }

    /// The name for logs and listings, if it was set.
    pub fn get_label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// How stdout and stderr are kept, where `unset` is for those not set.
    pub(crate) fn keeps(&self, unset: Stdio) -> [Keep; 2] {
        [self.stdout, self.stderr].map(|stdio| match stdio.unwrap_or(unset).0 {
            Choice::Null => Keep::Null,
            Choice::Log => Keep::Log,
            Choice::Piped => Keep::Ring(self.capture_limit),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn setting_a_variable_again_replaces_it() {
        let mut command = Command::new("env");
        command.env("A", "1").env("B", "2").env("A", "3");
        assert_eq!(
            command.get_envs(),
            [("B".into(), "2".into()), ("A".into(), "3".into())]
        );
    }

    #[test]
    fn output_pipes_and_status_logs_what_is_not_set() {
        let mut command = Command::new("git");
        command.capture_limit(7).stderr(Stdio::null());
        assert_eq!(command.keeps(Stdio::piped()), [Keep::Ring(7), Keep::Null]);
        assert_eq!(command.keeps(Stdio::log()), [Keep::Log, Keep::Null]);
    }

    #[test]
    fn the_newest_bytes_are_kept_and_the_dropped_ones_counted() {
        let _host = fake::Host::new()
            .process(|_| Ok(fake::exited(3, "abcdef", "xyz")))
            .install();
        let output = Command::new("git").capture_limit(4).output().unwrap();
        assert_eq!(output.stdout, b"cdef");
        assert_eq!((output.stdout_dropped, output.stderr_dropped), (2, 0));
        assert_eq!(output.status.code(), Some(3));
        let status = Command::new("git").status().unwrap();
        assert!(!status.success());
    }
}
