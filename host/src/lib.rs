//! Runs **capsules**: WebAssembly components that may start host processes, log,
//! read configuration, call hooks and ask about capabilities, and nothing else
//! than what they were granted.
//!
//! [`Runtime`] is the entry. What a capsule asks for is its
//! [manifest](capsule::Manifest); what it may do is its manifest **and** the
//! operator's [grants](policy::GrantSet); how its processes are kept in is the
//! [sandbox].
//!
//! | module | is about |
//! |---|---|
//! | [`capsule`] | ids, manifests |
//! | [`policy`] | grants and decisions; pure |
//! | [`engine`] | wasmtime, and the cache of compiled components |
//! | [`process`] | running a command: limits, output, its end |
//! | [`sandbox`] | what keeps a process in, or a script that plays it |
//! | [`services`] | log, configuration, hooks, audit |
//! | [`document`] | TOML with errors that name their place |

pub mod capsule;
pub mod document;
pub mod engine;
pub mod policy;
pub mod process;
pub mod sandbox;
pub mod services;

mod bindings;
mod caller;
mod digest;
mod dispatch;
mod host;
mod instance;
mod interfaces;
mod lines;
mod runtime;

pub use digest::{Digest, InvalidDigest};
pub use dispatch::{CallError, RuntimeLimits};
pub use instance::{ContractError, Import, InvokeError, LimitKind, Surface, Trap};
pub use runtime::{
    BuildError, CallOptions, Load, LoadCause, LoadError, RecordError, RequireError, Runtime,
    RuntimeBuilder, ServiceSettings,
};
pub use services::hook::Outcome;
