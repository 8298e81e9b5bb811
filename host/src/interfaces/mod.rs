//! The imports that a capsule gets, one file an interface.
//!
//! A method here converts in, asks for permission, calls one service and
//! converts out. A denial is a value that the guest sees, never a trap.

mod capability;
mod children;
mod config;
mod files;
mod held;
mod hook;
mod lifecycle;
mod log;
mod logging;
mod network;
mod process;
mod streams;
mod table;
mod wasi_config;

pub(crate) use files::{FileState, FilesView, folder as given_folder};
pub(crate) use held::{connections, measure};
pub(crate) use network::{
    FIELDS as MAX_FIELDS_SIZE, HttpGate, HttpView, LookupView, Lookups, NetworkGate, SocketsView,
};
pub(crate) use table::names as import_names;

use std::sync::Arc;

use wasmtime::component::{HasData, Linker, ResourceTable};

use crate::call::CallScope;
use crate::capsule::{Capsule, CapsuleUuid};
use crate::host::HostContext;
use crate::services::audit::Judgement;
use crate::services::hook::Publisher;
use crate::services::log::CallLog;

/// What one invocation's imports work on.
pub(crate) struct CallContext {
    pub(crate) host: Arc<HostContext>,
    /// The way to the subscribers of topics.
    pub(crate) publisher: Arc<dyn Publisher>,
    pub(crate) capsule: Arc<Capsule>,
    pub(crate) scope: Arc<CallScope>,
    pub(crate) log: Arc<CallLog>,
}

impl CallContext {
    /// The capsule as it is now: its grants may have changed since the call
    /// began. `None` once it is unloaded.
    pub(crate) fn current(&self) -> Option<Arc<Capsule>> {
        self.loaded(self.capsule.uuid)
    }

    /// Tells the embedder's audit how something was judged.
    fn audit(&self, judged: impl FnOnce() -> Judgement) {
        self.host.audit.tell(&self.scope.origin, judged);
    }

    fn loaded(&self, uuid: CapsuleUuid) -> Option<Arc<Capsule>> {
        self.host.capsules.by_uuid(uuid)
    }
}

struct HasCall;

impl HasData for HasCall {
    type Data<'a> = &'a mut CallContext;
}

/// The same for the interfaces that have resources.
pub(crate) struct CallView<'a> {
    pub(crate) call: &'a mut CallContext,
    pub(crate) table: &'a mut ResourceTable,
}

struct HasView;

impl HasData for HasView {
    type Data<'a> = CallView<'a>;
}

/// Where a store's state has what the interfaces work on.
pub(crate) struct Views<T> {
    pub(crate) call: fn(&mut T) -> &mut CallContext,
    pub(crate) view: fn(&mut T) -> CallView<'_>,
    pub(crate) files: fn(&mut T) -> FilesView<'_>,
    pub(crate) lookup: fn(&mut T) -> LookupView<'_>,
    pub(crate) sockets: fn(&mut T) -> SocketsView<'_>,
    pub(crate) http: fn(&mut T) -> HttpView<'_>,
}

/// Links every interface that this host implements, in place of those of `wasi` that
/// are linked already and are neither counted nor judged.
pub(crate) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    views: &Views<T>,
) -> wasmtime::Result<()> {
    table::add_to_linker(linker, views)?;
    linker.allow_shadowing(true);
    files::add_to_linker(linker, views.files)?;
    network::add_to_linker(linker, views.lookup, views.sockets, views.http)?;
    linker.allow_shadowing(false);
    Ok(())
}
