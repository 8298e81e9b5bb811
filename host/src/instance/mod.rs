//! Instances: a component made ready, a store for each invocation, and the call
//! into it.

mod contract;
mod invoke;
mod limiter;
mod prepare;
mod state;
mod stdio;

pub use contract::{ContractError, Import, Surface};
pub(crate) use invoke::{CallLimits, invoke};
pub use invoke::{InvokeError, LimitKind, Outcome, Trap};
pub(crate) use prepare::{Prepared, Preparer};
