//! What the guests of the conformance suite share: bindings of the contract, the
//! exports, and ways to say what was not as expected.
//!
//! The bindings are the suite's own and not the SDK's: what is tested is the
//! contract.

pub mod bindings;
mod check;
pub mod child;
pub mod command;
mod export;
mod say;

pub use bindings::boll::capability::capability;
pub use bindings::boll::config::config;
pub use bindings::boll::hook::{hook, types};
pub use bindings::boll::lifecycle::lifecycle;
pub use bindings::boll::log::log;
pub use bindings::boll::process::{children, process, streams};
pub use bindings::exports::boll::conformance::cases::Failure;
pub use bindings::exports::boll::hook::handler;
pub use bindings::wasi::io as wasi_io;
pub use check::{Checked, equal, failed, good, holds, unknown};
pub use export::{Case, Install, Run, Upgrade};
pub use say::{marker, say};

/// What the macros below name.
#[doc(hidden)]
pub mod private {
    pub use crate::bindings::{self, install, run, upgrade};
    pub use crate::export::{handle, run_case};
}
