//! What a store holds.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::error::InvokeError;
use super::limiter::MemoryLimiter;
use super::stdio::Stdio;
use crate::capsule::Capsule;
use crate::interfaces::{CallContext, CallView};

/// The state of one instance.
pub(crate) struct InstanceState {
    call: CallContext,
    stdio: Stdio,
    wasi: WasiCtx,
    table: ResourceTable,
    pub(super) limiter: MemoryLimiter,
}

impl InstanceState {
    /// The state for a call, with what is granted now.
    pub(super) fn new(call: CallContext, limiter: MemoryLimiter) -> Result<Self, InvokeError> {
        let stdio = Stdio::new(&call);
        Ok(Self {
            wasi: super::wasi::wasi(&call, &stdio)?,
            call,
            stdio,
            table: ResourceTable::new(),
            limiter,
        })
    }

    /// Turns to the next call.
    pub(super) fn begin(&mut self, call: CallContext) {
        self.stdio.turn_to(&call.log);
        self.limiter.begin();
        self.call = call;
    }

    /// Whether it was made for a capsule as it is now, with these grants: what
    /// it may open was settled then.
    pub(super) fn is_of(&self, capsule: &Arc<Capsule>) -> bool {
        Arc::ptr_eq(&self.call.capsule, capsule)
    }

    /// The call is answered.
    pub(super) fn end(&mut self) {
        self.stdio.turn_to(&Arc::clone(&self.call.log));
    }

    pub(super) fn call(&mut self) -> &mut CallContext {
        &mut self.call
    }

    pub(super) fn view(&mut self) -> CallView<'_> {
        CallView {
            call: &mut self.call,
            table: &mut self.table,
        }
    }
}

impl WasiView for InstanceState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}
