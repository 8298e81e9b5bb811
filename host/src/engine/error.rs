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
    /// The component uses a feature of WebAssembly that this engine does not have.
    #[error("it uses {feature}, which this host does not have")]
    Feature {
        /// The feature.
        feature: &'static str,
        /// What the validator found.
        #[source]
        source: wasmtime::Error,
    },
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

/// Converts an error of the validator, of the compiler, or of the allocator, which checks
/// how much an instance needs. Their errors have no types that can be named.
pub(super) fn invalid(source: wasmtime::Error) -> EngineError {
    let text = format!("{source:#}");
    if let Some((what, limit)) = needed(&text) {
        return EngineError::TooLarge { what, limit };
    }
    match missing_feature(&text) {
        Some(feature) => EngineError::Feature { feature, source },
        None => EngineError::Invalid(source),
    }
}

/// Reads the number of things that an instance needs, and the limit, from an error of the
/// allocator.
fn needed(text: &str) -> Option<(String, u64)> {
    let number = |text: &str| text.split_whitespace().next()?.parse::<u64>().ok();
    let (_, component) = text.split_once("The component transitively contains ")?;
    let (needed, limit) = component.split_once("exceeds the configured maximum of ")?;
    let (what, needed) = (needed, number(needed)?);
    let what = [
        ("core module instances", "core instances"),
        ("linear memories", "memories"),
        ("tables", "tables"),
    ]
    .into_iter()
    .find_map(|(theirs, ours)| what.contains(theirs).then_some(ours))?;
    Some((format!("{needed} {what}"), number(limit)?))
}

/// Words of the validator, and the feature that they are about.
const FEATURES: [(&str, &str); 15] = [
    (
        "component model async",
        "asynchronous functions of WASI 0.3",
    ),
    (
        "component model more async",
        "asynchronous functions of WASI 0.3",
    ),
    (
        "component model threading",
        "threads of the component model",
    ),
    (
        "component model error-context",
        "error contexts of WASI 0.3",
    ),
    (
        "component model gc",
        "garbage collection in the component model",
    ),
    ("exceptions", "exceptions"),
    ("exception", "exceptions"),
    ("gc proposal", "garbage collection"),
    ("gc support", "garbage collection"),
    ("threads", "threads"),
    ("shared-everything", "threads"),
    ("memory is shared", "threads"),
    ("stack switching", "stack switching"),
    ("custom page sizes", "custom page sizes"),
    ("memory64", "64-bit memories"),
];

/// Returns the feature that a component needs and that the validator does not accept.
fn missing_feature(text: &str) -> Option<&'static str> {
    const REFUSED: [&str; 8] = [
        "must be enabled",
        "not enabled",
        "not supported",
        "feature required",
        "requires the",
        "require the",
        "disabled",
        "cannot be used",
    ];
    let found = FEATURES.iter().find(|(words, _)| text.contains(words))?;
    REFUSED
        .iter()
        .any(|refused| text.contains(refused))
        .then_some(found.1)
}

/// Converts the error of a worker into that of the component that it compiled.
pub(super) fn unsound(error: WorkerError) -> EngineError {
    match error {
        WorkerError::Refused(reason) => invalid(wasmtime::Error::msg(reason)),
        WorkerError::Memory(_) | WorkerError::Time(_) => EngineError::Costly(error),
        WorkerError::Stack => EngineError::Invalid(wasmtime::Error::new(error)),
        WorkerError::Run(_)
        | WorkerError::Ulimit { .. }
        | WorkerError::Failed { .. }
        | WorkerError::Stopped => EngineError::Compiler(error),
    }
}
