//! Plays one scripted process: at the ends of its streams, of the control socket
//! and of the status pipe, as an init would.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use rustix::fs::FileType;
use rustix::io::Errno;
use rustix::net::RecvFlags;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::unix::pipe;

use super::{Script, ScriptFault, ScriptedEnd, ScriptedProcess};
use crate::sandbox::control::{Control, Ends, Stdio};
use crate::sandbox::error::LaunchError;
use crate::sandbox::held::Held;
use crate::sandbox::init;
use crate::sandbox::launcher::Child;
use crate::sandbox::memory_file;
use crate::sandbox::process::until_readable;
use crate::sandbox::status::{End, Full, Message, Usage};

/// What ends a process unless it says otherwise; the rest is not for it.
const IGNORED: [i32; 8] = [
    libc::SIGCHLD,
    libc::SIGCONT,
    libc::SIGURG,
    libc::SIGWINCH,
    libc::SIGSTOP,
    libc::SIGTSTP,
    libc::SIGTTIN,
    libc::SIGTTOU,
];

/// A process as it plays.
#[derive(Debug)]
pub(super) struct Scene {
    script: Script,
    process: ScriptedProcess,
    /// How many exchanges are over.
    said: AtomicUsize,
}

impl Scene {
    pub(super) fn new(script: Script, process: ScriptedProcess) -> Self {
        Self {
            script,
            process,
            said: AtomicUsize::new(0),
        }
    }

    /// Begins it, in a task of its own, which ends with the control socket.
    pub(super) fn begin(self, stdio: Stdio, held: Held) -> Result<(Child, Ends), LaunchError> {
        let (status, told) = init::pipe().map_err(LaunchError::Pipe)?;
        let complaints = memory_file::scratch("boll-script").map_err(LaunchError::Pipe)?;
        let (control, inside) = Control::new(complaints).map_err(LaunchError::Pipe)?;
        tokio::spawn(async move {
            self.play(stdio, &told, &inside).await;
            drop(held);
        });
        Ok((Child::without_process(), Ends { status, control }))
    }

    async fn play(&self, stdio: Stdio, told: &OwnedFd, control: &OwnedFd) {
        let begins = Instant::now() + self.process.starts_after;
        // What it does at once it has done before a signal reaches it, however
        // late this task is.
        let last = tokio::select! {
            biased;
            last = self.live(stdio, told, begins) => last,
            end = stopped(control) => ended(end, begins),
        };
        if let Some(exchange) = self.process.talk.get(self.said.load(Ordering::Relaxed)) {
            self.script.add(ScriptFault::Unsaid {
                program: self.process.program.clone(),
                expected: exchange.reads.clone(),
            });
        }
        tell(told, &last);
    }

    /// All of it, if nobody stops it. Gives what is told last.
    async fn live(&self, stdio: Stdio, told: &OwnedFd, begins: Instant) -> Message {
        // tokio's timers take a millisecond also for what is over.
        if begins > Instant::now() {
            tokio::time::sleep_until(begins.into()).await;
        }
        let end = match self.process.end {
            ScriptedEnd::NotStarted { step, errno } => return Message::Failed { step, errno },
            ScriptedEnd::Code(code) => End::Code(code),
            ScriptedEnd::Signal(signal) => End::Signal(signal),
        };
        tell(told, &Message::Started);
        let acted = self.act(stdio, end).await;
        ended(acted.unwrap_or_else(|error| end_of(&error)), begins)
    }

    /// What it does until it ends like this. Its streams are closed afterwards.
    async fn act(&self, stdio: Stdio, end: End) -> io::Result<End> {
        let process = &self.process;
        let mut stdin = reader(stdio.stdin)?;
        let mut stdout = writer(stdio.stdout)?;
        let mut stderr = writer(stdio.stderr)?;
        let (out, err) = tokio::join!(
            write(&mut stdout, &process.stdout),
            write(&mut stderr, &process.stderr)
        );
        out.and(err)?;
        for exchange in &process.talk {
            let mut found = Vec::new();
            if !read(&mut stdin, &exchange.reads, &mut found).await? {
                self.deviated(&exchange.reads, found);
                return Ok(End::Code(1));
            }
            write(&mut stdout, &exchange.prints).await?;
            self.said.fetch_add(1, Ordering::Relaxed);
        }
        if process.stays {
            let Some(mut stdin) = stdin else {
                return std::future::pending().await;
            };
            let mut further = [0; 4096];
            let count = stdin.read(&mut further).await?;
            if count > 0 {
                self.deviated(&[], further[..count].to_vec());
                return Ok(End::Code(1));
            }
        }
        Ok(end)
    }

    fn deviated(&self, expected: &[u8], found: Vec<u8>) {
        // What comes after it is not missed besides.
        self.said.store(self.process.talk.len(), Ordering::Relaxed);
        self.script.add(ScriptFault::Deviated {
            program: self.process.program.clone(),
            expected: expected.to_vec(),
            found,
        });
    }
}

fn ended(end: End, began: Instant) -> Message {
    Message::Ended {
        end,
        elapsed: began.elapsed(),
        usage: Usage::default(),
        full: Full::default(),
    }
}

/// Waits for a signal that ends it, or for the host to let it go.
async fn stopped(control: &OwnedFd) -> End {
    let look = || {
        let mut signals = [0; 64];
        match rustix::net::recv(control, &mut signals, RecvFlags::DONTWAIT) {
            Ok((_, 0)) => Some(End::Signal(libc::SIGKILL as u8)),
            Ok((_, count)) => signals[..count]
                .iter()
                .find(|signal| !IGNORED.contains(&i32::from(**signal)))
                .map(|signal| End::Signal(*signal)),
            Err(Errno::AGAIN | Errno::INTR) => None,
            Err(_) => Some(End::Signal(libc::SIGKILL as u8)),
        }
    };
    // What cannot be watched is ended.
    let killed = |_| End::Signal(libc::SIGKILL as u8);
    until_readable(control, look).await.unwrap_or_else(killed)
}

/// A program that writes where nobody reads is ended by SIGPIPE.
fn end_of(error: &io::Error) -> End {
    End::Signal(match error.kind() {
        io::ErrorKind::BrokenPipe => libc::SIGPIPE as u8,
        _ => libc::SIGKILL as u8,
    })
}

/// The host may have gone, and nobody listens any more.
fn tell(told: &OwnedFd, message: &Message) {
    let _ = rustix::io::write(told.as_fd(), &message.encode());
}

/// A stream, if it is a pipe; else it leads nowhere.
fn reader(end: OwnedFd) -> io::Result<Option<pipe::Receiver>> {
    is_pipe(&end)?
        .then(|| pipe::Receiver::from_owned_fd(end))
        .transpose()
}

fn writer(end: OwnedFd) -> io::Result<Option<pipe::Sender>> {
    is_pipe(&end)?
        .then(|| pipe::Sender::from_owned_fd(end))
        .transpose()
}

fn is_pipe(end: &OwnedFd) -> io::Result<bool> {
    let mode = rustix::fs::fstat(end)?.st_mode;
    Ok(FileType::from_raw_mode(mode) == FileType::Fifo)
}

async fn write(stream: &mut Option<pipe::Sender>, bytes: &[u8]) -> io::Result<()> {
    let Some(stream) = stream else {
        return Ok(());
    };
    // tokio does not try a pipe before it was told that there is room.
    let written = match rustix::io::write(&*stream, bytes) {
        Ok(written) => written,
        Err(Errno::AGAIN) => 0,
        Err(errno) => return Err(errno.into()),
    };
    stream.write_all(&bytes[written..]).await
}

/// Reads what is expected and not a byte beyond it, as long as it is that.
async fn read(
    stream: &mut Option<pipe::Receiver>,
    expected: &[u8],
    found: &mut Vec<u8>,
) -> io::Result<bool> {
    let Some(stream) = stream else {
        return Ok(expected.is_empty());
    };
    while found.len() < expected.len() {
        let mut buffer = vec![0; expected.len() - found.len()];
        let count = stream.read(&mut buffer).await?;
        found.extend_from_slice(&buffer[..count]);
        if count == 0 || !expected.starts_with(found) {
            return Ok(false);
        }
    }
    Ok(true)
}
