//! What goes wrong in building a runtime and in loading.

use std::io;
use std::path::PathBuf;

use crate::capsule::{CapsuleId, CapsuleState, FolderError};
use crate::engine::EngineError;
use crate::instance::{ContractError, InvokeError};
use crate::policy::InvalidInterface;
use crate::services::config::ConfigError;

/// Why a runtime could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// An interface of the embedder's.
    #[error(transparent)]
    Interface(#[from] InterfaceError),
    /// The imports could not be linked: a fault of this library, or of the linking of an
    /// interface of the embedder's.
    #[error("the host's interfaces cannot be linked")]
    Linker(#[source] wasmtime::Error),
    /// The workspace cannot be opened.
    #[error("cannot open the workspace")]
    Workspace(#[source] io::Error),
    /// The threads that wait for files could not be set up.
    #[error("the threads for files cannot be set up")]
    FileThreads(#[source] io::Error),
    /// The thread that writes the log could not be started.
    #[error("the log's thread cannot be started")]
    Log(#[source] io::Error),
}

/// Why an interface of the embedder's cannot be added.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InterfaceError {
    /// Its name is not the name of an interface.
    #[error("the interface `{name}` cannot be added")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        #[source]
        source: InvalidInterface,
    },
    /// The host has an interface of this name already, or one of the same type was added.
    #[error("the interface `{0}` cannot be added: the host has it already")]
    Taken(String),
}

/// Why a capsule was not loaded.
#[derive(Debug, thiserror::Error)]
#[error("the capsule {capsule} cannot be loaded")]
#[non_exhaustive]
pub struct LoadError {
    /// The capsule.
    pub capsule: CapsuleId,
    /// What is wrong with it.
    #[source]
    pub cause: LoadCause,
}

/// What is wrong with a capsule that was not loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
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
    /// It wants to be notified when it is installed, and the host keeps no record.
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

/// Why a requirement is not met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequireError {
    /// The capsule is not loaded, nor to be loaded.
    #[error("it requires the capsule `{0}`, which is not loaded")]
    Missing(CapsuleId),
    /// The capsule is loaded in another version.
    #[error("it requires the capsule `{capsule}` in a version {wanted}, and {loaded} is loaded")]
    Version {
        /// The required capsule.
        capsule: CapsuleId,
        /// The versions that would do.
        wanted: semver::VersionReq,
        /// The one that is there.
        loaded: semver::Version,
    },
    /// The capsule is there and does not get ready.
    #[error("it requires the capsule `{capsule}`, which is not ready but {state:?}")]
    NotReady {
        /// The required capsule.
        capsule: CapsuleId,
        /// Its state.
        state: CapsuleState,
    },
    /// Capsules require each other. The first one is named again at the end.
    #[error("they require each other: {}", join(.0))]
    Cycle(Vec<CapsuleId>),
}

fn join(ids: &[CapsuleId]) -> String {
    let ids: Vec<&str> = ids.iter().map(CapsuleId::as_str).collect();
    ids.join(" -> ")
}

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It cannot be read.
    #[error("the record {} cannot be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// It is no record.
    #[error("the record {} is broken", .0.display())]
    Broken(PathBuf, #[source] serde_json::Error),
    /// It cannot be written.
    #[error("the record {} cannot be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
}
