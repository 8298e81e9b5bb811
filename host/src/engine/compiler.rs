//! Where components are compiled: in a worker process, which can die without the host, or
//! on a thread of the host.

use std::os::fd::AsRawFd as _;
use std::time::Duration;

use wasmtime::Engine;
use wasmtime::component::Component;

use super::allocation::{self, Allocation};
use super::error::{EngineError, invalid, unsound};
use crate::capsule::EngineLimits;
use crate::sandbox::{Worker, WorkerExit, WorkerLimits, WorkerStop, serve_worker};

/// Where components are compiled.
///
/// A runtime compiles two components at a time; further loads wait until one of the two
/// is done. With [`Compiler::InProcess`] only [`ComponentLimits`] bounds that time: two
/// components that take minutes block all other loads of components that are not in the
/// cache. A cancelled load gives its slot back, but its thread goes on, next to the
/// following one, and uses processors and memory until it is done. Hosts that load
/// components from others should choose [`Compiler::Worker`]: it has limits of its own,
/// and ends with the load.
///
/// [`ComponentLimits`]: super::ComponentLimits
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Compiler {
    /// A thread of the host. Compiling cannot be interrupted: a thread whose load was
    /// cancelled goes on. Only [`ComponentLimits`] bounds the time and memory that it
    /// takes from the host.
    ///
    /// [`ComponentLimits`]: super::ComponentLimits
    #[default]
    InProcess,
    /// A process for each component, which ends when nobody waits for it any more. Its
    /// program calls [`serve_compiler`] of the same version of the library.
    Worker {
        /// The program.
        worker: Worker,
        /// Its limits.
        limits: CompileLimits,
    },
}

/// Limits on compiling one component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CompileLimits {
    /// Memory, in bytes; 4 GiB by default.
    pub memory: u64,
    /// Processor time of all threads together; one minute by default.
    pub time: Duration,
    /// Additional processor time for each MiB of the component; 30 s by default.
    pub time_per_mib: Duration,
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self {
            memory: 4 << 30,
            time: Duration::from_secs(60),
            time_per_mib: Duration::from_secs(30),
        }
    }
}

impl CompileLimits {
    fn of(&self, bytes: usize) -> WorkerLimits {
        let mib = u32::try_from(bytes >> 20).unwrap_or(u32::MAX);
        let more = self.time_per_mib.saturating_mul(mib);
        WorkerLimits {
            memory: self.memory,
            time: self.time.saturating_add(more),
        }
    }
}

impl Compiler {
    /// Compiles a component that was found to be within the limits. Blocks.
    pub(super) fn compile(
        &self,
        engine: &Engine,
        allocation: Allocation,
        bytes: &[u8],
        stop: &WorkerStop,
    ) -> Result<Component, EngineError> {
        let (worker, limits) = match self {
            Self::InProcess => {
                return Component::from_binary(engine, bytes).map_err(invalid);
            }
            Self::Worker { worker, limits } => (worker, limits),
        };
        let how = [allocation as u8];
        let code = worker
            .run(&[&how, bytes], &limits.of(bytes.len()), stop)
            .map_err(unsound)?;
        let code = format!("/proc/self/fd/{}", code.as_raw_fd());
        // SAFETY: a worker of the embedder's own made it with `serve_compiler`, in a file
        // that nobody else has, and has ended.
        #[allow(unsafe_code)]
        unsafe { Component::deserialize_file(engine, code) }.map_err(invalid)
    }
}

/// Compiles one component in a process that a [`Compiler::Worker`] started. The program
/// has to exit with the returned code.
#[must_use]
pub fn serve_compiler() -> WorkerExit {
    serve_worker(|input| {
        let (how, bytes) = input.split_first().ok_or("there is no input")?;
        let allocation = [Allocation::Pooled, Allocation::OnDemand]
            .into_iter()
            .find(|one| *one as u8 == *how)
            .ok_or("the request comes from another version")?;
        // The stack is no part of the code.
        let engine = Engine::new(&allocation::config(
            allocation,
            EngineLimits::default().stack,
        ));
        let engine = engine.map_err(|error| format!("{error:#}"))?;
        let code = engine.precompile_component(bytes);
        code.map_err(|error| format!("{error:#}"))
    })
}
