//! The init: process 1 of each sandbox, and the last to run outside of it; the
//! ancestor of every process where there are no namespaces.
//!
//! A program without a C library or an allocator, so that it starts in the
//! time of one system call and nothing of the host's environment changes what
//! it does. Its first argument is its job, see `wire.rs`.
#![no_std]
#![no_main]

mod capabilities;
mod check;
mod check_direct;
mod command;
mod direct;
mod judged;
mod landlock;
mod launch;
mod map;
mod mounts;
mod namespace;
mod order;
mod process;
mod receive;
mod run;
mod script;
mod share;
mod start;
mod sys;
mod tree;
mod wire;

/// # Safety
///
/// `stack` is the stack pointer that the kernel entered the program with.
unsafe extern "C" fn entry(stack: *const usize) -> ! {
    // SAFETY: `_start` passes the kernel's stack pointer.
    let mode = unsafe { start::argument(stack, 1) };
    match mode.and_then(|mode| mode.to_str().ok()) {
        Some(wire::MODE_RUN) => run::run(run::Hold::Namespace),
        // SAFETY: as above.
        Some(wire::MODE_LANDLOCK) => unsafe { direct::direct(stack, true) },
        // SAFETY: as above.
        Some(wire::MODE_UNCONFINED) => unsafe { direct::direct(stack, false) },
        // SAFETY: as above.
        Some(wire::MODE_LAUNCH) => unsafe { launch::launch(stack) },
        // SAFETY: as above.
        Some(wire::MODE_MAP) => unsafe { map::map(stack) },
        Some(wire::MODE_NAMESPACE) => namespace::namespace(),
        Some(wire::MODE_CHECK) => check::check(false),
        Some(wire::MODE_CHECK_OWN) => check::check(true),
        // SAFETY: as above.
        Some(wire::MODE_CHECK_LANDLOCK) => unsafe { check_direct::landlock(stack) },
        Some(wire::MODE_CHECK_UNCONFINED) => check_direct::unconfined(),
        _ => sys::exit(255),
    }
}
