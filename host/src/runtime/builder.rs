//! Setting up a [`Runtime`].

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, Semaphore};
use tokio_util::task::TaskTracker;

use super::components::Components;
use super::descriptors;
use super::record::Records;
use super::{BuildError, Inner, InterfaceError, Runtime, ServiceSettings};
use crate::capsule::{Accounts, FolderCause, Obeyed};
use crate::dispatch::{Dispatcher, Registry, RuntimeLimits};
use crate::engine::{Compiler, ComponentCache, ComponentEngine, ComponentLimits, EngineSettings};
use crate::host::{HostContext, LoadedCapsules, OwnStates};
use crate::instance::{OwnLink, Preparer};
use crate::interfaces::{HostInterface, OwnInterface};
use crate::process::{ProcessService, ProcessSettings};
use crate::sandbox::{GitObeys, GitSettings, Obedience, Sandbox};
use crate::services::audit::{Audit, AuditSink};
use crate::services::file_threads::file_threads;
use crate::services::hook::NativeSubscription;
use crate::services::log::{LogService, LogSettings, LogSink, TracingSink};
use crate::workspace::Workspace;

/// Sets up a [`Runtime`]. Without a sandbox no process can be started; the
/// denial says so.
#[derive(Default)]
pub struct RuntimeBuilder {
    limits: RuntimeLimits,
    log: LogSettings,
    sink: Option<Box<dyn LogSink>>,
    audit: Option<Arc<dyn AuditSink>>,
    subscriptions: Vec<NativeSubscription>,
    own: OwnStates,
    links: Vec<OwnLink>,
    /// The first interface that cannot be linked.
    unfit: Option<InterfaceError>,
    cache: Option<ComponentCache>,
    compiler: Compiler,
    components: ComponentLimits,
    sandbox: Option<Sandbox>,
    processes: ProcessSettings,
    services: ServiceSettings,
    records: Option<PathBuf>,
    workspace: Option<PathBuf>,
    git: Option<Vec<GitSettings>>,
}

impl Runtime {
    /// Returns a builder for a runtime.
    #[must_use]
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }
}

impl RuntimeBuilder {
    /// Sets what calls may use.
    #[must_use]
    pub fn limits(mut self, limits: RuntimeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets how log lines are filtered and queued.
    #[must_use]
    pub fn log(mut self, settings: LogSettings) -> Self {
        self.log = settings;
        self
    }

    /// Sets where log lines go; `tracing` when this is not called.
    #[must_use]
    pub fn log_sink(mut self, sink: impl LogSink) -> Self {
        self.sink = Some(Box::new(sink));
        self
    }

    /// Receives every decision about what capsules ask for; nobody does when this
    /// is not called.
    #[must_use]
    pub fn audit(mut self, sink: impl AuditSink) -> Self {
        self.audit = Some(Arc::new(sink));
        self
    }

    /// Subscribes a function of the embedder's to a topic; may be repeated, also
    /// with the same id. No capsule with its id can be loaded.
    #[must_use]
    pub fn subscription(mut self, subscription: NativeSubscription) -> Self {
        self.subscriptions.push(subscription);
        self
    }

    /// Adds an interface of the embedder's own, which capsules may import where they ask for
    /// it and are granted it; may be repeated, with another type each time.
    #[must_use]
    pub fn interface<I: HostInterface>(mut self, interface: I) -> Self {
        let added = self.add(interface);
        self.unfit = self.unfit.or(added.err());
        self
    }

    fn add<I: HostInterface>(&mut self, interface: I) -> Result<(), InterfaceError> {
        let name = I::NAME;
        let link = OwnLink::of::<I>();
        let interface = OwnInterface::new(interface).map_err(|source| InterfaceError::Name {
            name: name.to_owned(),
            source,
        })?;
        let same = |other: &OwnLink| other.is_same(&link);
        if link.is_taken() || self.links.iter().any(same) || !self.own.add(interface) {
            return Err(InterfaceError::Taken(name.to_owned()));
        }
        self.links.push(link);
        Ok(())
    }

    /// Sets where compiled components are kept; nowhere when this is not called.
    #[must_use]
    pub fn cache(mut self, cache: ComponentCache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// Sets who compiles components; a thread of this process when this is not called,
    /// which cannot be interrupted.
    #[must_use]
    pub fn compiler(mut self, compiler: Compiler) -> Self {
        self.compiler = compiler;
        self
    }

    /// Sets how large a component may be. Those that are in the cache were held to the
    /// limits when they were compiled.
    #[must_use]
    pub fn component_limits(mut self, limits: ComponentLimits) -> Self {
        self.components = limits;
        self
    }

    /// Sets the sandbox that processes run in.
    #[must_use]
    pub fn sandbox(mut self, sandbox: Sandbox) -> Self {
        self.sandbox = Some(sandbox);
        self
    }

    /// Sets how processes are started and ended.
    #[must_use]
    pub fn processes(mut self, settings: ProcessSettings) -> Self {
        self.processes = settings;
        self
    }

    /// Sets how run loops are started and started again.
    #[must_use]
    pub fn services(mut self, settings: ServiceSettings) -> Self {
        self.services = settings;
        self
    }

    /// Sets the folder with the record of what was installed; it is made when it is not
    /// there. Without one, capsules that export `install` or `upgrade` are refused.
    #[must_use]
    pub fn records(mut self, folder: impl Into<PathBuf>) -> Self {
        self.records = Some(folder.into());
        self
    }

    /// Sets the folder that capsules know as `/workspace`, where they are granted it; the
    /// sandbox's when this is not called. By the path that the sandbox was opened with it
    /// is that very folder, whatever lies there now.
    #[must_use]
    pub fn workspace(mut self, path: impl Into<PathBuf>) -> Self {
        self.workspace = Some(path.into());
        self
    }

    /// Sets what each user has set for git who runs it in or around a folder that a capsule
    /// may write, which decides what git obeys there; the sandbox's when this is not
    /// called.
    #[must_use]
    pub fn git(mut self, users: Vec<GitSettings>) -> Self {
        self.git = Some(users);
        self
    }

    /// The workspace, which the sandbox has opened already where it has the same.
    fn opened(&self) -> io::Result<Option<Arc<Workspace>>> {
        match (&self.workspace, &self.sandbox) {
            (None, None) => Ok(None),
            (None, Some(sandbox)) => Ok(Some(Arc::clone(sandbox.opened()))),
            (Some(path), Some(sandbox))
                if *path == sandbox.settings().workspace || path == sandbox.workspace() =>
            {
                Ok(Some(Arc::clone(sandbox.opened())))
            }
            (Some(path), _) => Workspace::open(path).map(Arc::new).map(Some),
        }
    }

    /// Builds the runtime. Its log and its clock each have a thread from now on.
    ///
    /// # Errors
    ///
    /// An interface of the embedder's has the name of another, the engine refuses the settings, the workspace cannot be opened, or a
    /// thread cannot be started.
    pub fn build(self) -> Result<Runtime, BuildError> {
        if let Some(unfit) = self.unfit {
            return Err(unfit.into());
        }
        let workspace = self.opened().map_err(BuildError::Workspace)?;
        let sandboxed = || Some(self.sandbox.as_ref()?.settings().git.clone());
        let git = Obedience::new(self.git.or_else(sandboxed).unwrap_or_default());
        let engine = ComponentEngine::new(
            EngineSettings {
                instances: self.limits.live_instances(),
                max_memory: self.limits.max_memory,
                each: self.limits.engine,
            },
            self.cache,
            self.compiler,
            self.components,
        )?;
        let preparer = Preparer::new(engine.engine(), self.links).map_err(BuildError::Linker)?;
        let sink = self.sink.unwrap_or_else(|| Box::new(TracingSink));
        let log = LogService::start(self.log, sink).map_err(BuildError::Log)?;
        let guest = self.limits.guest;
        let file_threads = file_threads(guest.all_file_calls).map_err(BuildError::FileThreads)?;
        let accounts = Accounts::new(guest, descriptors::limit());
        let registry = Arc::new(ArcSwap::from_pointee(Registry::default()));
        let host = Arc::new(HostContext {
            capsules: Arc::clone(&registry) as Arc<dyn LoadedCapsules>,
            log,
            audit: Audit::new(self.audit),
            file_threads: Arc::new(file_threads),
            processes: self
                .sandbox
                .map(|sandbox| ProcessService::new(sandbox, self.processes)),
            own: self.own,
        });
        Ok(Runtime(Arc::new(Inner {
            dispatcher: Arc::new(Dispatcher::new(
                host,
                registry,
                self.limits,
                self.subscriptions,
            )),
            engine: Arc::new(engine),
            preparer,
            components: Components::default(),
            accounts,
            workspace,
            obeyed: Obeyed::new(move |folder, path| match git.of(folder, path) {
                None => Ok(()),
                Some(GitObeys::Path(path)) => Err(FolderCause::Obeyed(path)),
                Some(GitObeys::Anything(because)) => Err(FolderCause::ObeyedWhole(because)),
            }),
            services: self.services,
            tasks: TaskTracker::new(),
            residents: Arc::new(Semaphore::new(self.limits.residents as usize)),
            records: Mutex::new(self.records.map(Records::new)),
        })))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::sandbox::SandboxSettings;

    #[test]
    fn a_folder_in_the_place_of_the_sandboxs_workspace_is_not_it() {
        let root = tempfile::tempdir().expect("a folder");
        let (path, moved) = (root.path().join("work"), root.path().join("moved"));
        fs::create_dir(&path).expect("a folder");
        let sandbox = Sandbox::open(SandboxSettings::new(&path)).expect("it is there");
        fs::rename(&path, &moved).expect("renamed");
        fs::create_dir(&path).expect("another");
        let of = |builder: RuntimeBuilder| {
            let runtime = builder.sandbox(sandbox.clone()).build().expect("a runtime");
            let workspace = runtime.0.workspace.as_ref().expect("it has one");
            workspace.current_path().expect("it is open")
        };
        let moved = moved.canonicalize().expect("it is there");
        assert_eq!(of(Runtime::builder()), moved);
        assert_eq!(of(Runtime::builder().workspace(&path)), moved);
        let other = root.path().canonicalize().expect("it is there");
        assert_eq!(of(Runtime::builder().workspace(&other)), other);
    }
}
