//! Work on bytes that nobody vouches for, in a process of its own: it may take
//! no more memory and time than it is given, and its end, whatever it dies of, is
//! an error here. It ends with the host.
//!
//! What it returns is trusted: it is the host's own program, or another that the
//! embedder names. The limits are against bytes that make a parser or a compiler
//! recurse, grow or go on without end. It is no sandbox: it has the host's user,
//! and no other descriptor or variable of the host's.
//!
//! The host writes to standard input (the limits, the length, the bytes), and
//! keeps it open: its end tells the worker that the host has ended. The result
//! goes into a file without a name, which is standard output.

mod ulimit;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom, Write};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitCode, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, PidfdFlags, Resource, Rlimit, Signal};

use self::ulimit::{DATA, FILE, PROGRAM, SPACE, TIME, Ulimit};
use super::process::wait_readable;
use super::{memory_file, usage};

/// A program that does such work: it calls [`serve_worker`] when it is started with
/// these arguments.
///
/// ```
/// use boll_host::sandbox::Worker;
///
/// let worker = Worker::new("/proc/self/exe", ["--compile"]);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worker {
    program: PathBuf,
    args: Vec<OsString>,
}

/// What the program of a worker ends with.
pub type WorkerExit = ExitCode;

/// What one piece of work may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkerLimits {
    /// Memory, in bytes; the result is held to it too.
    pub memory: u64,
    /// Time of the processor, of all threads together. Four times as long may
    /// pass on a clock.
    pub time: Duration,
}

/// Why a piece of work came to nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkerError {
    /// The program cannot be started, or be talked to.
    #[error("the worker cannot be run")]
    Run(#[source] io::Error),
    /// The work itself says why.
    #[error("{0}")]
    Refused(String),
    /// It took all its memory.
    #[error("it takes more than {} MiB of memory", .0 >> 20)]
    Memory(u64),
    /// It took all its time.
    #[error("it takes more than {} s of processor time", .0.as_secs())]
    Time(Duration),
    /// It took all that a limit of this process leaves it, which is less than it was given.
    #[error("it takes more than this process may use: `ulimit -{option}` is {value}")]
    Ulimit {
        /// The option of `ulimit` that shows the limit: `d`, `f`, `t` or `v`.
        option: char,
        /// What that shows: seconds, or KiB.
        value: u64,
    },
    /// It recursed too deep.
    #[error("it nests too deep for the reader's stack")]
    Stack,
    /// The worker died of something else: a fault of the program.
    #[error("the worker failed ({status}){}", if .said.is_empty() { String::new() } else { format!(": {said}") })]
    Failed {
        /// How it ended.
        status: ExitStatus,
        /// The last that it wrote to standard error.
        said: String,
    },
    /// It was stopped.
    #[error("it was stopped")]
    Stopped,
}

/// Ends a piece of work from anywhere, also before it has begun.
#[derive(Debug, Clone, Default)]
pub struct WorkerStop(Arc<Mutex<Stop>>);

#[derive(Debug, Default)]
struct Stop {
    stopped: bool,
    process: Option<OwnedFd>,
}

/// What the worker writes before its bytes: memory, seconds, length.
const HEADER: usize = 24;

/// The exit status of work that says why it cannot be done.
const REFUSED: u8 = 3;

/// The exit status of work that the machine has no room for: a thread, a file.
const NO_ROOM: u8 = 4;

/// The stack of the work.
const STACK: usize = 64 << 20;

/// The seconds of processor time between the two signals that end it.
const GRACE: u64 = 2;

/// As much of standard error as an error repeats.
const SAID: usize = 4096;

impl Worker {
    /// Creates a program with the arguments that make it work.
    #[must_use]
    pub fn new<A: Into<OsString>>(
        program: impl Into<PathBuf>,
        args: impl IntoIterator<Item = A>,
    ) -> Self {
        Self {
            program: program.into(),
            args: args.into_iter().map(Into::into).collect(),
        }
    }

    /// Has it work on these bytes, the parts one after another. Blocks.
    ///
    /// # Errors
    ///
    /// The work was refused, was stopped, is over its limits, or its process died.
    pub fn run(
        &self,
        input: &[&[u8]],
        limits: &WorkerLimits,
        stop: &WorkerStop,
    ) -> Result<File, WorkerError> {
        let output = memory_file::scratch("boll-result").map_err(WorkerError::Run)?;
        let errors = memory_file::scratch("boll-errors").map_err(WorkerError::Run)?;
        let handed = |file: &OwnedFd| file.try_clone().map(Stdio::from);
        let process = Command::new(&self.program)
            .args(&self.args)
            .env_clear()
            .current_dir("/")
            // What is typed at a terminal is for the host.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(handed(&output).map_err(WorkerError::Run)?)
            .stderr(handed(&errors).map_err(WorkerError::Run)?)
            .spawn()
            .map_err(WorkerError::Run)?;
        let mut running = Running { process };
        // Not reaped before `running` is dropped, so that the number is its own.
        let pid = Pid::from_child(&running.process);
        let watched = rustix::process::pidfd_open(pid, PidfdFlags::empty());
        let watched = watched.map_err(|error| WorkerError::Run(error.into()))?;
        stop.of(watched.try_clone().map_err(WorkerError::Run)?)?;

        let until = Instant::now() + limits.time.saturating_mul(4);
        // Held until the end: the worker ends when it is closed.
        let written = running.write(input, limits);
        let in_time = wait_readable(&watched, until).map_err(WorkerError::Run)?;
        drop(written);
        let used = usage::processor_time(running.process.id());
        let status = running.end().map_err(WorkerError::Run)?;
        if stop.is_stopped() {
            return Err(WorkerError::Stopped);
        }
        if !in_time {
            return Err(WorkerError::Time(limits.time));
        }
        let mut output = File::from(output);
        output.seek(SeekFrom::Start(0)).map_err(WorkerError::Run)?;
        if status.success() {
            return Ok(output);
        }
        if status.code() == Some(i32::from(REFUSED)) {
            let mut said = String::new();
            let mut text = output.take(SAID as u64);
            text.read_to_string(&mut said).map_err(WorkerError::Run)?;
            return Err(WorkerError::Refused(said));
        }
        if status.code() == Some(i32::from(NO_ROOM)) {
            let mut number = [0; 4];
            let number = match output.read_exact(&mut number) {
                Ok(()) => i32::from_le_bytes(number),
                // Not even that could be written.
                Err(_) => libc::EFBIG,
            };
            return Err(WorkerError::Run(io::Error::from_raw_os_error(number)));
        }
        let said = memory_file::text(&errors, SAID).map_err(WorkerError::Run)?;
        Err(died(status, said, limits, used))
    }
}

impl WorkerStop {
    /// Ends the work, or keeps it from beginning.
    pub fn stop(&self) {
        let mut stop = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        stop.stopped = true;
        if let Some(process) = &stop.process {
            // It may have ended already.
            let _ = rustix::process::pidfd_send_signal(process, Signal::KILL);
        }
    }

    fn is_stopped(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .stopped
    }

    fn of(&self, process: OwnedFd) -> Result<(), WorkerError> {
        let mut stop = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if stop.stopped {
            return Err(WorkerError::Stopped);
        }
        stop.process = Some(process);
        Ok(())
    }
}

/// A process that does not outlive this value.
struct Running {
    process: Child,
}

impl Running {
    /// Returns what has to stay open. A worker that died early takes no more, which
    /// its status explains.
    fn write(&mut self, input: &[&[u8]], limits: &WorkerLimits) -> Option<ChildStdin> {
        let mut stdin = self.process.stdin.take()?;
        let length: u64 = input.iter().map(|part| part.len() as u64).sum();
        let header = [limits.memory, seconds(limits), length];
        let header: Vec<u8> = header.iter().flat_map(|one| one.to_le_bytes()).collect();
        let parts = std::iter::once(header.as_slice()).chain(input.iter().copied());
        for part in parts {
            if stdin.write_all(part).is_err() {
                break;
            }
        }
        Some(stdin)
    }

    fn end(&mut self) -> io::Result<ExitStatus> {
        // Has no effect on one that has ended.
        let _ = self.process.kill();
        self.process.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// What a process that was not asked to end has died of.
fn died(
    status: ExitStatus,
    said: String,
    limits: &WorkerLimits,
    used: Option<Duration>,
) -> WorkerError {
    let memory = ["memory allocation of", "annot allocate memory"];
    if said.contains("has overflowed its stack") {
        return WorkerError::Stack;
    }
    // The compiler panics where it cannot start a thread of its own.
    if said.contains("Resource temporarily unavailable") {
        return WorkerError::Run(io::Error::from_raw_os_error(libc::EAGAIN));
    }
    let (memory_given, seconds) = (limits.memory, seconds(limits));
    let out_of_time = || over(&[(TIME, seconds)], WorkerError::Time(limits.time));
    let out_of_memory =
        |ulimits: &[(Ulimit, u64)]| over(ulimits, WorkerError::Memory(memory_given));
    let is_all = |used| ulimit::is_all(used, seconds.saturating_add(GRACE));
    match status.signal() {
        Some(libc::SIGXCPU) => out_of_time(),
        // At the hard limit the kernel sends this in the place of the other.
        Some(libc::SIGKILL) if used.is_some_and(is_all) => out_of_time(),
        Some(libc::SIGXFSZ) => out_of_memory(&[(FILE, memory_given)]),
        // By the kernel, for want of memory: nobody else knows of it.
        Some(libc::SIGKILL) => WorkerError::Memory(memory_given),
        _ if memory.iter().any(|text| said.contains(text)) => out_of_memory(&[
            (SPACE, memory_given.saturating_add(PROGRAM)),
            (DATA, memory_given),
        ]),
        _ => WorkerError::Failed {
            status,
            said: last_words(&said).to_owned(),
        },
    }
}

/// What ended the work: a limit of this process that is below the work's, or else that.
fn over(ulimits: &[(Ulimit, u64)], given: WorkerError) -> WorkerError {
    match ulimit::below(ulimits) {
        Some((option, value)) => WorkerError::Ulimit { option, value },
        None => given,
    }
}

/// The processor time that work is given, in whole seconds.
fn seconds(limits: &WorkerLimits) -> u64 {
    limits.time.as_secs().max(1)
}

/// The last line that says what happened. After a panic's own text comes one on how
/// to run the program again.
fn last_words(said: &str) -> &str {
    let mut lines = said.lines().rev().map(str::trim);
    let told = lines.find(|line| !line.is_empty() && !line.starts_with("note: "));
    told.unwrap_or_default()
}

/// Does the work in a process that [`Worker`] has started: reads the bytes, and
/// ends with what the returned code says. `work` gives the result, or why there is
/// none.
#[must_use]
pub fn serve_worker<W>(work: W) -> WorkerExit
where
    W: FnOnce(Vec<u8>) -> Result<Vec<u8>, String> + Send + 'static,
{
    worked(work).unwrap_or_else(|error| {
        let number = error.raw_os_error().unwrap_or(libc::ENOMEM);
        // Whoever reads takes nothing for a reason, too.
        let _ = write(&number.to_le_bytes());
        ExitCode::from(NO_ROOM)
    })
}

fn worked<W>(work: W) -> io::Result<WorkerExit>
where
    W: FnOnce(Vec<u8>) -> Result<Vec<u8>, String> + Send + 'static,
{
    let input = receive()?;
    // Nothing is left for anybody when the host has ended.
    std::thread::Builder::new().spawn(|| {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = rustix::process::kill_process(rustix::process::getpid(), Signal::KILL);
    })?;
    let working = std::thread::Builder::new().stack_size(STACK);
    let working = working.spawn(move || work(input))?;
    let (result, code) = match working.join() {
        Ok(Ok(result)) => (result, ExitCode::SUCCESS),
        Ok(Err(reason)) => (reason.into_bytes(), ExitCode::from(REFUSED)),
        // What panicked has said so.
        Err(_) => return Ok(ExitCode::FAILURE),
    };
    write(&result)?;
    Ok(code)
}

/// Writes all of it, and nothing besides.
fn write(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    stdout.set_len(0)?;
    stdout.seek(SeekFrom::Start(0))?;
    stdout.write_all(bytes)
}

/// Reads the limits, takes them on, and reads the bytes.
fn receive() -> io::Result<Vec<u8>> {
    let mut stdin = io::stdin().lock();
    let mut header = [0; HEADER];
    stdin.read_exact(&mut header)?;
    let [memory, seconds, length] = [0, 8, 16].map(|at| {
        let mut number = [0; 8];
        number.copy_from_slice(&header[at..at + 8]);
        u64::from_le_bytes(number)
    });
    // Private memory that can be written; reserved address space is free.
    limit(Resource::Data, memory, memory)?;
    limit(Resource::Fsize, memory, memory)?;
    limit(Resource::Cpu, seconds, seconds.saturating_add(GRACE))?;
    limit(Resource::Core, 0, 0)?;
    // Where the machine itself runs out, this process goes and not the host. It is
    // no loss where the kernel does not take it.
    let _ = std::fs::write("/proc/self/oom_score_adj", "1000");
    let length = usize::try_from(length).map_err(io::Error::other)?;
    let mut input = Vec::new();
    input.try_reserve_exact(length).map_err(io::Error::other)?;
    let read = stdin.take(length as u64).read_to_end(&mut input)?;
    if read != length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(input)
}

/// Lowers a limit; one that is lower already stays.
fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    let now = rustix::process::getrlimit(resource);
    let least = |wanted: u64, now: Option<u64>| Some(now.map_or(wanted, |now| now.min(wanted)));
    let lowered = Rlimit {
        current: least(soft, now.current),
        maximum: least(hard, now.maximum),
    };
    Ok(rustix::process::setrlimit(resource, lowered)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_told_by_its_own_text() {
        let said = "\nthread '<unnamed>' (7) panicked at src/decoding.rs:619:18:\ninternal error: \
                    entered unreachable code\nnote: run with `RUST_BACKTRACE=1` environment \
                    variable to display a backtrace\n\n";
        assert_eq!(last_words(said), "internal error: entered unreachable code");
        assert_eq!(last_words("one\ntwo\n"), "two");
        assert_eq!(last_words("note: nothing\n"), "");
        assert_eq!(last_words(""), "");
    }
}
