//! What a capsule may do: what its manifest asks for **and** what the operator
//! grants.
//!
//! Pure: no wasmtime, no tokio, no I/O. The decisions here are the only way to
//! an [`AuthorizedCommand`], which is the only thing that
//! [`crate::process`] starts.

mod arbitrary_code;
mod args;
mod authorized;
pub mod command;
mod decide;
mod decision;
mod denial;
mod exposure;
mod files;
mod grant;
mod hooks;
mod index;
mod network;
mod pattern;
mod request;
mod topic;
mod variables;
mod words;

pub use arbitrary_code::ArbitraryCode;
pub use args::{ArgsPattern, PatternError};
pub(crate) use authorized::Execution;
pub use authorized::{
    Access, AuthorizedCommand, Confinement, NetworkAccess, ResolvedProgram, WorkspaceAccess,
};
pub use decide::{Held, Permissions};
pub use decision::{Decision, MatchedRequest, Rule};
pub use denial::{Denial, DenialReason};
pub(crate) use exposure::is_of_system;
pub use exposure::{Exposure, MARKS_OF_HOMES, OwnPlace, Surroundings};
pub use files::{
    AbsolutePath, FileAccess, FilesGrant, FilesRequest, Folder, InvalidPath, WORKSPACE,
};
pub use grant::{Grant, GrantSet, InvalidGrant};
pub use hooks::{AuthorizedTopic, OnFailure, PublishRequest, Subscription};
pub use network::{
    Endpoint, HostName, HostPattern, InvalidEndpoint, InvalidHostName, NetworkRequest, PortPattern,
    is_public,
};
pub use request::{InvalidProgram, ProcessRequest, ProgramName, Requests, VariableName};
pub use topic::{InvalidTopic, MAX_TOPIC_LEN, Topic, TopicPattern};
pub use variables::CodeVariable;

/// Whether a terminal shows a text as it is. Whoever is asked for a grant reads
/// it there, so what asks must neither move the cursor nor look like another.
fn is_plain(text: &str) -> bool {
    text.chars().all(words::is_plain)
}

/// A word as a shell would take it, with the stars of patterns left bare.
fn quote(word: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || b"*-_=/.,:+@%".contains(&byte);
    if !word.is_empty() && word.bytes().all(bare) {
        word.to_owned()
    } else {
        // A word with a control character is no pattern, so quoting cannot fail.
        shlex::try_quote(word).map_or_else(|_| String::new(), |quoted| quoted.into_owned())
    }
}
