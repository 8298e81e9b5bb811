//! Settings of processes: their limits, and the time that they have to end.
//!
//! Inside of the library: [`crate::policy`] says what a command is and whether it may run, and
//! this module runs it in a [`crate::sandbox`]. Every run belongs to the future that waits for
//! it, every child to its handle, until it is detached: when that is dropped, the whole process
//! tree ends. A task follows each tree; no thread waits for one, and nothing here starts one.

mod capture;
pub(crate) mod child;
mod child_error;
mod children;
mod ending;
mod escalation;
mod git_refused;
mod git_words;
mod life;
mod limits;
mod lines;
mod notices;
mod order;
mod output;
mod owner;
mod pump;
mod quota;
mod ring;
mod service;
mod settings;
mod stdin;
mod stops;
mod streams;
mod supervisor;
mod tail;
mod tree;
mod turns;

pub(crate) use self::child::{Child, ChildStatus, Exited};
pub(crate) use self::child_error::ChildError;
pub(crate) use self::children::ChildSummary;
pub use self::escalation::Grace;
pub(crate) use self::lines::{Line, LineSink, OutputStream, Unconfined};
pub(crate) use self::output::{
    Captured, Cause, Exit, ExitStatus, LaunchFailure, Output, ProcessError, ProcessLimit,
};
pub(crate) use self::owner::RunContext;
pub(crate) use self::service::ProcessService;
pub use self::settings::{ProcessSettings, TreeBound};
pub(crate) use self::tail::Chunk;
pub(crate) use self::tree::Phase;

#[cfg(test)]
mod tests;
