//! Calls: who makes one and on whose behalf, which capsule it is to, until when, and
//! what ends it.
//!
//! A [`CallScope`] is made once for each call, by `dispatch`. Whatever belongs to the
//! call holds it: its imports, its log, its processes, what ends it.

mod caller;
mod deadline;
mod names;
mod origin;
mod scope;

pub(crate) use caller::{Caller, Source};
pub(crate) use deadline::{Deadline, passed};
pub use names::{CallId, PrincipalName};
pub use origin::Origin;
pub(crate) use scope::CallScope;
