//! Calls: who makes one and on whose behalf, which capsule it is to, until when.

mod caller;
mod deadline;
mod names;
mod origin;

pub(crate) use caller::{Caller, Source};
pub(crate) use deadline::Deadline;
pub use names::{CallId, PrincipalName};
pub use origin::Origin;
