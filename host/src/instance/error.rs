//! Why a guest gave no answer.

use std::fmt;
use std::time::Duration;

use wasmtime::WasmBacktrace;
use wasmtime_wasi::I32Exit;

use super::{frames, last_words};
use crate::capsule::{Exhausted, FolderError, Taken};

/// Why a capsule gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvokeError {
    /// The call's deadline passed.
    #[error("it did not answer within {} ms", .0.as_millis())]
    TimedOut(Duration),
    /// The call was cancelled, or the capsule was unloaded.
    #[error("the call was cancelled")]
    Cancelled,
    /// A limit was reached.
    #[error("it reached the limit of {limit} {what}", what = .kind.as_str())]
    Limit {
        /// Which limit.
        kind: LimitKind,
        /// The limit: bytes, unless the kind is a number of things.
        limit: u64,
    },
    /// It ended instead of answering: it trapped, or called `exit`.
    #[error("{0}")]
    Trapped(Trap),
    /// A folder that it is granted cannot be given to it.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The host's memory for instances is in use.
    #[error("no memory for an instance of it is free")]
    Full,
    /// A function of an interface of the embedder's panicked.
    #[error("a function of the host's own panicked: {0}")]
    HostPanicked(String),
    /// No instance could be made.
    #[error("no instance of it could be made")]
    Instantiate(#[source] wasmtime::Error),
}

/// A limit on what a call may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitKind {
    /// Linear memory, and what the host holds for the instance.
    Memory,
    /// Linear memory of all instances of the capsule: [`GuestLimits::memory`].
    ///
    /// [`GuestLimits::memory`]: crate::capsule::GuestLimits::memory
    CapsuleMemory,
    /// Linear memory of all capsules: [`GuestLimits::all_memory`].
    ///
    /// [`GuestLimits::all_memory`]: crate::capsule::GuestLimits::all_memory
    AllMemory,
    /// The payload that came in.
    Payload,
    /// The payload of the answer.
    Reply,
    /// What the host holds for all instances of the capsule.
    HostBytes,
    /// What the host holds for all capsules.
    AllHostBytes,
    /// What is passed in one call, to the host or as its answer.
    Passed,
    /// Open files, folders and connections of the capsule: a number.
    Descriptors,
    /// Those of all capsules: a number.
    AllDescriptors,
    /// Resources of the instance: a number.
    Resources,
    /// One set of HTTP fields.
    Fields,
    /// Random bytes of one call.
    Random,
    /// Core instances of an instance: [`EngineLimits::core_instances`].
    ///
    /// [`EngineLimits::core_instances`]: crate::capsule::EngineLimits::core_instances
    CoreInstances,
    /// Linear memories of an instance: a number.
    Memories,
    /// Tables of an instance: a number.
    Tables,
}

impl LimitKind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Memory => Taken::Memory.as_str(),
            Self::CapsuleMemory => Taken::CapsuleMemory.as_str(),
            Self::AllMemory => Taken::AllMemory.as_str(),
            Self::Payload => "bytes of payload",
            Self::Reply => "bytes of payload in its reply",
            Self::HostBytes => Taken::HostBytes.as_str(),
            Self::AllHostBytes => Taken::AllHostBytes.as_str(),
            Self::Passed => "bytes passed to the host in one call",
            Self::Descriptors => Taken::Descriptors.as_str(),
            Self::AllDescriptors => Taken::AllDescriptors.as_str(),
            Self::Resources => "streams, fields and other resources of the host",
            Self::Fields => "bytes in one set of HTTP fields",
            Self::Random => "random bytes in one call",
            Self::CoreInstances => "core instances in an instance",
            Self::Memories => "memories in an instance",
            Self::Tables => "tables in an instance",
        }
    }
}

impl fmt::Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.how())?;
        match self.last_words() {
            Some(words) => write!(f, ": {words}"),
            None => Ok(()),
        }
    }
}

impl From<Exhausted> for InvokeError {
    fn from(Exhausted { what, limit }: Exhausted) -> Self {
        let kind = match what {
            Taken::Memory => LimitKind::Memory,
            Taken::CapsuleMemory => LimitKind::CapsuleMemory,
            Taken::AllMemory => LimitKind::AllMemory,
            Taken::HostBytes => LimitKind::HostBytes,
            Taken::AllHostBytes => LimitKind::AllHostBytes,
            Taken::Descriptors => LimitKind::Descriptors,
            Taken::AllDescriptors => LimitKind::AllDescriptors,
        };
        Self::Limit { kind, limit }
    }
}

/// How a guest ended that did not return.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Trap {
    /// What happened.
    pub reason: String,
    /// The code that it called `exit` with; `None` if it trapped.
    pub exit: Option<i32>,
    /// The last lines that it wrote to its standard error during the call, the oldest
    /// first.
    pub stderr: Vec<String>,
    /// Where, the innermost function first, without those of the language itself that
    /// only end a program.
    pub backtrace: Vec<String>,
}

impl Trap {
    /// Returns whether an error comes from the guest: it trapped, exited, or was stopped in
    /// one of its functions.
    pub(super) fn is(error: &wasmtime::Error) -> bool {
        error.is::<wasmtime::Trap>() || error.is::<I32Exit>() || error.is::<WasmBacktrace>()
    }

    /// Returns how it ended, without what the guest wrote: for those who may not read its
    /// standard error.
    pub(crate) fn how(&self) -> String {
        match self.exit {
            Some(_) => self.reason.clone(),
            None => format!("it trapped: {}", self.reason),
        }
    }

    /// Returns what the guest itself said about its end: the text of a panic, a failed
    /// assertion or an exception, as its language writes it to standard error.
    #[must_use]
    pub fn last_words(&self) -> Option<String> {
        last_words::of(&self.stderr)
    }

    /// The trap that an error is, and the last lines of standard error before it.
    pub(super) fn of(error: &wasmtime::Error, stderr: Vec<String>) -> Self {
        let trap = error.downcast_ref::<wasmtime::Trap>();
        let exit = error.downcast_ref::<I32Exit>().map(|exit| exit.0);
        let reason = match (trap, exit) {
            (_, Some(code)) => format!("it called exit({code}) in place of an answer"),
            (Some(trap), None) => trap.to_string(),
            (None, None) => error.root_cause().to_string(),
        };
        let frames = error.downcast_ref::<WasmBacktrace>();
        let frames = frames.map(WasmBacktrace::frames).unwrap_or_default();
        let named = frames.iter().map(|frame| match frame.func_name() {
            // Without the hashes, of which a reader has no use.
            Some(name) => format!("{:#}", rustc_demangle::demangle(name)),
            None => format!("function {}", frame.func_index()),
        });
        Self {
            reason,
            exit,
            stderr,
            backtrace: frames::of_author(named.collect()),
        }
    }
}
