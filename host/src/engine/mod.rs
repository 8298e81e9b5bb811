//! The wasmtime engine: its settings, its clock, and its compiled components.
//!
//! Every component is checked against its limits (`scan`) before it is compiled;
//! `compiler` decides where that happens.
//!
//! Guests built for WASI 0.2 run without component-model concurrency, which cuts the cost
//! of a call by half or more.

mod allocation;
mod cache;
mod compiler;
mod epoch;
mod error;
mod limits;
mod scan;
mod settings;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::sync::{Semaphore, oneshot};
use wasmtime::component::Component;
use wasmtime::{Engine, ResourcesRequired};

pub use allocation::{Allocation, address_space};
pub use cache::{CacheError, CachedComponent, ComponentCache};
pub use compiler::{CompileLimits, Compiler, serve_compiler};
pub(crate) use epoch::EpochTicker;
pub use error::EngineError;
pub use limits::ComponentLimits;
pub use scan::{ComponentCounts, ScanError, scan};
pub(crate) use settings::EngineSettings;

use crate::Digest;
use crate::capsule::EngineLimits;
use crate::sandbox::{WorkerError, WorkerStop};

/// How many components are compiled at a time: each compilation takes all processors, and
/// its own memory.
const AT_A_TIME: usize = 2;

/// The stack of a thread that compiles: enough for the nesting that is allowed.
const STACK: usize = 16 << 20;

/// Compiles components, or finds them in the cache.
pub(crate) struct ComponentEngine {
    engine: Engine,
    allocation: Allocation,
    cache: Option<ComponentCache>,
    compiler: Compiler,
    limits: ComponentLimits,
    each: EngineLimits,
    places: Semaphore,
    compiling: AtomicUsize,
    // Dropped with the engine: epochs advance as long as guests may run.
    _ticker: EpochTicker,
}

impl ComponentEngine {
    pub(crate) fn new(
        settings: EngineSettings,
        cache: Option<ComponentCache>,
        compiler: Compiler,
        limits: ComponentLimits,
    ) -> Result<Self, EngineError> {
        let space = address_space();
        if let Some((limit, least)) = allocation::too_little(space) {
            return Err(EngineError::AddressSpace { limit, least });
        }
        let (engine, allocation) = engine(settings, space)?;
        let ticker = EpochTicker::start(engine.clone()).map_err(EngineError::Ticker)?;
        Ok(Self {
            engine,
            allocation,
            cache,
            compiler,
            limits,
            each: settings.each,
            places: Semaphore::new(AT_A_TIME),
            compiling: AtomicUsize::new(0),
            _ticker: ticker,
        })
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Returns how many components are being compiled.
    pub(crate) fn compiling(&self) -> usize {
        self.compiling.load(Ordering::Relaxed)
    }

    /// Returns the component, from the cache if it is there. Otherwise a large component
    /// takes seconds. Dropping the future ends a worker that compiles it.
    pub(crate) async fn compile(
        self: &Arc<Self>,
        bytes: Vec<u8>,
        digest: Digest,
    ) -> Result<Component, EngineError> {
        let engine = Arc::clone(self);
        let found = on_a_thread("boll-load", move || engine.find(bytes, digest));
        let bytes = match found.await?? {
            Found::Compiled(component) => return Ok(component),
            Found::Missing(bytes) => bytes,
        };
        // Never closed.
        let _place = self.places.acquire().await;
        let _counted = Counted::one_more(&self.compiling);
        let stopping = StopOnDrop(WorkerStop::default());
        let (engine, stop) = (Arc::clone(self), stopping.0.clone());
        on_a_thread("boll-compile", move || engine.make(&bytes, digest, &stop)).await?
    }

    /// Checks that the bytes are a component at all, and looks for it in the cache.
    fn find(&self, bytes: Vec<u8>, digest: Digest) -> Result<Found, EngineError> {
        recognise(&bytes)?;
        if let Some(cache) = &self.cache
            && let Some(component) = cache.load(&self.engine, digest)
        {
            return Ok(Found::Compiled(component));
        }
        scan(&bytes, &self.limits).map_err(|error| match error {
            ScanError::Limit { .. } => EngineError::Limit(error),
            ScanError::Malformed(reason) => EngineError::Invalid(wasmtime::Error::msg(reason)),
        })?;
        Ok(Found::Missing(bytes))
    }

    fn make(
        &self,
        bytes: &[u8],
        digest: Digest,
        stop: &WorkerStop,
    ) -> Result<Component, EngineError> {
        let Self {
            engine,
            allocation,
            cache,
            compiler,
            each,
            ..
        } = self;
        let begun = Instant::now();
        let component = compiler.compile(engine, *allocation, bytes, stop)?;
        let code = component.image_range();
        tracing::info!(
            component = %digest,
            bytes = bytes.len(),
            code = code.end.addr() - code.start.addr(),
            ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            "compiled a component"
        );
        check_size(component.resources_required(), each)?;
        if let Some(cache) = cache {
            cache.store(engine, digest, &component);
        }
        Ok(component)
    }
}

enum Found {
    Compiled(Component),
    Missing(Vec<u8>),
}

/// Stops the work when nobody waits for it any more.
struct StopOnDrop(WorkerStop);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// One of the components that are being compiled.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn one_more(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Runs work on a thread of its own: tokio's threads may all be taken, and the size of
/// their stack is not known here.
async fn on_a_thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, EngineError> {
    let (done, wait) = oneshot::channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(STACK)
        .spawn(move || {
            // The waiting task may be gone.
            let _ = done.send(work());
        })
        .map_err(|error| EngineError::Compiler(WorkerError::Run(error)))?;
    let gone = |_| EngineError::Compiler(WorkerError::Stopped);
    wait.await.map_err(gone)
}

/// Creates an engine, with a pool if that fits into the address space.
fn engine(
    settings: EngineSettings,
    space: Option<u64>,
) -> Result<(Engine, Allocation), EngineError> {
    if Allocation::of(settings.instances, space) == Allocation::Pooled {
        match Engine::new(&allocation::pooled(settings)) {
            Ok(engine) => return Ok((engine, Allocation::Pooled)),
            Err(error) => tracing::warn!(%error, "the pool of instances cannot be reserved"),
        }
    }
    let limit = space.map_or_else(
        || "cannot hold a pool".to_owned(),
        |limit| format!("is limited to {} MiB (`ulimit -v`)", limit >> 20),
    );
    tracing::warn!(
        "the address space of this process {limit}: instances are allocated on demand, and calls \
         take longer"
    );
    let engine = Engine::new(&allocation::config(
        Allocation::OnDemand,
        settings.each.stack,
    ));
    Ok((engine.map_err(EngineError::Setup)?, Allocation::OnDemand))
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
            "its version is not that of a component",
        ))),
    }
}

fn check_size(required: Option<ResourcesRequired>, each: &EngineLimits) -> Result<(), EngineError> {
    // There is no figure for a component that nests others of unknown size: if it is too
    // large, instantiating it fails.
    let Some(required) = required else {
        return Ok(());
    };
    let over = [
        (
            u64::from(required.num_memories),
            u64::from(each.memories),
            "memories",
        ),
        (
            u64::from(required.num_tables),
            u64::from(each.tables),
            "tables",
        ),
        (
            required.max_initial_table_size.unwrap_or(0),
            u64::from(each.table_elements),
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
