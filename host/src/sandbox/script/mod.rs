//! Scripts: what processes do where none is started.
//!
//! A [`Script`] stands in the place of the init: it has the ends of a command's
//! streams, is told the signals, and tells how the command ended (`play`).
//! Everything above it is what it is for real processes: the decision, the
//! streams and rings, deadlines, stopping, detaching.

mod play;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use self::play::Scene;
use super::control::Stdio;
use super::error::LaunchError;
use super::order::Order;
use super::program::ProgramError;
use super::report::SandboxStatus;
use super::settings::SandboxBackend;
use super::startable::Startable;
use super::status::LaunchStep;
use super::tried::{Counted, Tried};
use crate::policy::{ArgsPattern, ResolvedProgram};

/// What scripted processes do, for [`Sandbox::scripted`](super::Sandbox::scripted).
/// Clones are the same script, and know together what was used of it.
///
/// A command takes the first of the processes that it matches and that is not
/// used up; one that nothing is left for is refused, and is a
/// [`ScriptFault::Unanswered`].
///
/// ```
/// use boll_host::Runtime;
/// use boll_host::sandbox::{Sandbox, Script, ScriptedProcess};
///
/// let log = ScriptedProcess::new("git").stdout("one commit\n");
/// let script = Script::new([log]);
/// let workspace = tempfile::tempdir()?;
/// let sandbox = Sandbox::scripted(workspace.path(), script.clone())?;
/// let runtime = Runtime::builder().sandbox(sandbox).build()?;
/// // Nobody ran it.
/// assert_eq!(script.unused().len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Script(Arc<Shared>);

struct Shared {
    answers: Vec<Scripted>,
    missing: BTreeSet<String>,
    faults: Mutex<Vec<ScriptFault>>,
}

struct Scripted {
    process: ScriptedProcess,
    used: AtomicU32,
}

/// What one process does: it prints, talks, and ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptedProcess {
    program: String,
    args: ArgsPattern,
    times: u32,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    talk: Vec<Exchange>,
    stays: bool,
    starts_after: Duration,
    end: ScriptedEnd,
}

/// Something that a process is written, and what it then prints.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exchange {
    /// What it reads on standard input, to the byte.
    pub reads: Vec<u8>,
    /// What it then writes to standard output.
    pub prints: Vec<u8>,
}

/// How a process ends of its own accord.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScriptedEnd {
    /// With this code.
    Code(u8),
    /// By this signal.
    Signal(u8),
    /// It never started, and so did nothing.
    NotStarted {
        /// The step that failed.
        step: LaunchStep,
        /// The system's error number.
        errno: i32,
    },
}

/// What went otherwise than the script has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScriptFault {
    /// Nothing in the script is for this command, or it is used up.
    Unanswered {
        /// The program, as the capsule named it.
        program: String,
        /// The arguments.
        args: Vec<String>,
    },
    /// A process was written something else than it reads.
    Deviated {
        /// The program, as the capsule named it.
        program: String,
        /// What it was to be written.
        expected: Vec<u8>,
        /// What it was written instead, as far as it was read.
        found: Vec<u8>,
    },
    /// A process ended before it was written all that it reads.
    Unsaid {
        /// The program, as the capsule named it.
        program: String,
        /// What it was to be written.
        expected: Vec<u8>,
    },
}

impl ScriptedProcess {
    /// Creates a process for one command of this program, with any arguments. It prints
    /// nothing, and ends with the code 0. The program is what the capsule calls it, letter
    /// by letter.
    #[must_use]
    pub fn new(program: impl Into<String>) -> Self {
        Self {
            program: program.into(),
            args: ArgsPattern::any(),
            times: 1,
            stdout: Vec::new(),
            stderr: Vec::new(),
            talk: Vec::new(),
            stays: false,
            starts_after: Duration::ZERO,
            end: ScriptedEnd::Code(0),
        }
    }

    /// Sets the arguments that it is for.
    #[must_use]
    pub fn args(mut self, args: ArgsPattern) -> Self {
        self.args = args;
        self
    }

    /// For how many commands it is.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Sets what it writes to standard output when it starts.
    #[must_use]
    pub fn stdout(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdout = bytes.into();
        self
    }

    /// Sets what it writes to standard error when it starts.
    #[must_use]
    pub fn stderr(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stderr = bytes.into();
        self
    }

    /// Sets what it waits for next, and then says; may be repeated.
    #[must_use]
    pub fn exchange(mut self, reads: impl Into<Vec<u8>>, prints: impl Into<Vec<u8>>) -> Self {
        self.talk.push(Exchange {
            reads: reads.into(),
            prints: prints.into(),
        });
        self
    }

    /// After all that it goes on, until its standard input is closed, where that
    /// is a pipe, or a signal ends it.
    #[must_use]
    pub fn stays(mut self) -> Self {
        self.stays = true;
        self
    }

    /// Sets how long its sandbox takes before it starts: nothing, unless said.
    #[must_use]
    pub fn starts_after(mut self, time: Duration) -> Self {
        self.starts_after = time;
        self
    }

    /// Sets how it ends of its own accord.
    #[must_use]
    pub fn end(mut self, end: ScriptedEnd) -> Self {
        self.end = end;
        self
    }
}

/// The program and its arguments' pattern.
impl fmt::Display for ScriptedProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.program, self.args)
    }
}

impl Script {
    /// Creates a script of these processes.
    #[must_use]
    pub fn new(processes: impl IntoIterator<Item = ScriptedProcess>) -> Self {
        Self::without(processes, [])
    }

    /// Returns the same where these programs are not there.
    #[must_use]
    pub fn without(
        processes: impl IntoIterator<Item = ScriptedProcess>,
        missing: impl IntoIterator<Item = String>,
    ) -> Self {
        let answers = processes.into_iter().map(|process| Scripted {
            process,
            used: AtomicU32::new(0),
        });
        Self(Arc::new(Shared {
            answers: answers.collect(),
            missing: missing.into_iter().collect(),
            faults: Mutex::default(),
        }))
    }

    /// Returns what has not gone by the script so far.
    #[must_use]
    pub fn faults(&self) -> Vec<ScriptFault> {
        self.lock().clone()
    }

    /// Returns the processes that are not used up, in the script's order.
    #[must_use]
    pub fn unused(&self) -> Vec<&ScriptedProcess> {
        let answers = self.0.answers.iter();
        let unused = answers.filter(|one| one.used.load(Ordering::Relaxed) < one.process.times);
        unused.map(|answer| &answer.process).collect()
    }

    /// A program is what it is called: there need be none on this machine.
    pub(super) fn resolve(&self, name: &str) -> Result<ResolvedProgram, ProgramError> {
        if self.0.missing.contains(name) {
            return Err(ProgramError::NotFound(name.to_owned()));
        }
        Ok(ResolvedProgram::new(name, name))
    }

    /// Makes everything that a command needs, but does not begin it.
    pub(super) fn prepare(&self, order: &Order, stdio: Stdio) -> Result<Startable, LaunchError> {
        let scene = self.scene(order)?;
        Ok(Startable::new(async move |held| scene.begin(stdio, held)))
    }

    /// The process for a command, which is used by this.
    fn scene(&self, order: &Order) -> Result<Scene, LaunchError> {
        let (program, args) = order.args.split_first().ok_or(LaunchError::Unprobed)?;
        let is_left = |answer: &&Scripted| {
            let ScriptedProcess {
                program: named,
                args: pattern,
                times,
                ..
            } = &answer.process;
            let use_one = |used: u32| (used < *times).then(|| used + 1);
            named == program
                && pattern.matches(args)
                && answer
                    .used
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, use_one)
                    .is_ok()
        };
        match self.0.answers.iter().find(is_left) {
            Some(answer) => Ok(Scene::new(self.clone(), answer.process.clone())),
            None => {
                let fault = ScriptFault::Unanswered {
                    program: program.clone(),
                    args: args.to_vec(),
                };
                let text = fault.to_string();
                self.add(fault);
                Err(LaunchError::Unscripted(text))
            }
        }
    }

    fn add(&self, fault: ScriptFault) {
        self.lock().push(fault);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<ScriptFault>> {
        // Nothing panics while it is held.
        self.0.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is known without a trial: it stands in the place of bubblewrap, and there is
/// nothing that it could not do.
pub(super) fn tried() -> Tried {
    let status = SandboxStatus::Works {
        by: "a script".into(),
        version: "starts no process".into(),
    };
    let backend = SandboxBackend::Bubblewrap;
    let mut tried = Tried::new(backend, status, None, Counted::Tree, Vec::new());
    tried.report.weaknesses.clear();
    tried
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let processes = self
            .0
            .answers
            .iter()
            .map(|answer| answer.process.to_string());
        f.debug_list().entries(processes).finish()
    }
}

impl fmt::Display for ScriptFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |bytes: &[u8]| format!("{:?}", String::from_utf8_lossy(bytes));
        match self {
            Self::Unanswered { program, args } => {
                let words = std::iter::once(program).chain(args).map(String::as_str);
                // A command has no NUL, so quoting cannot fail.
                let command = shlex::try_join(words).unwrap_or_default();
                write!(f, "no scripted process is left for `{command}`")
            }
            Self::Deviated {
                program,
                expected,
                found,
            } => {
                let (expected, found) = (shown(expected), shown(found));
                write!(
                    f,
                    "`{program}` was to be written {expected}, and was written {found}"
                )
            }
            Self::Unsaid { program, expected } => {
                write!(
                    f,
                    "`{program}` ended before it was written {}",
                    shown(expected)
                )
            }
        }
    }
}
