//! The wasmtime engine: its settings, its clock, and its compiled components.
//!
//! Guests built for WASI 0.2 run without component-model concurrency, which
//! halves the cost of a call and more.

mod cache;
mod epoch;

pub use cache::{CacheError, ComponentCache};
pub(crate) use epoch::EpochTicker;

use wasmtime::component::Component;
use wasmtime::{
    Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig, ResourcesRequired,
};

use crate::Digest;

/// How many instances a host holds at the same time, and how large they get.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EngineSettings {
    /// Live component instances.
    pub(crate) instances: u32,
    /// The largest linear memory of one instance, in bytes.
    pub(crate) max_memory: u64,
}

/// A component uses several core instances, tables and memories: a Rust one 3
/// core instances, a Python one 14.
const CORE_INSTANCES_EACH: u32 = 16;
const TABLES_EACH: u32 = 6;
const MEMORIES_EACH: u32 = 2;
const TABLE_ELEMENTS: usize = 100_000;
const KEEP_RESIDENT: usize = 2 << 20;
const TABLE_KEEP_RESIDENT: usize = 64 << 10;
const WASM_STACK: usize = 1 << 20;
const ASYNC_STACK: usize = 2 << 20;

/// Compiles components, and keeps them compiled.
pub(crate) struct ComponentEngine {
    engine: Engine,
    cache: Option<ComponentCache>,
    // Dropped with the engine: epochs pass as long as guests may run.
    _ticker: EpochTicker,
}

/// Why an engine or a component could not be made.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// wasmtime refused the settings.
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
    /// The bytes are no WebAssembly.
    #[error("it is not WebAssembly: it does not start with `\\0asm`")]
    NotWasm,
    /// The component is broken, or uses what this engine does not have.
    #[error("it is not a valid component")]
    Invalid(#[source] wasmtime::Error),
    /// One instance would need more than the engine holds.
    #[error("an instance of it needs {what}, which is over the host's limit of {limit}")]
    TooLarge {
        /// How much of what.
        what: String,
        /// The limit.
        limit: u64,
    },
}

impl ComponentEngine {
    pub(crate) fn new(
        settings: EngineSettings,
        cache: Option<ComponentCache>,
    ) -> Result<Self, EngineError> {
        // The pool reserves address space; where a limit on it is set, as
        // `ulimit -v` does, instances are made on demand instead.
        let engine = Engine::new(&config(Some(settings))).or_else(|error| {
            tracing::warn!(%error, "no instance pool; instances are allocated on demand");
            Engine::new(&config(None)).map_err(EngineError::Setup)
        })?;
        let ticker = EpochTicker::start(engine.clone()).map_err(EngineError::Ticker)?;
        Ok(Self {
            engine,
            cache,
            _ticker: ticker,
        })
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The component, from the cache where it is there. Takes seconds for a
    /// large component that is not.
    pub(crate) fn compile(&self, bytes: &[u8], digest: Digest) -> Result<Component, EngineError> {
        recognise(bytes)?;
        if let Some(cache) = &self.cache
            && let Some(component) = cache.load(&self.engine, digest)
        {
            return Ok(component);
        }
        let component =
            Component::from_binary(&self.engine, bytes).map_err(EngineError::Invalid)?;
        check_size(component.resources_required())?;
        if let Some(cache) = &self.cache {
            cache.store(&self.engine, digest, &component);
        }
        Ok(component)
    }
}

/// Settings with an instance pool, or without.
fn config(pool: Option<EngineSettings>) -> Config {
    let mut config = Config::new();
    config
        // On by default where another crate turns on wasmtime's feature for it.
        .concurrency_support(false)
        .epoch_interruption(true)
        .max_wasm_stack(WASM_STACK)
        .async_stack_size(ASYNC_STACK);
    if let Some(settings) = pool {
        let mut pool = PoolingAllocationConfig::default();
        pool.total_component_instances(settings.instances)
            .total_core_instances(
                settings
                    .instances
                    .saturating_mul(4)
                    .max(CORE_INSTANCES_EACH),
            )
            .total_memories(settings.instances.max(MEMORIES_EACH))
            .total_tables(settings.instances.saturating_mul(3).max(TABLES_EACH))
            .total_stacks(settings.instances)
            .max_core_instances_per_component(CORE_INSTANCES_EACH)
            .max_memories_per_component(MEMORIES_EACH)
            .max_tables_per_component(TABLES_EACH)
            .max_memory_size(usize::try_from(settings.max_memory).unwrap_or(usize::MAX))
            .table_elements(TABLE_ELEMENTS)
            .linear_memory_keep_resident(KEEP_RESIDENT)
            .table_keep_resident(TABLE_KEEP_RESIDENT)
            .pagemap_scan(Enabled::Auto);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    config
}

fn recognise(bytes: &[u8]) -> Result<(), EngineError> {
    const COMPONENT: [u8; 4] = [0x0d, 0x00, 0x01, 0x00];
    const CORE_MODULE: [u8; 4] = [0x01, 0x00, 0x00, 0x00];
    let Some(version) = bytes.strip_prefix(b"\0asm") else {
        return Err(if bytes.trim_ascii_start().starts_with(b"(") {
            EngineError::Text
        } else {
            EngineError::NotWasm
        });
    };
    match version.get(..4) {
        Some(version) if version == CORE_MODULE => Err(EngineError::CoreModule),
        Some(version) if version == COMPONENT => Ok(()),
        _ => Err(EngineError::Invalid(wasmtime::Error::msg(
            "its version is not the one of components",
        ))),
    }
}

fn check_size(required: Option<ResourcesRequired>) -> Result<(), EngineError> {
    // A component that nests others of unknown size has no figure; its
    // instantiation is then what fails.
    let Some(required) = required else {
        return Ok(());
    };
    let over = [
        (
            u64::from(required.num_memories),
            u64::from(MEMORIES_EACH),
            "memories",
        ),
        (
            u64::from(required.num_tables),
            u64::from(TABLES_EACH),
            "tables",
        ),
        (
            required.max_initial_table_size.unwrap_or(0),
            TABLE_ELEMENTS as u64,
            "elements in a table",
        ),
    ]
    .into_iter()
    .find(|(needed, limit, _)| needed > limit);
    match over {
        None => Ok(()),
        Some((needed, limit, what)) => Err(EngineError::TooLarge {
            what: format!("{needed} {what}"),
            limit,
        }),
    }
}
