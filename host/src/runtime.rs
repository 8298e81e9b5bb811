//! [`Runtime`]: the one public entry.
//!
//! It loads capsules, calls them, cancels calls, and ends everything that they
//! started. It never prints, exits, or reads home or environment.

mod builder;
mod calls;
mod error;
mod registry;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use arc_swap::ArcSwap;
use tokio::sync::{Semaphore, watch};
use tokio_util::task::TaskTracker;
use wasmtime::component::Component;

pub use builder::{RuntimeBuilder, RuntimeLimits};
use calls::Calls;
pub use error::{BuildError, CallError, LoadCause, LoadError};
use registry::{Entry, Registry};

use crate::Digest;
use crate::bindings::boll::hook::types::Event;
use crate::caller::{Caller, Deadline};
use crate::capsule::{Capsule, CapsuleId, CapsuleState, CapsuleUuid, Manifest};
use crate::engine::ComponentEngine;
use crate::host::HostContext;
use crate::instance::{self, InvokeError, LimitKind, Outcome, Preparer, Surface};
use crate::interfaces::CallContext;
use crate::policy::{GrantSet, Held};
use crate::services::config;
use crate::services::log::Origin;

/// Runs capsules. Cheap to clone; all clones are the same runtime.
///
/// ```
/// use boll_host::{Runtime, capsule::Manifest};
///
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// let runtime = Runtime::builder().build()?;
/// let manifest = Manifest::parse("Capsule.toml", "[capsule]\nid = \"a\"\nversion = \"1.0.0\"")?;
/// // A core module is not a component, and says so.
/// let error = runtime
///     .load(boll_host::Load::new(manifest, b"\0asm\x01\0\0\0".to_vec()))
///     .await
///     .unwrap_err();
/// assert!(std::error::Error::source(&error).unwrap().to_string().contains("core module"));
/// runtime.shut_down().await;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct Runtime(Arc<Inner>);

struct Inner {
    host: Arc<HostContext>,
    registry: Arc<ArcSwap<Registry>>,
    engine: Arc<ComponentEngine>,
    preparer: Preparer,
    limits: RuntimeLimits,
    calls: Calls,
    instances: Semaphore,
}

/// A capsule to load.
#[derive(Debug)]
pub struct Load {
    manifest: Manifest,
    component: Vec<u8>,
    grants: GrantSet,
    config: BTreeMap<String, String>,
}

impl Load {
    /// A capsule by its manifest and its component's bytes, with no grants and
    /// no configuration beyond the manifest's defaults.
    #[must_use]
    pub fn new(manifest: Manifest, component: Vec<u8>) -> Self {
        Self {
            manifest,
            component,
            grants: GrantSet::default(),
            config: BTreeMap::new(),
        }
    }

    /// What the operator grants.
    #[must_use]
    pub fn grants(mut self, grants: GrantSet) -> Self {
        self.grants = grants;
        self
    }

    /// Configuration values by key, as text.
    #[must_use]
    pub fn config(mut self, config: BTreeMap<String, String>) -> Self {
        self.config = config;
        self
    }
}

/// How a call is made.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// On whose behalf.
    pub principal: Option<String>,
    /// The id by which [`Runtime::cancel`] finds it; several calls may share one.
    pub call_id: Option<String>,
    /// How long it may take, if that is less than the manifest and the host allow.
    pub time: Option<Duration>,
}

impl Runtime {
    /// A runtime to be set up.
    #[must_use]
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }

    /// Loads a capsule; one with the same id is replaced. Compiles the component
    /// when the cache does not have it, which takes seconds for a large one.
    ///
    /// # Errors
    ///
    /// The component is no component, imports what the host does not have, or
    /// has no handler; the configuration does not fit the manifest.
    pub async fn load(&self, load: Load) -> Result<CapsuleId, LoadError> {
        let id = load.manifest.id.clone();
        let failed = |cause| LoadError {
            capsule: id.clone(),
            cause,
        };
        self.0
            .calls
            .check_open()
            .map_err(|_| failed(LoadCause::ShuttingDown))?;
        let config =
            config::resolve(&load.manifest, &load.config).map_err(|error| failed(error.into()))?;
        let digest = Digest::of(&load.component);
        let component = self.compile(load.component, digest).await.map_err(failed)?;
        let prepared = self
            .0
            .preparer
            .prepare(&component)
            .map_err(|error| failed(error.into()))?;
        let capsule = Arc::new(Capsule {
            uuid: CapsuleUuid::random(),
            manifest: Arc::new(load.manifest),
            digest,
            grants: load.grants,
            config: Arc::new(config),
            state: watch::Sender::new(CapsuleState::Loaded),
            cancel: self.0.calls.root().child_token(),
        });
        let entry = Entry { capsule, prepared };
        let before = self.0.registry.rcu(|registry| registry.with(entry.clone()));
        if let Some(replaced) = before.by_id(&id) {
            self.retire(&replaced.capsule);
        }
        Ok(id)
    }

    /// Looks at a component from outside, without loading it.
    ///
    /// # Errors
    ///
    /// It is no component, or a broken one.
    pub async fn inspect(&self, component: Vec<u8>) -> Result<Surface, LoadCause> {
        let digest = Digest::of(&component);
        let component = self.compile(component, digest).await?;
        Ok(Surface::of(&component))
    }

    async fn compile(&self, bytes: Vec<u8>, digest: Digest) -> Result<Component, LoadCause> {
        let engine = Arc::clone(&self.0.engine);
        tokio::task::spawn_blocking(move || engine.compile(&bytes, digest))
            .await
            .map_err(|_| LoadCause::Compiler)?
            .map_err(LoadCause::from)
    }

    /// Unloads a capsule: its calls are cancelled and its processes end. Gives
    /// whether it was loaded.
    pub fn unload(&self, id: &CapsuleId) -> bool {
        let before = self.0.registry.rcu(|registry| registry.without(id));
        let unloaded = before.by_id(id);
        if let Some(Entry { capsule, .. }) = unloaded {
            self.retire(capsule);
        }
        unloaded.is_some()
    }

    /// Ends what a capsule is doing that is in no snapshot any more.
    fn retire(&self, capsule: &Capsule) {
        capsule.retire();
        if let Some(processes) = &self.0.host.processes {
            processes.forget(capsule.uuid.into());
        }
    }

    /// Replaces what the operator grants to a loaded capsule. Holds from the
    /// next thing that the capsule asks for, also in calls under way. Gives
    /// whether the capsule is loaded.
    pub fn set_grants(&self, id: &CapsuleId, grants: &GrantSet) -> bool {
        let before = self.0.registry.rcu(|registry| match registry.by_id(id) {
            Some(Entry { capsule, prepared }) => registry.with(Entry {
                capsule: Arc::new(capsule.with_grants(grants.clone())),
                prepared: prepared.clone(),
            }),
            None => (**registry).clone(),
        });
        before.by_id(id).is_some()
    }

    /// Calls an action of a loaded capsule.
    ///
    /// # Errors
    ///
    /// The capsule is not loaded, no instance was free in time, or it gave no
    /// answer: see [`CallError`]. What the capsule itself says, a failure too,
    /// is an [`Outcome`].
    pub async fn invoke(
        &self,
        id: &CapsuleId,
        action: &str,
        payload: Vec<u8>,
        options: CallOptions,
    ) -> Result<Outcome, CallError> {
        let Inner {
            host,
            registry,
            limits,
            calls,
            instances,
            ..
        } = &*self.0;
        let Entry { capsule, prepared } = registry
            .load()
            .by_id(id)
            .cloned()
            .ok_or_else(|| CallError::NotLoaded(id.clone()))?;
        let failed = |error| CallError::Invoke {
            capsule: id.clone(),
            error,
        };
        if payload.len() as u64 > limits.payload {
            return Err(failed(InvokeError::Limit {
                kind: LimitKind::Payload,
                limit: limits.payload,
            }));
        }
        let limits = limits.of(&capsule.manifest, options.time);
        let (started, started_at) = (Instant::now(), SystemTime::now());
        let deadline = started + limits.time;
        // Registered before anything waits: a cancel that comes early holds.
        let call = calls.register(&capsule.cancel, options.call_id.as_deref())?;
        let permit = tokio::select! {
            biased;
            () = call.token().cancelled() => return Err(failed(InvokeError::Cancelled)),
            permit = tokio::time::timeout_at(deadline.into(), instances.acquire()) => permit,
        };
        let Ok(Ok(_permit)) = permit else {
            return Err(CallError::Busy(limits.time));
        };
        let context = CallContext {
            host: Arc::clone(host),
            origin: Arc::new(Origin {
                capsule: id.clone(),
                principal: options.principal.clone(),
                call_id: options.call_id.clone(),
            }),
            caller: Caller {
                principal: options.principal,
                call_id: options.call_id,
                started_at,
                deadline: Deadline {
                    instant: deadline,
                    wall: started_at + limits.time,
                },
            },
            cancel: call.token().clone(),
            running: TaskTracker::new(),
            capsule: Arc::clone(&capsule),
        };
        let event = Event {
            topic: None,
            payload,
        };
        instance::invoke(&prepared, context, limits, action, &event)
            .await
            .map_err(failed)
    }

    /// Cancels every call that was made with one of these ids, and all that
    /// they started, the children too that they detached. Gives how many calls
    /// and detached children there were.
    pub fn cancel<'a>(&self, call_ids: impl IntoIterator<Item = &'a str>) -> usize {
        let call_ids: Vec<&str> = call_ids.into_iter().collect();
        // First the calls: what one detaches and leaves behind just now is then
        // either cancelled with it or found below.
        let calls = self.0.calls.cancel(call_ids.iter().copied());
        let left_behind = match &self.0.host.processes {
            Some(processes) => processes.cancel(&call_ids),
            None => 0,
        };
        calls + left_behind
    }

    /// The ids of the loaded capsules, sorted.
    #[must_use]
    pub fn capsules(&self) -> Vec<CapsuleId> {
        let mut ids: Vec<_> = self.0.registry.load().ids().cloned().collect();
        ids.sort();
        ids
    }

    /// What a loaded capsule may do, sorted by name.
    #[must_use]
    pub fn held(&self, id: &CapsuleId) -> Option<Vec<Held>> {
        self.capsule(id).map(|capsule| capsule.held())
    }

    /// The digest of a loaded capsule's component.
    #[must_use]
    pub fn digest(&self, id: &CapsuleId) -> Option<Digest> {
        self.capsule(id).map(|capsule| capsule.digest)
    }

    /// The uuid of a capsule's present loading.
    #[must_use]
    pub fn uuid(&self, id: &CapsuleId) -> Option<CapsuleUuid> {
        self.capsule(id).map(|capsule| capsule.uuid)
    }

    /// A loaded capsule's state, and its changes from now on.
    #[must_use]
    pub fn watch(&self, id: &CapsuleId) -> Option<watch::Receiver<CapsuleState>> {
        self.capsule(id).map(|capsule| capsule.state.subscribe())
    }

    /// Ends everything: calls are cancelled, processes end, log lines are
    /// written. Afterwards nothing can be loaded or called.
    pub async fn shut_down(&self) {
        self.0.calls.close();
        for id in self.capsules() {
            self.unload(&id);
        }
        if let Some(processes) = &self.0.host.processes {
            processes.shutdown().await;
        }
        let log = self.0.host.log.clone();
        // Fails only when tokio itself is shutting down.
        let _ = tokio::task::spawn_blocking(move || log.flush()).await;
    }

    fn capsule(&self, id: &CapsuleId) -> Option<Arc<Capsule>> {
        let entry = self.0.registry.load().by_id(id)?.clone();
        Some(entry.capsule)
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime")
            .field("capsules", &self.capsules())
            .finish_non_exhaustive()
    }
}
