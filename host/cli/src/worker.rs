//! The program as its own worker: foreign bytes are read and compiled in a process that
//! they may kill.

use std::fs::File;
use std::process::ExitCode;
use std::time::Duration;

use boll_host::engine::{CompileLimits, Compiler, serve_compiler};
use boll_host::sandbox::{Worker, WorkerError, WorkerLimits, WorkerStop, serve_worker};

/// Compiling a component, which is the library's own work.
const COMPILE: &str = "--work-on-component=compile";

/// This very program, even if its file was replaced.
const PROGRAM: &str = "/proc/self/exe";

/// Real components need a hundredth of these.
const LIMITS: WorkerLimits = WorkerLimits {
    memory: 1 << 30,
    time: Duration::from_secs(10),
};

/// Turns the input of a worker into its result. An error is a text for the caller.
pub(crate) type Work = fn(Vec<u8>) -> Result<Vec<u8>, String>;

/// The kinds of work. Each has an argument, the only one of its worker, which no command has
/// as its name.
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

    /// Runs a worker on the parts of an input, one after another.
    pub(crate) fn run(self, input: &[&[u8]]) -> Result<File, WorkerError> {
        let worker = Worker::new(PROGRAM, [self.argument()]);
        worker.run(input, &LIMITS, &WorkerStop::default())
    }
}

/// Returns the compiler of components for the host.
pub(crate) fn compiler() -> Compiler {
    Compiler::Worker {
        worker: Worker::new(PROGRAM, [COMPILE]),
        limits: CompileLimits::default(),
    }
}

/// Does the work of a worker, if the program was started as one.
pub(crate) fn serve(works: &[(Task, Work)]) -> Option<ExitCode> {
    let asked = std::env::args_os().nth(1)?;
    if asked == COMPILE {
        return Some(serve_compiler());
    }
    let (_, work) = works.iter().find(|(task, _)| asked == task.argument())?;
    Some(serve_worker(*work))
}
