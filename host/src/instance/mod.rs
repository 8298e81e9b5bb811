//! Instances: a component made ready, a store for each invocation, and the call
//! into it.

mod contract;
mod error;
mod frames;
mod instances;
mod invoke;
mod last_words;
pub(crate) mod lifecycle;
mod limiter;
mod live;
mod own;
mod prepare;
mod state;
mod stdio;
mod stops;
mod version;
mod wasi;

pub(crate) use crate::bindings::boll::hook::types::Event;
pub use contract::{ContractError, Import, Surface, contract_interfaces};
pub use error::{InvokeError, LimitKind, Trap};
pub(crate) use instances::Instances;
pub(crate) use invoke::{CallLimits, invoke};
pub(crate) use live::Bounds;
pub(crate) use own::OwnLink;
pub(crate) use prepare::{PreparedComponent, Preparer};
