//! What the program does: its first argument is its job, see [`wire`].

#![allow(
    unsafe_code,
    reason = "there is no library between the init and the kernel"
)]

mod arguments;
mod capabilities;
mod check;
mod check_direct;
mod command;
mod direct;
mod filter;
mod judged;
mod landlock;
mod launch;
mod map;
mod mountinfo;
mod mounts;
mod namespace;
mod order;
mod path;
mod process;
mod receive;
mod room;
mod run;
mod script;
mod share;
#[cfg(freestanding)]
mod start;
mod supervisor;
mod sys;
mod tree;
mod users;

use self::arguments::Arguments;
use self::command::Confinement;
use crate::wire;

/// The program, from its first instruction in Rust on.
///
/// # Safety
///
/// `stack` is the stack pointer that the kernel entered the program with.
pub unsafe extern "C" fn entry(stack: *const usize) -> ! {
    // SAFETY: the caller's promise.
    let arguments = unsafe { Arguments::on(stack) };
    let mode = arguments.get(1).and_then(|mode| mode.to_str().ok());
    match mode {
        Some(wire::MODE_RUN) => run::run(&run::Task::in_namespaces(arguments), None),
        Some(wire::MODE_LANDLOCK) => direct::direct(arguments, Confinement::Landlock),
        Some(wire::MODE_UNCONFINED) => direct::direct(arguments, Confinement::Nothing),
        Some(wire::MODE_LAUNCH) => launch::launch(arguments),
        Some(wire::MODE_MAP) => map::map(arguments),
        Some(wire::MODE_NAMESPACE) => namespace::namespace(arguments),
        Some(wire::MODE_CHECK) => check::check(arguments, false),
        Some(wire::MODE_CHECK_OWN) => check::check(arguments, true),
        Some(wire::MODE_CHECK_LANDLOCK) => check_direct::landlock(arguments),
        Some(wire::MODE_CHECK_UNCONFINED) => check_direct::unconfined(),
        _ => sys::exit(255),
    }
}

#[cfg(test)]
mod tests;
