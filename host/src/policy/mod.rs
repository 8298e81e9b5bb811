//! What a capsule may do: what its manifest asks for **and** what the operator
//! grants.
//!
//! Pure: no wasmtime, no tokio, no I/O. The decisions here are the only way to
//! an [`AuthorizedCommand`], which is the only thing that
//! [`crate::process`] starts.
//!
//! Each kind of what a capsule may do has a folder: what a manifest asks for
//! (`request.rs`), and what of it is granted (`decide.rs`).

mod arbitrary_code;
mod authorized;
pub mod command;
mod decision;
mod denial;
mod exposure;
mod files;
mod grant;
mod hooks;
mod index;
mod interfaces;
mod network;
mod overview;
mod pattern;
mod permissions;
mod processes;
mod requests;
mod variables;
mod words;

pub use arbitrary_code::ArbitraryCode;
pub(crate) use authorized::Execution;
pub use authorized::{
    Access, AuthorizedCommand, Confinement, NetworkAccess, ResolvedProgram, WorkspaceAccess,
};
pub use decision::{Decision, MatchedRequest, Rule};
pub use denial::{Denial, DenialReason};
pub(crate) use exposure::is_of_system;
pub use exposure::{Exposure, MARKS_OF_HOMES, OwnPlace, Surroundings};
pub use files::{
    AbsolutePath, FileAccess, FilesGrant, FilesRequest, Folder, InvalidPath, WORKSPACE,
};
pub use grant::{Grant, GrantSet, InvalidGrant};
pub use hooks::{
    AuthorizedTopic, InvalidTopic, MAX_TOPIC_LEN, OnFailure, PublishRequest, Subscription, Topic,
    TopicPattern,
};
pub use interfaces::{InterfaceName, InterfaceRequest, InvalidInterface};
pub use network::{
    Endpoint, HostName, HostPattern, InvalidEndpoint, InvalidHostName, NetworkRequest, PortPattern,
};
pub use permissions::{Held, Permissions};
pub use processes::{
    ArgsPattern, InvalidProgram, InvalidVariable, PatternError, ProcessRequest, ProgramName,
    VariableName,
};
pub use requests::Requests;
pub use variables::CodeVariable;
