//! What a store holds.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::sockets::WasiSocketsCtxView;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::error::InvokeError;
use super::limiter::MemoryLimiter;
use super::stdio::Stdio;
use crate::capsule::Capsule;
use crate::interfaces::{CallContext, CallView, HttpGate, LookupView, Lookups, NetworkGate};

/// The state of one instance.
pub(crate) struct InstanceState {
    call: CallContext,
    stdio: Stdio,
    wasi: WasiCtx,
    table: ResourceTable,
    network: Arc<NetworkGate>,
    lookups: Lookups,
    http: WasiHttpCtx,
    requests: HttpGate,
    pub(super) limiter: MemoryLimiter,
}

impl InstanceState {
    /// The state for a call, with what is granted now.
    pub(super) fn new(call: CallContext, limiter: MemoryLimiter) -> Result<Self, InvokeError> {
        let stdio = Stdio::new(&call);
        let network = Arc::new(NetworkGate::new(&call));
        Ok(Self {
            wasi: super::wasi::wasi(&call, &stdio, &network)?,
            call,
            stdio,
            table: ResourceTable::new(),
            lookups: Lookups::default(),
            http: WasiHttpCtx::new(),
            requests: HttpGate::new(Arc::clone(&network)),
            network,
            limiter,
        })
    }

    /// Turns to the next call.
    pub(super) fn begin(&mut self, call: CallContext) {
        self.stdio.turn_to(&call.log);
        self.network.turn_to(&call.log);
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

impl InstanceState {
    pub(super) fn lookup(&mut self) -> LookupView<'_> {
        LookupView {
            sockets: WasiSocketsCtxView {
                ctx: self.wasi.sockets(),
                table: &mut self.table,
            },
            gate: &self.network,
            lookups: &mut self.lookups,
        }
    }
}

impl WasiHttpView for InstanceState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.requests,
            table: &mut self.table,
            ctx: &mut self.http,
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
