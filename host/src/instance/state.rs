//! What a store holds.

use std::sync::Arc;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::sockets::WasiSocketsCtxView;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView};

use super::error::InvokeError;
use super::limiter::MemoryLimiter;
use super::stdio::Stdio;
use crate::capsule::{Capsule, Exhausted};
use crate::interfaces::{
    CallContext, CallView, FileState, FilesView, HostInterface, HttpGate, HttpView, InterfaceView,
    Lookups, MAX_FIELDS_SIZE, NetworkGate, OwnInterface, SocketsView, connections, measure,
};
use crate::services::file_threads::FileCalls;

/// The state of one instance.
pub(crate) struct InstanceState {
    call: CallContext,
    stdio: Stdio,
    wasi: WasiCtx,
    table: ResourceTable,
    /// Dropped after the table, so that it closes what may take time to close.
    files: FileState,
    network: Arc<NetworkGate>,
    lookups: Lookups,
    http: WasiHttpCtx,
    requests: HttpGate,
    pub(super) limiter: MemoryLimiter,
}

impl InstanceState {
    /// The state for a call, with what is granted now and at most so many
    /// resources.
    pub(super) async fn new(
        call: CallContext,
        limiter: MemoryLimiter,
        resources: usize,
    ) -> Result<Self, InvokeError> {
        let stdio = Stdio::new(&call);
        let network = Arc::new(NetworkGate::new(&call));
        let mut table = ResourceTable::new();
        table.set_max_capacity(resources);
        let mut http = WasiHttpCtx::new();
        http.set_field_size_limit(MAX_FIELDS_SIZE);
        let threads = Arc::clone(&call.host.file_threads);
        let calls = FileCalls::new(threads, Arc::clone(&call.capsule.account));
        let folders = super::wasi::folders(&call, &calls).await?;
        Ok(Self {
            wasi: super::wasi::wasi(&call, &stdio, &network),
            files: FileState::new(calls, folders),
            call,
            stdio,
            table,
            lookups: Lookups::default(),
            http,
            requests: HttpGate::new(Arc::clone(&network)),
            network,
            limiter,
        })
    }

    /// Turns to the next call.
    pub(super) fn begin(&mut self, call: CallContext) {
        self.stdio.turn_to(&call.log);
        self.stdio.begin();
        self.network.turn_to(&call.log);
        self.limiter.budget.begin();
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

    /// Returns the last lines that the call wrote to its standard error.
    pub(super) fn last_of_stderr(&self) -> Vec<String> {
        self.stdio.last_of_stderr()
    }

    pub(super) fn call(&mut self) -> &mut CallContext {
        &mut self.call
    }

    /// What the functions of an interface of the embedder's work on.
    pub(super) fn own<I: HostInterface>(&mut self) -> InterfaceView<'_, I> {
        let interface = self.call.host.own.get::<OwnInterface<I>>();
        let interface = interface.expect("an interface is linked where its state is kept");
        interface.view(&self.call, &mut self.table)
    }

    pub(super) fn view(&mut self) -> CallView<'_> {
        CallView {
            call: &mut self.call,
            table: &mut self.table,
        }
    }
}

impl InstanceState {
    /// Counts what the host holds for the instance now.
    pub(super) fn settle(&mut self) -> Result<(), Exhausted> {
        let held = measure(&mut self.table) + self.files.held();
        let connected = connections(&mut self.table);
        self.limiter.budget.connections(connected)?;
        self.limiter.budget.settle(held)
    }

    pub(super) fn max_resources(&self) -> usize {
        self.table.max_capacity()
    }

    pub(super) fn files(&mut self) -> FilesView<'_> {
        FilesView {
            table: &mut self.table,
            files: &mut self.files,
            memory: &mut self.limiter.budget,
            log: &self.call.log,
        }
    }

    pub(super) fn sockets(&mut self) -> SocketsView<'_> {
        SocketsView {
            sockets: WasiSocketsCtxView {
                ctx: self.wasi.sockets(),
                table: &mut self.table,
            },
            memory: &mut self.limiter.budget,
            gate: &self.network,
            lookups: &mut self.lookups,
        }
    }

    pub(super) fn http(&mut self) -> HttpView<'_> {
        HttpView {
            http: WasiHttpCtxView {
                hooks: &mut self.requests,
                table: &mut self.table,
                ctx: &mut self.http,
            },
            memory: &mut self.limiter.budget,
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
