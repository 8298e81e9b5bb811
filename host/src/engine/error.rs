//! Why an engine or a component could not be created.

use super::scan::ScanError;
use crate::sandbox::WorkerError;

/// Why an engine or a component could not be created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// wasmtime rejected the settings.
    #[error("the WebAssembly engine cannot be set up")]
    Setup(#[source] wasmtime::Error),
    /// The clock thread could not be started.
    #[error("the engine's clock thread cannot be started")]
    Ticker(#[source] std::io::Error),
    /// The bytes are WebAssembly text.
    #[error("it is WebAssembly text; compile it to a binary component first")]
    Text,
    /// The bytes are a core module.
    #[error("it is a core module, not a component; build it for the target wasm32-wasip2")]
    CoreModule,
    /// The bytes are not WebAssembly.
    #[error("it is not WebAssembly: it does not start with `\\0asm`")]
    NotWasm,
    /// The component is broken, or uses features that this engine does not have.
    #[error("it is not a valid component")]
    Invalid(#[source] wasmtime::Error),
    /// It exceeds a limit on components.
    #[error("it is too large")]
    Limit(#[source] ScanError),
    /// Compiling it takes more time or memory than allowed.
    #[error("it cannot be compiled within the limits")]
    Costly(#[source] WorkerError),
    /// Compiling it was abandoned: its process or thread failed or was stopped.
    #[error("it cannot be compiled")]
    Compiler(#[source] WorkerError),
    /// The process's address space is too small for a host.
    #[error(
        "the address space of this process is limited to {} MiB (`ulimit -v`), and a host needs \
         at least {} MiB", limit >> 20, least >> 20
    )]
    AddressSpace {
        /// The limit, in bytes.
        limit: u64,
        /// The minimum, in bytes.
        least: u64,
    },
    /// One instance would need more than the engine provides.
    #[error("an instance of it needs {what}, which is over the host's limit of {limit}")]
    TooLarge {
        /// The amount and the kind.
        what: String,
        /// The limit.
        limit: u64,
    },
}

/// Converts the error of a worker into that of the component that it compiled.
pub(super) fn unsound(error: WorkerError) -> EngineError {
    match error {
        WorkerError::Refused(reason) => EngineError::Invalid(wasmtime::Error::msg(reason)),
        WorkerError::Memory(_) | WorkerError::Time(_) => EngineError::Costly(error),
        WorkerError::Stack => EngineError::Invalid(wasmtime::Error::new(error)),
        WorkerError::Run(_)
        | WorkerError::Ulimit { .. }
        | WorkerError::Failed { .. }
        | WorkerError::Stopped => EngineError::Compiler(error),
    }
}
