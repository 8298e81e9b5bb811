//! What the imports of one call work on.

use std::sync::Arc;

use wasmtime::component::{HasData, Resource, ResourceTable};

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
    pub(super) fn audit(&self, judged: impl FnOnce() -> Judgement) {
        self.host.audit.tell(&self.scope.origin, judged);
    }

    pub(super) fn loaded(&self, uuid: CapsuleUuid) -> Option<Arc<Capsule>> {
        self.host.capsules.by_uuid(uuid)
    }
}

pub(super) struct HasCall;

impl HasData for HasCall {
    type Data<'a> = &'a mut CallContext;
}

/// The same for the interfaces that have resources.
pub(crate) struct CallView<'a> {
    pub(crate) call: &'a mut CallContext,
    pub(crate) table: &'a mut ResourceTable,
}

impl CallView<'_> {
    /// Gives the guest a resource, or the error for which there is none.
    pub(super) fn hand_out<T: Send + 'static, E>(
        &mut self,
        made: Result<T, impl Into<E>>,
    ) -> wasmtime::Result<Result<Resource<T>, E>> {
        Ok(match made {
            Ok(resource) => Ok(self.table.push(resource)?),
            Err(error) => Err(error.into()),
        })
    }
}

pub(super) struct HasView;

impl HasData for HasView {
    type Data<'a> = CallView<'a>;
}
