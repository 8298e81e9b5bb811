//! A live instance: a store with a guest in it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use wasmtime::component::ResourceTableError;
use wasmtime::{Engine, PoolConcurrencyLimitError, Store, UpdateDeadline};
use wasmtime_wasi_http::FieldMapError;

use super::error::{InvokeError, LimitKind, Trap};
use super::limiter::MemoryLimiter;
use super::state::InstanceState;
use super::wasi::MAX_RANDOM;
use crate::capsule::{Capsule, EngineLimits, Exhausted, MemoryBudget};
use crate::cause::panic_text;
use crate::interfaces::{CallContext, MAX_FIELDS_SIZE};

/// What one instance may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Linear memory, with what the host holds for it, in bytes.
    pub(crate) memory: u64,
    /// What may be passed in one call, to the host or as its answer, in bytes.
    pub(crate) passed: u64,
    /// What it may consist of.
    pub(crate) engine: EngineLimits,
}

/// A store with a guest in it. `G` is how the guest's exports are called.
pub(super) struct Live<G> {
    store: Store<InstanceState>,
    guest: G,
    /// The calls that it answered.
    calls: u32,
}

impl<G> Live<G> {
    /// A guest that may use so much.
    pub(super) async fn new(
        call: CallContext,
        bounds: Bounds,
        engine: &Engine,
        instantiate: impl AsyncFnOnce(&mut Store<InstanceState>) -> wasmtime::Result<G>,
    ) -> Result<Self, InvokeError> {
        let account = Arc::clone(&call.capsule.account);
        let handles = account.resources as usize;
        let limiter = MemoryLimiter::new(MemoryBudget::new(bounds.memory, account), bounds.engine);
        let state = InstanceState::new(call, limiter, handles).await?;
        let mut store = Store::new(engine, state);
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(usize::try_from(bounds.passed).unwrap_or(usize::MAX));
        // The host's own memory holds those of the guest's types, too.
        store.set_max_component_handles(handles);
        // A guest that computes yields at every tick, so that what may stop it
        // is looked at, and what the host holds for it.
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut store| {
            store.data_mut().settle()?;
            Ok(UpdateDeadline::Yield(1))
        });
        let made = caught(instantiate(&mut store)).await?;
        match made {
            Ok(guest) => Ok(Self {
                store,
                guest,
                calls: 0,
            }),
            Err(error) if error.is::<PoolConcurrencyLimitError>() => Err(InvokeError::Full),
            // What a guest does while it is instantiated is its own.
            Err(error) => {
                store.data_mut().end();
                Err(explain(&store, error, InvokeError::Instantiate))
            }
        }
    }

    /// Whether it was made for a capsule as it is now.
    pub(super) fn is_of(&self, capsule: &Arc<Capsule>) -> bool {
        self.store.data().is_of(capsule)
    }

    /// Returns the limit on memory that the present call reached, though its guest may have
    /// caught that.
    pub(super) fn reached(&self) -> Option<InvokeError> {
        let reached = self.store.data().limiter.budget.reached();
        reached.map(InvokeError::from)
    }

    /// Returns how many calls it answered.
    pub(super) fn calls(&self) -> u32 {
        self.calls
    }

    /// Returns what it holds of its memory, in percent, and the limit in bytes.
    pub(super) fn memory(&self) -> (u64, u64) {
        let budget = &self.store.data().limiter.budget;
        (budget.percent(), budget.limit())
    }

    /// Turns to the next call.
    pub(super) fn begin(&mut self, call: CallContext) {
        self.store.data_mut().begin(call);
    }

    /// Calls an export. A guest that did not return is of no more use.
    pub(super) async fn call<T>(
        &mut self,
        call: impl AsyncFnOnce(&mut Store<InstanceState>, &G) -> wasmtime::Result<T>,
    ) -> Result<T, InvokeError> {
        let answer = caught(call(&mut self.store, &self.guest)).await?;
        self.store.data_mut().end();
        self.calls = self.calls.saturating_add(1);
        answer.map_err(|error| explain(&self.store, error, |error| trapped(&self.store, &error)))
    }
}

/// The guest's work. A panic in a function of the embedder's ends it, and nothing else: what
/// it may have left half done is in the store, which is dropped.
async fn caught<T>(work: impl Future<Output = T>) -> Result<T, InvokeError> {
    let done = AssertUnwindSafe(work).catch_unwind().await;
    done.map_err(|panic| InvokeError::HostPanicked(panic_text(&*panic)))
}

/// A guest that is refused something traps; the limit is the reason to tell.
fn explain(
    store: &Store<InstanceState>,
    error: wasmtime::Error,
    otherwise: impl FnOnce(wasmtime::Error) -> InvokeError,
) -> InvokeError {
    if let Some(exhausted) = error.downcast_ref::<Exhausted>() {
        return (*exhausted).into();
    }
    if let Some((kind, limit)) = limit_of(store, &error) {
        let limit = limit as u64;
        return InvokeError::Limit { kind, limit };
    }
    match store.data().limiter.budget.reached() {
        Some(exhausted) => exhausted.into(),
        None if Trap::is(&error) => trapped(store, &error),
        None => otherwise(error),
    }
}

/// A guest that did not return, with what it wrote last.
fn trapped(store: &Store<InstanceState>, error: &wasmtime::Error) -> InvokeError {
    let state = store.data();
    let mut trap = Trap::of(error, state.last_of_stderr());
    if let Some(wasmtime::Trap::StackOverflow) = error.downcast_ref() {
        let kib = state.limiter.engine().stack >> 10;
        trap.reason
            .push_str(&format!(": over the limit of {kib} KiB of stack"));
    }
    InvokeError::Trapped(trap)
}

/// The limit of wasmtime's that an error is about.
fn limit_of(store: &Store<InstanceState>, error: &wasmtime::Error) -> Option<(LimitKind, usize)> {
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return Some((LimitKind::Resources, store.data().max_resources()));
    }
    // Their number is limited too, and cannot be reached within these bytes.
    if let Some(FieldMapError::TotalSizeTooBig | FieldMapError::TooManyFields) =
        error.downcast_ref()
    {
        return Some((LimitKind::Fields, MAX_FIELDS_SIZE));
    }
    // These have no types that can be named.
    let cause = error.root_cause().to_string();
    if cause.starts_with("requested len ") && cause.contains(" exceeds limit ") {
        return Some((LimitKind::Random, MAX_RANDOM));
    }
    if cause.contains("fuel allocated for hostcalls") {
        return Some((LimitKind::Passed, store.hostcall_fuel()));
    }
    if let Some(at) = cause.strip_prefix("resource limit exceeded: ") {
        let limits = store.data().limiter.engine();
        let (kind, limit) = match at.split_whitespace().next()? {
            "instance" => (LimitKind::CoreInstances, limits.core_instances),
            "memory" => (LimitKind::Memories, limits.memories),
            _ => (LimitKind::Tables, limits.tables),
        };
        return Some((kind, limit as usize));
    }
    let handles = ["cannot allocate another handle", "store handle limit"];
    let handles = handles.iter().any(|handles| cause.contains(handles));
    handles.then(|| (LimitKind::Resources, store.max_component_handles()))
}
