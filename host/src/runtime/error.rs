//! What goes wrong in building a runtime, in loading, and in calling.

use super::record::RecordError;
use super::requires::RequireError;
use crate::capsule::{CapsuleId, FolderError};
use crate::engine::EngineError;
use crate::instance::{ContractError, InvokeError};
use crate::services::config::ConfigError;

/// Why a runtime could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The imports could not be linked: a fault of this library.
    #[error("the host's interfaces cannot be linked")]
    Linker(#[source] wasmtime::Error),
    /// The workspace cannot be opened.
    #[error("cannot open the workspace")]
    Workspace(#[source] std::io::Error),
    /// The threads that wait for files could not be set up.
    #[error("the threads for files cannot be set up")]
    FileThreads(#[source] std::io::Error),
    /// The thread that writes the log could not be started.
    #[error("the log's thread cannot be started")]
    Log(#[source] std::io::Error),
}

/// Why a capsule was not loaded.
#[derive(Debug, thiserror::Error)]
#[error("the capsule {capsule} cannot be loaded")]
pub struct LoadError {
    /// The capsule.
    pub capsule: CapsuleId,
    /// What is wrong with it.
    #[source]
    pub cause: LoadCause,
}

/// What is wrong with a capsule that was not loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadCause {
    /// Its bytes.
    #[error(transparent)]
    Component(#[from] EngineError),
    /// Its imports or exports.
    #[error(transparent)]
    Contract(#[from] ContractError),
    /// Its configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A folder that it is granted.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A capsule that it requires.
    #[error(transparent)]
    Requires(#[from] RequireError),
    /// The embedder subscribes to hooks under its id.
    #[error("the host itself subscribes to hooks as `{0}`: a capsule cannot have this id")]
    Native(CapsuleId),
    /// The host holds as many resident instances and run loops as it may.
    #[error("the host holds its limit of {0} resident instances and run loops")]
    Residents(u32),
    /// It wants to be told when it is installed, and the host keeps no record.
    #[error(
        "it exports what is called when it is installed or upgraded, and this host keeps no \
         record of that: the host's builder takes a folder for it"
    )]
    NoRecord,
    /// The record of what was installed.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// Its installation or upgrade gave no answer.
    #[error("its installation or upgrade did not end well")]
    NotInstalled(#[source] InvokeError),
    /// It refused to be installed or upgraded.
    #[error("it refused to be installed or upgraded: {0}")]
    Refused(String),
    /// The runtime is shutting down.
    #[error("the runtime is shutting down")]
    ShuttingDown,
}
