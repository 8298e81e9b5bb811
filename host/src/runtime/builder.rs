//! Setting up a [`Runtime`].

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Semaphore;

use super::calls::Calls;
use super::registry::Registry;
use super::{BuildError, Inner, Runtime};
use crate::capsule::Manifest;
use crate::engine::{ComponentCache, ComponentEngine, EngineSettings};
use crate::host::{HostContext, LoadedCapsules};
use crate::instance::{CallLimits, Preparer};
use crate::process::{ProcessService, ProcessSettings};
use crate::sandbox::Sandbox;
use crate::services::log::{LogService, LogSettings, LogSink, TracingSink};

/// What calls may use. A manifest may ask for less, never for more.
#[derive(Debug, Clone, Copy)]
pub struct RuntimeLimits {
    /// Live instances; further calls wait within their deadline.
    pub instances: u32,
    /// The most linear memory of one instance, in bytes.
    pub max_memory: u64,
    /// The linear memory of one instance whose manifest asks for none, in bytes.
    pub memory: u64,
    /// The most time that one call may take.
    pub max_time: Duration,
    /// The time of a call whose manifest asks for none.
    pub time: Duration,
    /// The payload of a call and of its reply, in bytes.
    pub payload: u64,
}

impl Default for RuntimeLimits {
    fn default() -> Self {
        Self {
            instances: 256,
            max_memory: 256 << 20,
            memory: 64 << 20,
            max_time: Duration::from_secs(600),
            time: Duration::from_secs(60),
            payload: 10 << 20,
        }
    }
}

impl RuntimeLimits {
    pub(super) fn of(&self, manifest: &Manifest, time: Option<Duration>) -> CallLimits {
        let asked = manifest.instance.time.unwrap_or(self.time);
        let memory = manifest.instance.memory.unwrap_or(self.memory);
        CallLimits {
            memory: memory.min(self.max_memory),
            reply: self.payload,
            time: time.unwrap_or(asked).min(asked).min(self.max_time),
        }
    }
}

/// Sets up a [`Runtime`]. Without a sandbox no process can be started; the
/// denial says so.
#[derive(Default)]
pub struct RuntimeBuilder {
    limits: RuntimeLimits,
    log: LogSettings,
    sink: Option<Box<dyn LogSink>>,
    cache: Option<ComponentCache>,
    sandbox: Option<Sandbox>,
    processes: ProcessSettings,
}

impl RuntimeBuilder {
    /// What calls may use.
    #[must_use]
    pub fn limits(mut self, limits: RuntimeLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How log lines are filtered and queued.
    #[must_use]
    pub fn log(mut self, settings: LogSettings) -> Self {
        self.log = settings;
        self
    }

    /// Where log lines go; `tracing` when this is not called.
    #[must_use]
    pub fn log_sink(mut self, sink: impl LogSink) -> Self {
        self.sink = Some(Box::new(sink));
        self
    }

    /// Where compiled components are kept; nowhere when this is not called.
    #[must_use]
    pub fn cache(mut self, cache: ComponentCache) -> Self {
        self.cache = Some(cache);
        self
    }

    /// The sandbox that processes run in.
    #[must_use]
    pub fn sandbox(mut self, sandbox: Sandbox) -> Self {
        self.sandbox = Some(sandbox);
        self
    }

    /// How processes are started and ended.
    #[must_use]
    pub fn processes(mut self, settings: ProcessSettings) -> Self {
        self.processes = settings;
        self
    }

    /// The runtime. Its log and its clock each have a thread from now on.
    ///
    /// # Errors
    ///
    /// The engine refuses the settings, or a thread cannot be started.
    pub fn build(self) -> Result<Runtime, BuildError> {
        let engine = ComponentEngine::new(
            EngineSettings {
                instances: self.limits.instances,
                max_memory: self.limits.max_memory,
            },
            self.cache,
        )?;
        let preparer = Preparer::new(engine.engine()).map_err(BuildError::Linker)?;
        let sink = self.sink.unwrap_or_else(|| Box::new(TracingSink));
        let log = LogService::start(self.log, sink).map_err(BuildError::Log)?;
        let registry = Arc::new(ArcSwap::from_pointee(Registry::default()));
        Ok(Runtime(Arc::new(Inner {
            host: Arc::new(HostContext {
                capsules: Arc::clone(&registry) as Arc<dyn LoadedCapsules>,
                log,
                processes: self
                    .sandbox
                    .map(|sandbox| ProcessService::new(sandbox, self.processes)),
            }),
            registry,
            engine: Arc::new(engine),
            preparer,
            limits: self.limits,
            calls: Calls::default(),
            instances: Semaphore::new(self.limits.instances as usize),
        })))
    }
}
