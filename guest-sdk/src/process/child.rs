//! A child that runs beside the capsule.

use super::stdio::{Ends, Input, Keep};
use super::{
    ChildError, ChildId, ChildStderr, ChildStdin, ChildStdout, ExitStatus, Output, RingReader,
    Signal, Status,
};
use crate::host;
use std::cell::Cell;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

/// One of a child's outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Channel {
    Stdout,
    Stderr,
}

/// The host's handle. Only the [`Child`] holds it; its ends refer to it weakly,
/// so that the tree ends with the `Child` and not with the last of its ends.
pub(super) struct Handle {
    pub(super) child: host::Child,
    /// Once it is detached, dropping the input does not close it.
    pub(super) detached: Cell<bool>,
}

/// A child that runs beside the capsule, or has ended: in the manner of
/// [`std::process::Child`].
///
/// Unlike in `std`, dropping a `Child` **ends it**, with all that it started,
/// unless it was [detached](Self::detach). So does the end of the capsule's
/// call: a child that is not detached never outlives it.
///
/// ```
/// # use boll_sdk::{fake, process};
/// # let _host = fake::Host::new().children(|_| Ok(fake::lines(|line, console| {
/// #     if line == "1 + 1" { console.stdout("2\n") }
/// # }))).install();
/// use boll_sdk::process::{Command, Stdio};
/// use std::io::{BufRead as _, BufReader, Write as _};
///
/// let mut python = Command::new("python3")
///     .args(["-i", "-u"])
///     .stdin(Stdio::piped())
///     .stdout(Stdio::piped())
///     .spawn()?;
/// let mut stdin = python.stdin.take().expect("it is piped");
/// let mut stdout = BufReader::new(python.stdout.take().expect("it is piped"));
///
/// writeln!(stdin, "1 + 1")?;
/// let mut answer = String::new();
/// stdout.read_line(&mut answer)?;
/// assert_eq!(answer, "2\n");
///
/// drop(stdin);
/// assert!(python.wait()?.success());
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Child {
    /// The child's standard input, when it is [piped](super::Stdio::piped).
    pub stdin: Option<ChildStdin>,
    /// The child's standard output, when it is piped.
    pub stdout: Option<ChildStdout>,
    /// The child's standard error, when it is piped.
    pub stderr: Option<ChildStderr>,
    handle: Rc<Handle>,
}

impl Child {
    /// A child that was started with these ends.
    pub(super) fn spawned(child: host::Child, ends: Ends<'_>) -> Self {
        let handle = Rc::new(Handle {
            child,
            detached: Cell::new(false),
        });
        Self {
            stdin: (ends.stdin == Input::Pipe).then(|| ChildStdin::of(&handle)),
            stdout: (ends.stdout == Keep::Stream).then(|| ChildStdout::of(&handle)),
            stderr: (ends.stderr == Keep::Stream).then(|| ChildStderr::of(&handle)),
            handle,
        }
    }

    /// A child that was detached before. How it keeps its streams only the
    /// host knows, and says when they are used.
    pub(super) fn attached(child: host::Child) -> Self {
        let handle = Rc::new(Handle {
            child,
            detached: Cell::new(true),
        });
        Self {
            stdin: Some(ChildStdin::of(&handle)),
            stdout: Some(ChildStdout::of(&handle)),
            stderr: Some(ChildStderr::of(&handle)),
            handle,
        }
    }

    /// The child's id, which is unguessable and good for this capsule and
    /// principal only.
    pub fn id(&self) -> ChildId {
        ChildId::from(self.handle.child.id())
    }

    /// Waits until the child has ended. Its standard input is closed first,
    /// unless it was taken out of the `Child`.
    ///
    /// # Errors
    ///
    /// [`ChildError::LaunchFailed`] when a step of starting the program
    /// failed.
    pub fn wait(&mut self) -> Result<ExitStatus, ChildError> {
        self.close_stdin()?;
        let exit = self.handle.child.wait(None)?;
        exit.ok_or_else(|| ChildError::Host("a wait without an end ended".to_owned()))
    }

    /// How the child ended; `None` while it runs.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn try_wait(&mut self) -> Result<Option<ExitStatus>, ChildError> {
        self.wait_timeout(Duration::ZERO)
    }

    /// Waits until the child has ended, at most this long; `None` when it
    /// still runs then. Counted in whole milliseconds, rounded up. The
    /// standard input stays open.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Option<ExitStatus>, ChildError> {
        self.handle.child.wait(Some(timeout))
    }

    /// Closes the child's standard input, reads its piped outputs to their end
    /// and waits for the child's. Outputs that are kept in rings are given as
    /// they are at the end.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn wait_with_output(mut self) -> Result<Output, ChildError> {
        self.close_stdin()?;
        let stdout = open(self.stdout.take().map(ChildStdout::into_stream))?;
        let stderr = open(self.stderr.take().map(ChildStderr::into_stream))?;
        let streamed = [stdout.is_some(), stderr.is_some()];
        let [stdout, stderr] = host::read_to_end([stdout, stderr])?;
        self.handle.child.wait(None)?;
        // It has ended, so this only gives what it left behind.
        let mut output = self.handle.child.kill()?;
        if streamed[0] {
            output.stdout = stdout;
        }
        if streamed[1] {
            output.stderr = stderr;
        }
        Ok(output)
    }

    /// Kills the child and all that it started, waits for its end, and gives
    /// what it left in its rings. A child that has ended stays as it is.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    pub fn kill(&mut self) -> Result<Output, ChildError> {
        self.handle.child.kill()
    }

    /// Sends a signal to the child and all that it started.
    ///
    /// # Errors
    ///
    /// Those of the host.
    pub fn signal(&mut self, signal: Signal) -> Result<(), ChildError> {
        self.handle.child.signal(signal)
    }

    /// Interrupts the child and all that it started, terminates it after this
    /// grace period, 2 s unless given, and then kills it; waits for its end.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
    ///
    /// ```
    /// # use boll_sdk::fake;
    /// # let _host = fake::Host::new().children(|_| Ok(fake::cat())).install();
    /// use boll_sdk::process::{Cause, Command, Stdio};
    /// use std::time::Duration;
    ///
    /// let mut server = Command::new("server").stdin(Stdio::piped()).spawn()?;
    /// let status = server.stop(Duration::from_millis(500))?;
    /// assert_eq!(status.cause(), Cause::Requested);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stop(&mut self, grace: impl Into<Option<Duration>>) -> Result<ExitStatus, ChildError> {
        self.handle.child.stop(grace.into())
    }

    /// How far the child is and what it used so far.
    pub fn status(&self) -> Status {
        self.handle.child.status()
    }

    /// A reader of the standard output, which is kept in a
    /// [ring](super::Stdio::ring). It begins with the oldest byte that is
    /// kept; each reader has a position of its own.
    pub fn stdout_ring(&self) -> RingReader {
        RingReader::new(&self.handle, Channel::Stdout)
    }

    /// The same for the standard error.
    pub fn stderr_ring(&self) -> RingReader {
        RingReader::new(&self.handle, Channel::Stderr)
    }

    /// Lets the child live on when this `Child` is dropped and when the call
    /// ends, as long as the capsule stays loaded. A later call finds it with
    /// [`attach`](super::attach).
    ///
    /// From then on dropping its [`ChildStdin`] leaves the input open.
    ///
    /// # Errors
    ///
    /// Those of the host.
    pub fn detach(&mut self) -> Result<ChildId, ChildError> {
        let id = self.handle.child.detach()?;
        self.handle.detached.set(true);
        Ok(ChildId::from(id))
    }

    /// Closes the input that nobody took. It may have ended with the child,
    /// and an attached child may have none.
    fn close_stdin(&mut self) -> Result<(), ChildError> {
        match self.stdin.take().map(ChildStdin::close) {
            None | Some(Ok(()) | Err(ChildError::Closed | ChildError::WrongStream)) => Ok(()),
            Some(Err(error)) => Err(error),
        }
    }
}

/// An attached child may keep its outputs in another way than as streams.
fn open(
    stream: Option<Result<host::InputStream, ChildError>>,
) -> Result<Option<host::InputStream>, ChildError> {
    match stream.transpose() {
        Err(ChildError::WrongStream) => Ok(None),
        other => other,
    }
}

impl fmt::Debug for Child {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child")
            .field("id", &self.id())
            .field("stdin", &self.stdin)
            .field("stdout", &self.stdout)
            .field("stderr", &self.stderr)
            .finish()
    }
}

#[cfg(test)]
mod tests;
