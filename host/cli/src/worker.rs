//! The program as a worker of its own: what reads or compiles the bytes of a
//! component runs in a process that may die of them.

use std::process::ExitCode;

use boll_host::engine::{CompileLimits, Compiler, serve_compiler};
use boll_host::sandbox::{Worker, serve_worker};

/// The only arguments of a worker. No command is called so.
const COMPILE: &str = "--work-on-component=compile";
const WORLD: &str = "--work-on-component=world";

/// This very program, also when its file was replaced meanwhile.
const PROGRAM: &str = "/proc/self/exe";

/// Who compiles components for the host.
pub(crate) fn compiler() -> Compiler {
    Compiler::Worker {
        worker: Worker::new(PROGRAM, [COMPILE]),
        limits: CompileLimits::default(),
    }
}

/// Who reads the worlds of components.
pub(crate) fn world() -> Worker {
    Worker::new(PROGRAM, [WORLD])
}

/// Works, when the program was started for that. `world` is the work of whoever reads
/// worlds.
pub(crate) fn serve(world: fn(Vec<u8>) -> Result<Vec<u8>, String>) -> Option<ExitCode> {
    let asked = std::env::args_os().nth(1)?;
    if asked == COMPILE {
        return Some(serve_compiler());
    }
    (asked == WORLD).then(|| serve_worker(world))
}
