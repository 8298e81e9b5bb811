//! A host for unit tests: scripted answers, and a record of what was asked.
//!
//! Exists on every target but WebAssembly. It belongs to the thread that
//! installed it, as each test of `cargo test` has its own.
//!
//! ```
//! use boll_sdk::process::Command;
//! use boll_sdk::{config, fake};
//!
//! let host = fake::Host::new()
//!     .config("limit", "10")
//!     .process(|command| {
//!         assert_eq!(command.get_program(), "git");
//!         Ok(fake::exited(0, "main\n", ""))
//!     })
//!     .install();
//!
//! assert_eq!(config::get::<u32>("limit").unwrap(), Some(10));
//! let output = Command::new("git").arg("branch").output().unwrap();
//! assert_eq!(output.stdout, b"main\n");
//! assert_eq!(host.commands()[0].get_args(), ["branch"]);
//! ```
//!
//! Children that run beside the capsule are [programs](Program) that a test
//! writes: see [`Host::children`]. What a capsule publishes is answered by
//! [`Host::trigger`] and [`Host::intercept`].

mod child;
mod hook;
pub(crate) mod host;
mod kept;
mod program;

pub use hook::Published;
pub use program::{Console, Program, cat, lines};

use crate::capability::Grant;
use crate::hook::{Answer, Error as HookError, Publish, Verdict};
use crate::lifecycle::Caller;
use crate::log::{Field, Level};
use crate::process::{Cause, Command, Error, ExitStatus, Output};
use host::INSTALLED;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::rc::Rc;
use std::time::SystemTime;

type Run = dyn FnMut(&Command) -> Result<Output, Error>;
type Start = dyn FnMut(&Command) -> Result<Box<dyn Program>, Error>;

/// A log line that was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its level.
    pub level: Level,
    /// Its message.
    pub message: String,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// The answers that a fake host will give.
pub struct Host {
    process: Option<RefCell<Box<Run>>>,
    start: Option<RefCell<Box<Start>>>,
    trigger: Option<Box<hook::Trigger>>,
    intercept: Option<Box<hook::Intercept>>,
    config: BTreeMap<String, Option<String>>,
    grants: BTreeMap<(String, String), String>,
    caller: Option<Caller>,
    uuid: String,
    now: Option<SystemTime>,
    log_level: Level,
    commands: RefCell<Vec<Command>>,
    children: RefCell<Vec<Rc<RefCell<child::Running>>>>,
    spawned: Cell<u64>,
    published: RefCell<Vec<Published>>,
    /// How many answers to publications are being made inside of each other.
    depth: Cell<u32>,
    log: RefCell<Vec<Line>>,
    ready: Cell<bool>,
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Host {
    /// A host that grants nothing, knows no configuration, and writes log lines
    /// of every level.
    pub fn new() -> Self {
        Self {
            process: None,
            start: None,
            trigger: None,
            intercept: None,
            config: BTreeMap::new(),
            grants: BTreeMap::new(),
            caller: None,
            uuid: "00000000-0000-4000-8000-000000000000".to_owned(),
            now: None,
            log_level: Level::Trace,
            commands: RefCell::default(),
            children: RefCell::default(),
            spawned: Cell::default(),
            published: RefCell::default(),
            depth: Cell::default(),
            log: RefCell::default(),
            ready: Cell::default(),
        }
    }

    /// Answers every command that runs to its end with what `answer` gives. Outputs that the
    /// command does not pipe are emptied, and those over its capture limit are
    /// cut at the front, as the real host does. Without an answer every command
    /// is denied.
    pub fn process(
        mut self,
        answer: impl FnMut(&Command) -> Result<Output, Error> + 'static,
    ) -> Self {
        self.process = Some(RefCell::new(Box::new(answer)));
        self
    }

    /// Starts the program that `start` gives for every command that is spawned.
    /// Without one every such command is denied. Where commands need different
    /// programs, box them: `Ok(Box::new(fake::cat()) as Box<dyn Program>)`.
    ///
    /// ```
    /// use boll_sdk::fake;
    /// use boll_sdk::process::{self, Command, Stdio};
    ///
    /// let host = fake::Host::new()
    ///     .children(|command| {
    ///         assert_eq!(command.get_program(), "cat");
    ///         Ok(fake::cat())
    ///     })
    ///     .install();
    /// let child = Command::new("cat").stdin(Stdio::piped()).spawn()?;
    /// assert_eq!(process::children().len(), 1);
    /// drop(child);
    /// assert!(process::children().is_empty(), "it ended with its handle");
    /// assert_eq!(host.commands().len(), 1);
    /// # Ok::<(), process::Error>(())
    /// ```
    pub fn children<P: Program + 'static>(
        mut self,
        mut start: impl FnMut(&Command) -> Result<P, Error> + 'static,
    ) -> Self {
        self.start = Some(RefCell::new(Box::new(move |command| {
            start(command).map(|program| Box::new(program) as Box<dyn Program>)
        })));
        self
    }

    /// Answers everything that is published to all subscribers at once with what
    /// `answer` gives. Topics and payloads that no host takes are refused first.
    /// Without an answer every such publication is denied.
    ///
    /// ```
    /// use boll_sdk::fake::{self, Published};
    /// use boll_sdk::hook::{self, Answer, Outcome};
    ///
    /// let host = fake::Host::new()
    ///     .trigger(|publish| {
    ///         assert_eq!(publish.get_topic(), "git.commit");
    ///         Ok(vec![Answer::new("mail", "tell", Outcome::Busy)])
    ///     })
    ///     .install();
    /// let answers = hook::trigger("git.commit", "9fccf8c")?;
    /// assert_eq!(answers[0].outcome, Outcome::Busy);
    /// assert!(matches!(&host.published()[..], [Published::Trigger(_)]));
    /// # Ok::<(), hook::Error>(())
    /// ```
    ///
    /// An answer may be another capsule's:
    /// `Answer::new("mail", "tell", Mail::handle("tell", publish.event()))`.
    /// What that one publishes is answered by the same host, up to the depth
    /// that a host allows.
    pub fn trigger(
        mut self,
        answer: impl Fn(&Publish) -> Result<Vec<Answer>, HookError> + 'static,
    ) -> Self {
        self.trigger = Some(Box::new(answer));
        self
    }

    /// Answers everything that is passed through the subscribers one after the
    /// other with the verdict that `answer` gives, as [`trigger`](Self::trigger)
    /// does for all at once.
    pub fn intercept(
        mut self,
        answer: impl Fn(&Publish) -> Result<Verdict, HookError> + 'static,
    ) -> Self {
        self.intercept = Some(Box::new(answer));
        self
    }

    /// Declares a configuration key and sets its value.
    pub fn config(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.config.insert(key.into(), Some(value.into()));
        self
    }

    /// Declares a configuration key that has no value.
    pub fn config_unset(mut self, key: impl Into<String>) -> Self {
        self.config.insert(key.into(), None);
        self
    }

    /// Gives this capsule a capability.
    pub fn grant(self, name: impl Into<String>, scope: impl Into<String>) -> Self {
        let uuid = self.uuid.clone();
        self.grant_to(uuid, name, scope)
    }

    /// Gives the capsule with this uuid a capability.
    pub fn grant_to(
        mut self,
        uuid: impl Into<String>,
        name: impl Into<String>,
        scope: impl Into<String>,
    ) -> Self {
        self.grants.insert((uuid.into(), name.into()), scope.into());
        self
    }

    /// Sets who called. Without it, code runs outside of a call.
    pub fn caller(mut self, caller: Caller) -> Self {
        self.caller = Some(caller);
        self
    }

    /// Stops the clock at this time. Without it, it is the system's.
    pub fn now(mut self, now: SystemTime) -> Self {
        self.now = Some(now);
        self
    }

    /// Writes only log lines of at least this level.
    pub fn log_level(mut self, level: Level) -> Self {
        self.log_level = level;
        self
    }

    /// Makes this the host of the current thread until the result is dropped.
    ///
    /// # Panics
    ///
    /// When the thread has a fake host already.
    #[must_use = "the host is gone when this is dropped"]
    pub fn install(self) -> Installed {
        #[cfg(feature = "log")]
        crate::log::facade::install();
        let host = Rc::new(self);
        INSTALLED.with_borrow_mut(|installed| {
            assert!(
                installed.is_none(),
                "this thread has a boll_sdk::fake::Host already: drop the other one first"
            );
            *installed = Some(Rc::clone(&host));
        });
        Installed {
            host,
            thread: PhantomData,
        }
    }

    /// The capabilities of the capsule with this uuid.
    fn grants_of(&self, uuid: &str) -> Vec<Grant> {
        let own = self.grants.iter().filter(|((of, _), _)| of == uuid);
        own.map(|((_, name), scope)| Grant {
            name: name.clone(),
            scope: scope.clone(),
        })
        .collect()
    }
}

/// A fake host that answers on this thread. Dropping it takes it away.
pub struct Installed {
    host: Rc<Host>,
    /// Keeps it on its thread.
    thread: PhantomData<*const ()>,
}

impl Installed {
    /// The commands that were run or spawned, in order.
    pub fn commands(&self) -> Vec<Command> {
        self.host.commands.borrow().clone()
    }

    /// What was published, in order; what no host takes is not in it.
    pub fn published(&self) -> Vec<Published> {
        self.host.published.borrow().clone()
    }

    /// The log lines that were written, in order.
    pub fn log(&self) -> Vec<Line> {
        self.host.log.borrow().clone()
    }

    /// Whether the capsule said that it is ready.
    pub fn is_ready(&self) -> bool {
        self.host.ready.get()
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        INSTALLED.set(None);
    }
}

/// The output of a program that exited with this code after it wrote these.
pub fn exited(code: u8, stdout: impl Into<Vec<u8>>, stderr: impl Into<Vec<u8>>) -> Output {
    let mut output = Output::new(ExitStatus::from_code(code, Cause::Own));
    output.stdout = stdout.into();
    output.stderr = stderr.into();
    output
}
