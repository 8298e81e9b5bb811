//! The program as a worker of its own: whatever reads or compiles foreign bytes runs in
//! a process that may die of them.

use std::fs::File;
use std::process::ExitCode;
use std::time::Duration;

use boll_host::engine::{CompileLimits, Compiler, serve_compiler};
use boll_host::sandbox::{Worker, WorkerError, WorkerLimits, WorkerStop, serve_worker};

/// Compiling a component, which is the library's own work.
const COMPILE: &str = "--work-on-component=compile";

/// This very program, also when its file was replaced meanwhile.
const PROGRAM: &str = "/proc/self/exe";

/// A real component takes a hundredth of these.
const LIMITS: WorkerLimits = WorkerLimits {
    memory: 1 << 30,
    time: Duration::from_secs(10),
};

/// What a worker does with its input; an error is a text for whoever asked.
pub(crate) type Work = fn(Vec<u8>) -> Result<Vec<u8>, String>;

/// The kinds of work. Each is the only argument of a worker; no command is called so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    /// Reading the world of a component.
    World,
    /// Writing bindings for a WIT world.
    Bindings,
    /// Turning a core module into a component.
    Componentize,
}

impl Task {
    fn argument(self) -> &'static str {
        match self {
            Self::World => "--work-on-component=world",
            Self::Bindings => "--work-on-component=bindings",
            Self::Componentize => "--work-on-component=componentize",
        }
    }

    /// Has a worker do this with the parts of an input, one after another.
    pub(crate) fn run(self, input: &[&[u8]]) -> Result<File, WorkerError> {
        let worker = Worker::new(PROGRAM, [self.argument()]);
        worker.run(input, &LIMITS, &WorkerStop::default())
    }
}

/// Who compiles components for the host.
pub(crate) fn compiler() -> Compiler {
    Compiler::Worker {
        worker: Worker::new(PROGRAM, [COMPILE]),
        limits: CompileLimits::default(),
    }
}

/// Works, when the program was started for that.
pub(crate) fn serve(works: &[(Task, Work)]) -> Option<ExitCode> {
    let asked = std::env::args_os().nth(1)?;
    if asked == COMPILE {
        return Some(serve_compiler());
    }
    let (_, work) = works.iter().find(|(task, _)| asked == task.argument())?;
    Some(serve_worker(*work))
}
