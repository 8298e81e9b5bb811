//! What the system lets this process use (`ulimit`): whether that is enough to
//! work with, and how to raise it where an error comes from it.

use std::error::Error;
use std::fs::File;
use std::io;
use std::process::ExitCode;
use std::sync::{PoisonError, RwLock};
use std::thread::{self, available_parallelism};

use rustix::process::{Resource, getrlimit};

use crate::failure::{Code, Done, Failure};

/// The stack that the program's own work needs, and has where the limit is lower.
const STACK: u64 = 8 << 20;

/// The least address space, private memory and size of a file, in bytes. Compiled
/// components, and what is read of foreign ones, go into files in memory.
const ADDRESS_SPACE: u64 = 512 << 20;
const DATA: u64 = 256 << 20;
const FILE: u64 = 16 << 20;

/// Descriptors and threads that a call with a process takes, besides one thread for
/// each processor.
const DESCRIPTORS: usize = 48;
const THREADS: usize = 16;

/// The stack of a thread that only shows that it can be started.
const SMALL_STACK: usize = 64 << 10;

/// Does the program's work, on a thread with a stack of its own where the main one
/// may get too little (`ulimit -s`).
pub(crate) fn on_enough_stack(work: fn() -> ExitCode) -> ExitCode {
    let limit = getrlimit(Resource::Stack).current;
    if limit.is_none_or(|limit| limit >= STACK) {
        return work();
    }
    let size = usize::try_from(STACK).unwrap_or(usize::MAX);
    let started = thread::Builder::new().stack_size(size).spawn(work);
    let failed = |error: io::Error| {
        let failure = Failure::from_error(Code::Machine, &error);
        failure.report(crate::args::asked_output());
        failure.code.into()
    };
    // One that panicked has said so.
    started.map_or_else(failed, |thread| {
        thread.join().unwrap_or_else(|_| Code::Host.into())
    })
}

/// Fails where the limits leave too little to work with.
pub(crate) fn require_room() -> Done {
    for (resource, least, name, option) in [
        (Resource::As, ADDRESS_SPACE, "the address space", 'v'),
        (Resource::Data, DATA, "the private memory", 'd'),
        (Resource::Fsize, FILE, "the size of a file", 'f'),
    ] {
        let limit = getrlimit(resource).current;
        if let Some(limit) = limit.filter(|limit| *limit < least) {
            let text = format!(
                "{name} of this process is limited to {} KiB (`ulimit -{option}`), and a host \
                 needs at least {} KiB",
                limit >> 10,
                least >> 10
            );
            let raise = format!("to raise it: ulimit -{option} unlimited");
            return Err(Failure::new(Code::Machine, text).hint(raise));
        }
    }
    descriptors().and_then(|()| threads()).map_err(|error| {
        let failed = Failure::from_error(Code::Machine, &error);
        // The reason is more than what the system calls it.
        match reason(&error) {
            Some((reason, raise)) => Failure::new(Code::Machine, reason).hint(raise),
            None => failed,
        }
    })
}

/// Opens as many descriptors as a call takes, after the limit was raised as far as
/// that is needed: nobody says how many are open already.
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

/// Has as many threads at the same time as a call takes: tokio and the compiler
/// panic where they cannot start theirs.
fn threads() -> io::Result<()> {
    let wanted = THREADS + available_parallelism().map_or(1, usize::from);
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

/// Which limit an error comes from, and how to raise it.
pub(crate) fn reason(error: &(dyn Error + 'static)) -> Option<(String, String)> {
    let number = |error: &(dyn Error + 'static)| {
        let of_io = error.downcast_ref::<io::Error>();
        let of_io = of_io.and_then(io::Error::raw_os_error);
        let of_nix = error.downcast_ref::<nix::Error>().map(|one| *one as i32);
        let of_rustix = error.downcast_ref::<rustix::io::Errno>();
        of_io
            .or(of_nix)
            .or_else(|| of_rustix.map(|one| one.raw_os_error()))
    };
    let mut cause = Some(error);
    let number = std::iter::from_fn(|| {
        let this = cause?;
        cause = this.source();
        Some(this)
    })
    .find_map(number)?;
    let shown = |resource, unit: u64| {
        let limit = getrlimit(resource).current;
        limit.map_or_else(
            || "unlimited".to_owned(),
            |limit| (limit / unit).to_string(),
        )
    };
    Some(match number {
        libc::EAGAIN => (
            format!(
                "no further process or thread can be started: `ulimit -u` of this user is {}, \
                 and a control group may have a limit too (`pids.max`)",
                shown(Resource::Nproc, 1)
            ),
            "to raise it: ulimit -u 4096".to_owned(),
        ),
        libc::EMFILE => (
            format!(
                "no further file can be opened: `ulimit -n` of this process is {}",
                shown(Resource::Nofile, 1)
            ),
            "to raise it: ulimit -n 4096".to_owned(),
        ),
        libc::ENOMEM => (
            format!(
                "no further memory can be had: of this process, in KiB, `ulimit -v` is {} and \
                 `ulimit -d` is {}",
                shown(Resource::As, 1024),
                shown(Resource::Data, 1024)
            ),
            "to raise them: ulimit -v unlimited -d unlimited".to_owned(),
        ),
        libc::EFBIG => (
            format!(
                "the file may not grow further: `ulimit -f` of this process, in KiB, is {}",
                shown(Resource::Fsize, 1024)
            ),
            "to raise it: ulimit -f unlimited".to_owned(),
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_limit_that_it_comes_from() {
        for (number, named) in [
            (libc::EAGAIN, "`ulimit -u`"),
            (libc::EMFILE, "`ulimit -n`"),
            (libc::ENOMEM, "`ulimit -v`"),
            (libc::EFBIG, "`ulimit -f`"),
        ] {
            let error = io::Error::from_raw_os_error(number);
            let (reason, raise) = reason(&error).expect("a limit");
            assert!(
                reason.contains(named) && raise.contains("ulimit -"),
                "{reason}"
            );
        }
        assert!(reason(&io::Error::from_raw_os_error(libc::ENOENT)).is_none());
        assert!(reason(&nix::Error::EMFILE).is_some());
    }

    #[test]
    fn there_is_room_here() {
        require_room().expect("room");
    }
}
