//! A live instance: a store with a guest in it.

use std::sync::Arc;

use wasmtime::{Engine, PoolConcurrencyLimitError, Store, UpdateDeadline};

use super::error::{InvokeError, LimitKind, Trap};
use super::limiter::MemoryLimiter;
use super::state::InstanceState;
use crate::capsule::Capsule;
use crate::interfaces::CallContext;

/// A store with a guest in it. `G` is how the guest's exports are called.
pub(super) struct Live<G> {
    store: Store<InstanceState>,
    guest: G,
}

impl<G> Live<G> {
    /// A guest that may use so many bytes of memory.
    pub(super) async fn new(
        call: CallContext,
        memory: u64,
        engine: &Engine,
        instantiate: impl AsyncFnOnce(&mut Store<InstanceState>) -> wasmtime::Result<G>,
    ) -> Result<Self, InvokeError> {
        let state = InstanceState::new(call, MemoryLimiter::new(memory))?;
        let mut store = Store::new(engine, state);
        store.limiter(|state| &mut state.limiter);
        // A guest that computes yields at every tick, so that what may stop it
        // is looked at.
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|_| Ok(UpdateDeadline::Yield(1)));
        match instantiate(&mut store).await {
            Ok(guest) => Ok(Self { store, guest }),
            Err(error) if error.is::<PoolConcurrencyLimitError>() => Err(InvokeError::Full),
            Err(error) => Err(explain(&store, error, InvokeError::Instantiate)),
        }
    }

    /// Whether it was made for a capsule as it is now.
    pub(super) fn is_of(&self, capsule: &Arc<Capsule>) -> bool {
        self.store.data().is_of(capsule)
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
        let answer = call(&mut self.store, &self.guest).await;
        self.store.data_mut().end();
        answer.map_err(|error| {
            explain(&self.store, error, |error| {
                InvokeError::Trapped(Trap::of(&error))
            })
        })
    }
}

/// A guest that is refused memory traps; the limit is the reason to tell.
fn explain(
    store: &Store<InstanceState>,
    error: wasmtime::Error,
    otherwise: impl FnOnce(wasmtime::Error) -> InvokeError,
) -> InvokeError {
    match store.data().limiter.reached() {
        Some(limit) => InvokeError::Limit {
            kind: LimitKind::Memory,
            limit,
        },
        None => otherwise(error),
    }
}
