//! The description of a program to run.

use super::stdio::{Ends, Input, Keep, Source};
use super::{Child, Error, ExitStatus, Output, Stdio};
use crate::host;
use std::time::Duration;

/// How many of the newest bytes of each output are kept unless
/// [`Command::capture_limit`] says otherwise: 1 MiB.
const DEFAULT_CAPTURE: u64 = 1 << 20;

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
    stdin: Option<Source>,
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
        self.stdin = Some(Source::Bytes(bytes.into()));
        self
    }

    /// Sets what is connected to the standard input:
    /// [piped](Stdio::piped) or [null](Stdio::null). Takes the place of
    /// [`stdin_bytes`](Self::stdin_bytes).
    pub fn stdin(&mut self, stdio: Stdio) -> &mut Self {
        self.stdin = Some(Source::Stdio(stdio));
        self
    }

    /// Sets what becomes of the standard output. Unless set, it is
    /// [piped](Stdio::piped) by [`output`](Self::output) and
    /// [logged](Stdio::log) by [`status`](Self::status) and
    /// [`spawn`](Self::spawn).
    pub fn stdout(&mut self, stdio: Stdio) -> &mut Self {
        self.stdout = Some(stdio);
        self
    }

    /// Sets what becomes of the standard error, as [`stdout`](Self::stdout).
    pub fn stderr(&mut self, stdio: Stdio) -> &mut Self {
        self.stderr = Some(stdio);
        self
    }

    /// Sets how many of the newest bytes of each piped output are kept by
    /// [`output`](Self::output): 1 MiB unless set, at most 64 MiB unless the
    /// host sets another limit. How many were dropped is told in [`Output`].
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
        host::run(self, self.ends_of_run(Stdio::piped())?)
    }

    /// Runs the program to its end and gives how it ended.
    ///
    /// # Errors
    ///
    /// As [`output`](Self::output).
    pub fn status(&mut self) -> Result<ExitStatus, Error> {
        host::run(self, self.ends_of_run(Stdio::log())?).map(|output| output.status)
    }

    /// Starts the program and lets it run beside the capsule.
    ///
    /// # Errors
    ///
    /// When the command was not accepted. That a step of starting it failed
    /// may be told by [`Child::wait`] instead.
    ///
    /// ```
    /// # use boll_sdk::{fake, process};
    /// # let _host = fake::Host::new().children(|_| Ok(fake::cat())).install();
    /// use boll_sdk::process::{Command, Stdio};
    /// use std::io::Write as _;
    ///
    /// let mut child = Command::new("cat")
    ///     .stdin(Stdio::piped())
    ///     .stdout(Stdio::piped())
    ///     .spawn()?;
    /// child.stdin.take().expect("it is piped").write_all(b"hello\n")?;
    /// let output = child.wait_with_output()?;
    /// assert!(output.status.success());
    /// assert_eq!(output.stdout, b"hello\n");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn spawn(&mut self) -> Result<Child, Error> {
        let ends = self.ends_of_child()?;
        Ok(Child::spawned(host::spawn(self, ends)?, ends))
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

    /// The bytes that the program reads on its standard input, if they were
    /// set.
    pub fn get_stdin(&self) -> Option<&[u8]> {
        match &self.stdin {
            Some(Source::Bytes(bytes)) => Some(bytes),
            Some(Source::Stdio(_)) | None => None,
        }
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

    /// What is connected while the capsule waits for the program, where
    /// `unset` is for outputs that are not set.
    fn ends_of_run(&self, unset: Stdio) -> Result<Ends<'_>, Error> {
        let piped = Keep::Ring(self.capture_limit);
        Ok(Ends {
            stdin: match &self.stdin {
                Some(source) => source.for_run()?,
                None => Input::Null,
            },
            stdout: self.stdout.unwrap_or(unset).keep(piped),
            stderr: self.stderr.unwrap_or(unset).keep(piped),
        })
    }

    /// What is connected to a child that runs beside the capsule.
    fn ends_of_child(&self) -> Result<Ends<'_>, Error> {
        let unset = Stdio::log();
        Ok(Ends {
            stdin: match &self.stdin {
                Some(source) => source.for_child()?,
                None => Input::Null,
            },
            stdout: self.stdout.unwrap_or(unset).keep(Keep::Stream),
            stderr: self.stderr.unwrap_or(unset).keep(Keep::Stream),
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
        let piped = command.ends_of_run(Stdio::piped()).unwrap();
        assert_eq!((piped.stdout, piped.stderr), (Keep::Ring(7), Keep::Null));
        let logged = command.ends_of_run(Stdio::log()).unwrap();
        assert_eq!((logged.stdout, logged.stderr), (Keep::Log, Keep::Null));
    }

    #[test]
    fn a_pipe_is_a_ring_for_output_and_a_stream_for_spawn() {
        let mut command = Command::new("git");
        command.stdout(Stdio::piped()).stderr(Stdio::ring(3));
        let run = command.ends_of_run(Stdio::log()).unwrap();
        assert_eq!(run.stdout, Keep::Ring(DEFAULT_CAPTURE));
        assert_eq!(run.stderr, Keep::Ring(3));
        let child = command.ends_of_child().unwrap();
        assert_eq!(child.stdout, Keep::Stream);
        assert_eq!(child.stderr, Keep::Ring(3));
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
