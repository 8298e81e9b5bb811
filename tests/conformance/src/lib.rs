//! What the guests of the conformance suite share: bindings of the contract, the
//! exports, and ways to say what was not as expected.
//!
//! The bindings are the suite's own and not the SDK's: what is tested is the
//! contract. Guests call them through [`contract`], where a fault can be switched on.

pub mod bindings;
mod check;
pub mod child;
pub mod command;
pub mod contract;
mod export;
mod fault;
mod say;

pub use bindings::boll::hook::types;
pub use bindings::exports::boll::conformance::cases::Failure;
pub use bindings::exports::boll::hook::handler;
pub use bindings::wasi::io as wasi_io;
pub use check::{Checked, equal, failed, good, holds, unknown};
pub use contract::{capability, children, config, hook, lifecycle, log, process, streams};
pub use export::{Case, Install, Run, Upgrade};
pub use say::{marker, say};

/// What the macros below name.
#[doc(hidden)]
pub mod private {
    pub use crate::bindings::{self, install, run, upgrade};
    pub use crate::export::{
        handle, install as install_guest, run_case, run_loop, upgrade as upgrade_guest,
    };
}
