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

/// What the allocator says before the number that an instance needs, and before the limit,
/// and what it counts.
const OVER: [(&str, &str, &str); 6] = [
    (
        "table index",
        "a minimum element size of ",
        "elements in a table",
    ),
    ("memory has", "a minimum byte size of ", "bytes in a memory"),
    ("defined tables", "count of ", "tables"),
    ("defined memories", "count of ", "memories"),
    (
        "core module instances",
        "transitively contains ",
        "core instances",
    ),
    ("linear memories", "transitively contains ", "memories"),
];

/// Reads the number of things that an instance needs, and the limit, from an error of the
/// allocator.
fn needed(text: &str) -> Option<(String, u64)> {
    let number = |text: &str| {
        let end = text.find(|one: char| !one.is_ascii_digit());
        text[..end.unwrap_or(text.len())].parse::<u64>().ok()
    };
    let (before, after) = text.split_once(" exceeds the ")?;
    let (_, limit) = after.split_once(" of ")?;
    let rows = OVER.iter().copied();
    let tables = [("tables", "transitively contains ", "tables")];
    rows.chain(tables).find_map(|(about, marker, what)| {
        let needed = before
            .contains(about)
            .then(|| before.rsplit_once(marker))??;
        Some((format!("{} {what}", number(needed.1)?), number(limit)?))
    })
}

/// Words of the validator, and the feature that they are about.
const FEATURES: [(&str, &str); 16] = [
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
    ("gc types", "garbage collection"),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_allocator_counts_is_read() {
        for (text, expected) in [
            (
                "The component transitively contains 34 core module instances, which exceeds the \
                 configured maximum of 16 in the pooling allocator",
                Some(("34 core instances", 16)),
            ),
            (
                "The component transitively contains 3 Wasm linear memories, which exceeds the \
                 configured maximum of 2 in the pooling allocator",
                Some(("3 memories", 2)),
            ),
            (
                "The component transitively contains 7 tables, which exceeds the configured \
                 maximum of 6 in the pooling allocator",
                Some(("7 tables", 6)),
            ),
            (
                "module table does not fit: table index 0 has a minimum element size of 9 which \
                 exceeds the limit of 8",
                Some(("9 elements in a table", 8)),
            ),
            (
                "memory has a minimum byte size of 131072 which exceeds the limit of 65536 bytes",
                Some(("131072 bytes in a memory", 65536)),
            ),
            (
                "defined tables count of 65 exceeds the per-instance limit of 64",
                Some(("65 tables", 64)),
            ),
            ("type mismatch", None),
        ] {
            let expected = expected.map(|(what, limit)| (what.to_owned(), limit));
            assert_eq!(needed(text), expected, "{text}");
        }
    }

    #[test]
    fn a_feature_is_named_where_it_is_refused() {
        for (text, expected) in [
            ("gc support is not enabled", Some("garbage collection")),
            (
                "threads must be enabled for shared memories",
                Some("threads"),
            ),
            ("exceptions proposal not enabled", Some("exceptions")),
            (
                "`task.return` requires the component model async feature",
                Some("asynchronous functions of WASI 0.3"),
            ),
            ("type mismatch in exceptions", None),
        ] {
            assert_eq!(missing_feature(text), expected, "{text}");
        }
    }
}
