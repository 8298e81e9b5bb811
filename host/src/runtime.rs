//! [`Runtime`]: the one public entry.
//!
//! It loads capsules, calls them, cancels calls, and ends everything that they
//! started. It never prints, exits, or reads home or environment.

mod builder;
mod capsules;
mod components;
mod descriptors;
mod error;
mod install;
mod load;
mod record;
mod requires;
mod service;
mod service_settings;
mod subscribe;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};
use tokio_util::task::TaskTracker;

pub use builder::RuntimeBuilder;
use components::Components;
pub use descriptors::raise_descriptor_limit;
pub use error::{BuildError, InterfaceError, LoadCause, LoadError, RecordError, RequireError};
pub use load::Load;
use record::Records;
pub use service_settings::ServiceSettings;
pub use subscribe::{SubscribeError, SubscriptionKey};

use crate::Digest;
use crate::call::{CallId, Caller, Deadline, PrincipalName};
use crate::capsule::{
    Accounts, Capsule, CapsuleId, CapsuleState, CapsuleUuid, Manifest, Obeyed, StateWatch,
};
use crate::dispatch::{Call, CallCounts, CallError, Dispatcher, Registered};
use crate::engine::ComponentEngine;
use crate::instance::{Event, InvokeError, LimitKind, Preparer};
use crate::policy::{AuthorizedTopic, GrantSet, Held};
use crate::process::ProcessService;
use crate::services::hook::{Answer, Outcome, Publication, PublishError, Verdict};
use crate::workspace::Workspace;

/// Runs capsules. Cheap to clone; all clones are the same runtime.
///
/// Dropping the last clone without [`shut_down`](Self::shut_down) ends the same
/// things, and waits for none of them: run loops and resident instances end within
/// milliseconds, processes within
/// [`ProcessSettings::grace`](crate::process::ProcessSettings) (at once where tokio's
/// runtime ends too), and the library's threads after them. Log lines are still written,
/// unless the program ends first. A call under way keeps the runtime, and so does each
/// function of the embedder's (a subscriber, a sink, an audit) that holds a clone.
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
    dispatcher: Arc<Dispatcher>,
    engine: Arc<ComponentEngine>,
    preparer: Preparer,
    components: Components,
    /// What each capsule has taken of the host.
    accounts: Accounts,
    workspace: Option<Arc<Workspace>>,
    obeyed: Obeyed,
    services: ServiceSettings,
    /// The run loops, and the replaced capsules that finish their calls.
    tasks: TaskTracker,
    /// Resident instances and run loops.
    residents: Arc<Semaphore>,
    /// `None` when the host keeps none. Locked while a capsule is installed.
    records: Mutex<Option<Records>>,
}

/// How a call is made.
#[derive(Debug, Clone, Default)]
pub struct CallOptions {
    /// On whose behalf.
    pub principal: Option<PrincipalName>,
    /// The id by which [`Runtime::cancel`] finds it; several calls may share one.
    pub call_id: Option<CallId>,
    /// How long it may take, if that is less than the manifest and the host allow.
    pub time: Option<Duration>,
}

impl Runtime {
    /// The time beyond that of its processes in which [`Runtime::shut_down`]
    /// ends: half of it for what runs, half of it for the log.
    pub const SHUT_DOWN: Duration = Duration::from_secs(10);

    /// Calls an action of a loaded capsule. While the capsule's run loop starts,
    /// and while there is no free place, the call waits within its time.
    ///
    /// # Errors
    ///
    /// The capsule is not loaded or not ready, no place was free in time, or it
    /// gave no answer: see [`CallError`]. What the capsule itself says, a failure
    /// too, is an [`Outcome`].
    pub async fn invoke(
        &self,
        id: &CapsuleId,
        action: &str,
        payload: Vec<u8>,
        options: CallOptions,
    ) -> Result<Outcome, CallError> {
        let dispatcher = &self.0.dispatcher;
        let limit = dispatcher.limits.payload;
        // Registered before anything waits: a cancel that comes early holds.
        let registered = dispatcher.calls.register(options.call_id.as_ref())?;
        let (entry, _in_flight) = dispatcher
            .enter(id)
            .ok_or_else(|| CallError::NotLoaded(id.clone()))?;
        if payload.len() as u64 > limit {
            return Err(CallError::Invoke {
                capsule: id.clone(),
                error: InvokeError::Limit {
                    kind: LimitKind::Payload,
                    limit,
                },
            });
        }
        let cancel = registered.token().clone();
        let caller = Caller::host(options.principal, options.call_id, None, cancel.clone());
        let call = Call {
            caller: Arc::new(caller),
            time: options.time,
            cancel,
            reply: limit,
        };
        let event = Event {
            topic: None,
            payload,
        };
        dispatcher.call(&entry, call, action, &event).await
    }

    /// Publishes to a topic: asks all subscribers at once, and returns every
    /// answer, sorted by priority and capsule. The host needs no grant for it;
    /// the subscribers need theirs.
    ///
    /// # Errors
    ///
    /// Not a topic, or the payload is too large: see [`PublishError`].
    pub async fn trigger(
        &self,
        topic: &str,
        payload: Vec<u8>,
        options: CallOptions,
    ) -> Result<Vec<Answer>, PublishError> {
        let (_registered, from, what) = self.publication(topic, payload, options)?;
        self.0.dispatcher.ask_all(&from, what).await
    }

    /// Publishes to a topic: passes the payload through all subscribers, one
    /// after the other by priority and capsule, each receiving what the one
    /// before it left.
    ///
    /// # Errors
    ///
    /// As [`Runtime::trigger`].
    pub async fn intercept(
        &self,
        topic: &str,
        payload: Vec<u8>,
        options: CallOptions,
    ) -> Result<Verdict, PublishError> {
        let (_registered, from, what) = self.publication(topic, payload, options)?;
        self.0.dispatcher.ask_in_turn(&from, what).await
    }

    /// What is published, and the host as those whom it asks see it.
    fn publication(
        &self,
        topic: &str,
        payload: Vec<u8>,
        options: CallOptions,
    ) -> Result<(Registered<'_>, Arc<Caller>, Publication), PublishError> {
        let what = Publication {
            topic: AuthorizedTopic::of_host(topic.parse()?),
            payload,
            timeout: None,
        };
        let CallOptions {
            principal,
            call_id,
            time,
        } = options;
        let registered = self.0.dispatcher.calls.register(call_id.as_ref());
        let registered = registered.map_err(|_| PublishError::ShuttingDown)?;
        let (until, cancel) = (time.map(Deadline::after), registered.token().clone());
        let from = Arc::new(Caller::host(principal, call_id, until, cancel));
        Ok((registered, from, what))
    }

    /// Cancels every call that was made with one of these ids, and all that
    /// they started, the children too that they detached. Returns the number of calls
    /// and detached children.
    pub fn cancel<'a>(&self, call_ids: impl IntoIterator<Item = &'a str>) -> usize {
        let call_ids: Vec<&str> = call_ids.into_iter().collect();
        // First the calls: what one detaches and leaves behind just now is then
        // either cancelled with it or found below.
        let calls = self.0.dispatcher.calls.cancel(call_ids.iter().copied());
        let left_behind = match &self.0.dispatcher.host.processes {
            Some(processes) => processes.cancel(&call_ids),
            None => 0,
        };
        calls + left_behind
    }

    /// Returns the number of calls under way, including those that hooks make.
    #[must_use]
    pub fn calls(&self) -> usize {
        let registry = self.0.dispatcher.registry.load();
        let in_flight = registry.all().map(|entry| entry.component.in_flight.len());
        in_flight.sum()
    }

    /// Returns the number of components that are being compiled, which takes seconds for a
    /// large one.
    #[must_use]
    pub fn compiling(&self) -> usize {
        self.0.engine.compiling()
    }

    /// Returns the ids of the loaded capsules, sorted.
    #[must_use]
    pub fn capsules(&self) -> Vec<CapsuleId> {
        let registry = self.0.dispatcher.registry.load();
        let capsules = registry.entries().map(|entry| entry.capsule.id().clone());
        capsules.collect()
    }

    /// Returns what a loaded capsule may do, sorted by name.
    #[must_use]
    pub fn held(&self, id: &CapsuleId) -> Option<Vec<Held>> {
        self.capsule(id).map(|capsule| capsule.held())
    }

    /// Returns what the operator grants to a loaded capsule, whether its manifest asks for it
    /// or not.
    #[must_use]
    pub fn grants(&self, id: &CapsuleId) -> Option<GrantSet> {
        self.capsule(id).map(|capsule| capsule.grants.clone())
    }

    /// Returns the manifest of a loaded capsule.
    #[must_use]
    pub fn manifest(&self, id: &CapsuleId) -> Option<Arc<Manifest>> {
        self.capsule(id)
            .map(|capsule| Arc::clone(&capsule.manifest))
    }

    /// Returns the state of a loaded capsule now; [`Runtime::watch`] follows it.
    #[must_use]
    pub fn state(&self, id: &CapsuleId) -> Option<CapsuleState> {
        self.capsule(id).map(|capsule| *capsule.state.borrow())
    }

    /// Returns how many calls a loaded capsule has.
    #[must_use]
    pub fn counts(&self, id: &CapsuleId) -> Option<CallCounts> {
        let entry = self.0.dispatcher.registry.load().by_id(id)?.clone();
        Some(entry.component.counts())
    }

    /// Returns the digest of a loaded capsule's component.
    #[must_use]
    pub fn digest(&self, id: &CapsuleId) -> Option<Digest> {
        self.capsule(id).map(|capsule| capsule.digest)
    }

    /// Returns the uuid of a loaded capsule.
    #[must_use]
    pub fn uuid(&self, id: &CapsuleId) -> Option<CapsuleUuid> {
        self.capsule(id).map(|capsule| capsule.uuid)
    }

    /// Returns a loaded capsule's state, and its changes from now on.
    #[must_use]
    pub fn watch(&self, id: &CapsuleId) -> Option<StateWatch> {
        self.capsule(id).map(|capsule| capsule.watch())
    }

    /// Ends everything: calls are cancelled, run loops and processes end, log
    /// lines are written. Afterwards nothing can be loaded or called.
    ///
    /// Takes no longer than processes are given to end
    /// ([`ProcessSettings::grace`](crate::process::ProcessSettings)) and
    /// [`SHUT_DOWN`](Self::SHUT_DOWN), also when something hangs: a file system,
    /// a sink of the log, a subscriber of the embedder's.
    pub async fn shut_down(&self) {
        self.0.stop();
        let host = &self.0.dispatcher.host;
        let grace = host.processes.as_ref().map(ProcessService::longest_end);
        let ended = async {
            if let Some(processes) = &host.processes {
                processes.shut_down().await;
            }
            self.0.tasks.wait().await;
        };
        let within = grace
            .unwrap_or_default()
            .saturating_add(Self::SHUT_DOWN / 2);
        if tokio::time::timeout(within, ended).await.is_err() {
            tracing::warn!("something goes on after {within:?}, and is left behind");
        }
        if !host.log.flush(Self::SHUT_DOWN / 2).await {
            tracing::warn!("the log's sink hangs: its last lines are lost");
        }
    }

    /// Waits until all log lines that were emitted before are written. Returns whether that was
    /// so within the time: a sink may hang.
    pub async fn flush_log(&self, within: Duration) -> bool {
        self.0.dispatcher.host.log.flush(within).await
    }

    fn capsule(&self, id: &CapsuleId) -> Option<Arc<Capsule>> {
        let entry = self.0.dispatcher.registry.load().by_id(id)?.clone();
        Some(entry.capsule)
    }
}

impl Inner {
    /// Begins the end of everything, and waits for nothing.
    fn stop(&self) {
        self.dispatcher.stop();
        self.tasks.close();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime")
            .field("capsules", &self.capsules())
            .finish_non_exhaustive()
    }
}
