//! Processes that capsules run: what they are asked to be, and how they end.
//!
//! [`command`] says what a command is, [`crate::policy`] whether it may run,
//! and [`ProcessService`] runs it in a [`crate::sandbox`]. Every run belongs to
//! the future that waits for it: when that is dropped, the whole process tree
//! ends. No thread waits for a process, and nothing here starts one.

mod capture;
pub mod command;
mod gate;
mod limits;
mod lines;
mod output;
mod service;
mod supervisor;

pub use self::lines::{Line, LineSink, OutputStream};
pub use self::output::{
    Captured, Cause, Exit, ExitStatus, HostError, LaunchFailure, LimitKind, Output, ProcessError,
};
pub use self::service::{Owner, ProcessService, ProcessSettings, RunContext};
pub use self::supervisor::Grace;

#[cfg(test)]
mod tests;
