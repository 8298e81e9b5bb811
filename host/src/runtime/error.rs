//! What goes wrong in building a runtime, in loading, and in calling.

use std::time::Duration;

use crate::capsule::CapsuleId;
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
    /// The compiler ended early: tokio is shutting down, or it has a fault.
    #[error("the compiler did not finish")]
    Compiler,
    /// The runtime is shutting down.
    #[error("the runtime is shutting down")]
    ShuttingDown,
}

/// Why a call has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// No capsule with this id is loaded.
    #[error("no capsule `{0}` is loaded")]
    NotLoaded(CapsuleId),
    /// Every instance was in use until the call's deadline.
    #[error("no instance was free within {} ms", .0.as_millis())]
    Busy(Duration),
    /// The runtime is shutting down.
    #[error("the runtime is shutting down")]
    ShuttingDown,
    /// The capsule gave no answer.
    #[error("the capsule {capsule} gave no answer: {error}")]
    Invoke {
        /// The capsule.
        capsule: CapsuleId,
        /// Why.
        error: InvokeError,
    },
}
