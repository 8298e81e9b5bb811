//! What a store holds.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::limiter::MemoryLimiter;
use super::stdio::Stdio;
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
    pub(super) fn new(call: CallContext, limiter: MemoryLimiter) -> Self {
        let stdio = Stdio::new(&call);
        Self {
            call,
            wasi: stdio.wasi(),
            stdio,
            table: ResourceTable::new(),
            limiter,
        }
    }

    /// Turns to the next call.
    pub(super) fn begin(&mut self, call: CallContext) {
        self.stdio.turn_to(&call.log);
        self.limiter.begin();
        self.call = call;
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
