//! What a store holds.

use wasmtime::component::ResourceTable;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};

use super::limiter::MemoryLimiter;
use crate::interfaces::{CallContext, CallView};

/// The state of one instance.
pub(crate) struct InstanceState {
    call: CallContext,
    wasi: WasiCtx,
    table: ResourceTable,
    pub(super) limiter: MemoryLimiter,
}

impl InstanceState {
    pub(super) fn new(call: CallContext, limiter: MemoryLimiter) -> Self {
        let wasi = super::stdio::wasi(&call);
        Self {
            call,
            wasi,
            table: ResourceTable::new(),
            limiter,
        }
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
