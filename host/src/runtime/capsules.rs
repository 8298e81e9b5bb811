//! Loading, replacing and unloading.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;
use wasmtime::component::Component;

use super::{Load, LoadCause, LoadError, Runtime, requires};
use crate::Digest;
use crate::capsule::{
    Capsule, CapsuleId, CapsuleState, CapsuleUuid, ConfigValue, Folders, InstanceMode, Manifest,
};
use crate::dispatch::{LoadedCapsule, LoadedComponent};
use crate::instance::{ContractError, Instances, PreparedComponent, Surface};
use crate::policy::GrantSet;
use crate::services::config;
use crate::services::file_threads::FileCalls;
use crate::services::log::{FieldValue, LogLevel, Origin};

impl Runtime {
    /// Loads a capsule. Compiles the component when the cache does not have it,
    /// which takes seconds for a large one. What another loaded capsule is made
    /// of is used again: its code is in memory once.
    ///
    /// Capsules that its manifest requires must be loaded; they are waited for
    /// until they are ready. Its `install` or `upgrade` export is called when
    /// the host's record says so. Its run loop is started, and not waited for:
    /// [`Runtime::watch`] tells when it is ready.
    ///
    /// A capsule with the same id is replaced: calls under way end on the old
    /// component, new ones take the new. The old run loop is stopped first.
    ///
    /// # Errors
    ///
    /// The component is no component, imports what the host does not have, or
    /// has no way in; the configuration does not fit the manifest; a folder that
    /// it is granted cannot be opened; a capsule
    /// that it requires is missing; it refuses to be installed. The one with
    /// the same id then stays.
    pub async fn load(&self, load: Load) -> Result<CapsuleId, LoadError> {
        let id = load.manifest.id.clone();
        self.try_load(load).await.map_err(|cause| LoadError {
            capsule: id.clone(),
            cause,
        })?;
        Ok(id)
    }

    /// Loads several capsules, each after those that it requires. Returns their
    /// ids in the order in which they were loaded.
    ///
    /// # Errors
    ///
    /// Before anything is loaded: capsules that require each other, or one that
    /// is neither among these nor loaded. Otherwise as [`Runtime::load`]; what
    /// was loaded before that stays loaded.
    pub async fn load_all(&self, loads: Vec<Load>) -> Result<Vec<CapsuleId>, LoadError> {
        let loaded = self.0.dispatcher.registry.load_full();
        let is_loaded = |id: &CapsuleId| loaded.by_id(id).is_some();
        let mut ids = Vec::with_capacity(loads.len());
        for load in requires::in_order(loads, is_loaded)? {
            ids.push(self.load(load).await?);
        }
        Ok(ids)
    }

    async fn try_load(&self, load: Load) -> Result<(), LoadCause> {
        let inner = &self.0;
        let dispatcher = &inner.dispatcher;
        let closed = |_| LoadCause::ShuttingDown;
        dispatcher.calls.check_open().map_err(closed)?;
        if dispatcher.is_native(&load.manifest.id) {
            return Err(LoadCause::Native(load.manifest.id));
        }
        let config = config::resolve(&load.manifest, &load.config)?;
        self.unless_shutting_down(self.wait_for_required(&load.manifest))
            .await?;
        let digest = Digest::of(&load.component);
        let prepared = self.prepared(load.component, digest).await?;
        prepared.check(&load.manifest)?;
        let cut = dispatcher.limits.cut(&load.manifest);
        if !cut.is_empty() {
            tracing::warn!(capsule = %load.manifest.id, "{}", cut.join("; "));
        }
        let entry = self.entry(load.manifest, digest, load.grants, config, prepared)?;
        self.open_folders(&entry.capsule).await?;
        let installed = if entry.component.instances.prepared().keeps_record() {
            // Its imports work from now on; calls do not reach it yet.
            dispatcher
                .registry
                .rcu(|registry| registry.arriving(entry.clone()));
            self.install(&entry).await
        } else {
            self.record(&entry).await;
            Ok(())
        };
        if let Err(cause) = installed {
            let uuid = entry.capsule.uuid;
            dispatcher.registry.rcu(|registry| registry.dropping(uuid));
            dispatcher.retire(&entry.capsule);
            return Err(cause);
        }
        let id = entry.capsule.id();
        let before = dispatcher
            .registry
            .rcu(|registry| registry.with(entry.clone()));
        if let Some(old) = before.by_id(id) {
            self.retire_when_idle(old.clone());
        }
        // Who subscribes under its id now looks for capsules afterwards: one of the two sees
        // the other.
        if dispatcher.is_native(id) {
            let uuid = entry.capsule.uuid;
            dispatcher.registry.rcu(|registry| registry.dropping(uuid));
            dispatcher.retire(&entry.capsule);
            return Err(LoadCause::Native(id.clone()));
        }
        // The end of the runtime retires what is in the registry by then, and would miss
        // what is put there after it.
        if dispatcher.calls.check_open().is_err() {
            dispatcher.stop();
            return Err(LoadCause::ShuttingDown);
        }
        self.say_what_is_missing(&entry.capsule);
        if entry.component.instances.prepared().runs() {
            self.start_service(entry);
        }
        Ok(())
    }

    /// Settles what the folders are that a capsule is granted, in a thread that may
    /// wait for them.
    async fn open_folders(&self, capsule: &Arc<Capsule>) -> Result<(), LoadCause> {
        if capsule.manifest.requests.files.is_empty() {
            return Ok(());
        }
        let threads = Arc::clone(&self.0.dispatcher.host.file_threads);
        let calls = FileCalls::new(threads, Arc::clone(&capsule.account));
        let capsule = Arc::clone(capsule);
        self.unless_shutting_down(async {
            let opened = calls.run(move || capsule.open_folders()).await;
            Ok(opened.map_err(|_| LoadCause::ShuttingDown)??)
        })
        .await
    }

    /// A missing program is reported when it is started; a file or host that is missing
    /// is reported here, since opening it just fails.
    fn say_what_is_missing(&self, capsule: &Capsule) {
        for grant in capsule.permissions().missing_access() {
            let text = "loaded without something that the manifest asks for".to_owned();
            let fields = vec![("missing".to_owned(), FieldValue::Text(grant.to_string()))];
            let origin = Arc::new(Origin::of_capsule(capsule.id()));
            let log = self.0.dispatcher.host.log.of(origin);
            log.note(LogLevel::Warn, text, fields);
        }
    }

    fn entry(
        &self,
        manifest: Manifest,
        digest: Digest,
        grants: GrantSet,
        config: BTreeMap<String, ConfigValue>,
        prepared: Arc<PreparedComponent>,
    ) -> Result<LoadedCapsule, LoadCause> {
        let limits = &self.0.dispatcher.limits;
        let runs = prepared.runs();
        let resident = manifest.instance.mode == InstanceMode::Resident && prepared.handles();
        let kept = u32::from(runs) + u32::from(resident);
        let kept = (kept > 0)
            .then(|| self.0.residents.clone().try_acquire_many_owned(kept))
            .transpose()
            .map_err(|_| LoadCause::Residents(limits.residents))?;
        let state = if runs {
            CapsuleState::Loading
        } else {
            CapsuleState::Ready
        };
        let cancel = self.0.dispatcher.calls.root().child_token();
        let account = self.0.accounts.of(&manifest.id);
        let component = LoadedComponent::new(
            Instances::new(prepared, &manifest.instance, limits.resident_memory_percent),
            limits.slots_of(&manifest),
            cancel.child_token(),
            kept,
        );
        Ok(LoadedCapsule {
            component: Arc::new(component),
            capsule: Arc::new(Capsule {
                uuid: CapsuleUuid::random(),
                manifest: Arc::new(manifest),
                digest,
                grants,
                config: Arc::new(config),
                folders: Arc::new(Folders::new(
                    self.0.workspace.clone(),
                    self.0.obeyed.clone(),
                )),
                account,
                state: watch::Sender::new(state),
                cancel,
            }),
        })
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

    /// Looks at a component from outside, and returns besides why it could not be loaded
    /// with a manifest, if it could not: this host lacks what it imports, or has it in other
    /// types, or the manifest does not ask for what that needs.
    ///
    /// # Errors
    ///
    /// It is no component, or a broken one.
    pub async fn check(
        &self,
        component: Vec<u8>,
        manifest: &Manifest,
    ) -> Result<(Surface, Option<ContractError>), LoadCause> {
        let digest = Digest::of(&component);
        let component = self.compile(component, digest).await?;
        let prepared = self.0.preparer.prepare(&component);
        let fit = prepared.and_then(|prepared| prepared.check(manifest));
        Ok((Surface::of(&component), fit.err()))
    }

    /// A component that is ready to be instantiated: the one that a loaded capsule
    /// is made of, if it is the same.
    async fn prepared(
        &self,
        bytes: Vec<u8>,
        digest: Digest,
    ) -> Result<Arc<PreparedComponent>, LoadCause> {
        let inner = &self.0;
        let make = async {
            let component = self.compile(bytes, digest).await?;
            Ok(inner.preparer.prepare(&component)?)
        };
        inner.components.get_or_make(digest, make).await
    }

    async fn compile(&self, bytes: Vec<u8>, digest: Digest) -> Result<Component, LoadCause> {
        self.unless_shutting_down(async { Ok(self.0.engine.compile(bytes, digest).await?) })
            .await
    }

    /// Waits for a step of loading, and no longer than until the runtime shuts down.
    async fn unless_shutting_down<T>(
        &self,
        step: impl Future<Output = Result<T, LoadCause>>,
    ) -> Result<T, LoadCause> {
        tokio::select! {
            biased;
            () = self.0.dispatcher.calls.root().cancelled() => Err(LoadCause::ShuttingDown),
            done = step => done,
        }
    }

    /// Unloads a capsule at once: its calls are cancelled, its run loop and its
    /// processes end. Returns whether it was loaded.
    pub fn unload(&self, id: &CapsuleId) -> bool {
        let dispatcher = &self.0.dispatcher;
        let before = dispatcher.registry.rcu(|registry| registry.without(id));
        let mut loaded = before.loads_of(id).peekable();
        let was_loaded = loaded.peek().is_some();
        loaded.for_each(|entry| dispatcher.retire(&entry.capsule));
        was_loaded
    }

    /// Unloads a capsule as soon as its calls under way have ended, which this
    /// waits for; new ones do not reach it. Returns whether it was loaded.
    pub async fn drain(&self, id: &CapsuleId) -> bool {
        let dispatcher = &self.0.dispatcher;
        let before = dispatcher.registry.rcu(|registry| registry.retiring(id));
        let Some(entry) = before.by_id(id) else {
            return false;
        };
        // Its end is awaited by a task of its own: this future may be dropped.
        let _ = self.retire_when_idle(entry.clone()).await;
        true
    }

    /// Retires a capsule that is no longer listed, after its calls under way.
    fn retire_when_idle(&self, entry: LoadedCapsule) -> tokio::task::JoinHandle<()> {
        let dispatcher = Arc::clone(&self.0.dispatcher);
        entry.component.stop.cancel();
        entry.component.in_flight.close();
        self.0.tasks.spawn(async move {
            entry.component.in_flight.wait().await;
            dispatcher.retire(&entry.capsule);
            let uuid = entry.capsule.uuid;
            dispatcher.registry.rcu(|registry| registry.dropping(uuid));
        })
    }

    /// Replaces what the operator grants to a loaded capsule. Holds from the
    /// next thing that the capsule asks for, also in calls under way. Returns
    /// whether the capsule is loaded.
    pub fn set_grants(&self, id: &CapsuleId, grants: &GrantSet) -> bool {
        let before =
            self.0.dispatcher.registry.rcu(|registry| {
                registry.changed(id, |capsule| capsule.with_grants(grants.clone()))
            });
        before.by_id(id).is_some()
    }
}
