//! Checks whether the limits of this process (`ulimit`) leave enough room to work.

use std::fs::File;
use std::io;
use std::process::ExitCode;
use std::sync::{PoisonError, RwLock};
use std::thread;

use rustix::process::{Resource, getrlimit};

use crate::failure::{Code, Done, Failure};
use crate::system_limit::{raise, reason, threads_of_a_call};

/// The stack that the program's own work needs, and gets even if the limit is lower.
const STACK: u64 = 8 << 20;

/// The minimum address space, private memory and file size, in bytes. Compiled
/// components, and descriptions of foreign ones, go into files in memory.
const ADDRESS_SPACE: u64 = 1 << 30;
const DATA: u64 = 256 << 20;
const FILE: u64 = 16 << 20;

/// The minimum stack for programs that this one starts: with less, the C library does not
/// start them reliably.
const STACK_OF_OTHERS: u64 = 64 << 10;

/// Descriptors that a call with a process needs.
const DESCRIPTORS: usize = 48;

/// The stack of a thread that is only started as a test.
const SMALL_STACK: usize = 64 << 10;

/// Does the program's work, on a thread with its own stack if the main thread's may be
/// too small (`ulimit -s`).
pub(crate) fn on_enough_stack(work: fn() -> ExitCode) -> Done<ExitCode> {
    let limit = getrlimit(Resource::Stack).current;
    if limit.is_none_or(|limit| limit >= STACK) {
        // A panic was reported when it came.
        return Ok(std::panic::catch_unwind(work).unwrap_or_else(|_| Code::Host.into()));
    }
    let size = usize::try_from(STACK).unwrap_or(usize::MAX);
    let started = thread::Builder::new().stack_size(size).spawn(work);
    let thread = started.map_err(|error| Failure::from_error(Code::Machine, &error))?;
    // A thread that panicked has reported that.
    Ok(thread.join().unwrap_or_else(|_| Code::Host.into()))
}

/// Has all threads allocate from one arena if the address space is limited. Otherwise the C
/// library reserves 64 MiB for each thread, and then the next thread has no room for its
/// stack. To be called before there are threads.
pub(crate) fn spare_address_space() {
    #[cfg(target_env = "gnu")]
    if getrlimit(Resource::As).current.is_some() {
        // SAFETY: it sets a number. It returns whether that is known.
        #[allow(unsafe_code)]
        let _ = unsafe { libc::mallopt(libc::M_ARENA_MAX, 1) };
    }
}

/// Fails if the limits leave too little room to work.
pub(crate) fn require_room() -> Done {
    for (resource, least, name, option) in [
        (Resource::As, ADDRESS_SPACE, "the address space", 'v'),
        (Resource::Data, DATA, "the private memory", 'd'),
        (Resource::Fsize, FILE, "the size of a file", 'f'),
        (Resource::Stack, STACK_OF_OTHERS, "the stack", 's'),
    ] {
        let limit = getrlimit(resource).current;
        if let Some(limit) = limit.filter(|limit| *limit < least) {
            let text = format!(
                "{name} of this process is limited to {} KiB (`ulimit -{option}`), and a host \
                 needs at least {} KiB",
                limit >> 10,
                least >> 10
            );
            return Err(Failure::new(Code::Machine, text).hint(raise(resource, option, None)));
        }
    }
    let failed = |error: io::Error| match reason(&error) {
        // The reason tells more than the system's error.
        Some((reason, raise)) => Failure::new(Code::Machine, reason).hint(raise),
        None => Failure::from_error(Code::Machine, &error),
    };
    descriptors().map_err(failed)?;
    threads().map_err(|error| match reason(&error) {
        Some(_) => failed(error),
        None => {
            let text = format!(
                "this process needs {} threads: {error}",
                threads_of_a_call()
            );
            Failure::new(Code::Machine, text)
        }
    })
}

/// Opens as many descriptors as a call needs, after raising the limit as far as
/// necessary: it is unknown how many are open already.
fn descriptors() -> io::Result<()> {
    let opened = || -> io::Result<Vec<File>> {
        let first = File::open("/dev/null")?;
        (1..DESCRIPTORS).map(|_| first.try_clone()).collect()
    };
    if opened().is_ok() {
        return Ok(());
    }
    boll_host::raise_descriptor_limit()?;
    opened().map(drop)
}

/// Runs as many threads at the same time as a call needs: tokio and the compiler panic if
/// they cannot start theirs.
fn threads() -> io::Result<()> {
    let wanted = threads_of_a_call();
    let gate = RwLock::new(());
    let closed = gate.write().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        let started = (0..wanted).try_for_each(|_| {
            let thread = thread::Builder::new().stack_size(SMALL_STACK);
            let waits = || drop(gate.read());
            thread.spawn_scoped(scope, waits).map(drop)
        });
        drop(closed);
        started
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_room_here() {
        require_room().expect("room");
    }
}
