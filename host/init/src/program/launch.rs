//! The job `launch`: gives up root before the sandbox is built.

use core::ffi::CStr;

use super::arguments::Arguments;
use super::path::Digits;
use super::sys;

/// `init launch UID GID PROGRAM ARGS...`: becomes that user, then that program.
///
/// The host asks for it when it runs as root on an ordinary user's workspace:
/// `posix_spawn` cannot change the user, and a fork of the host is expensive.
pub(crate) fn launch(arguments: Arguments) -> ! {
    become_program(arguments, 4, arguments.number(2), arguments.number(3))
}

/// Gives up root for good, then becomes the program that the argument `first`
/// names; the arguments from there on are the program's.
pub(crate) fn become_program(arguments: Arguments, first: usize, uid: u32, gid: u32) -> ! {
    let program = arguments.text(first);
    become_user(uid, gid);
    let Ok(args) = sys::pointers(arguments.from(first).count() + 1) else {
        sys::exit(255)
    };
    for (slot, text) in args.iter_mut().zip(arguments.from(first)) {
        *slot = text.as_ptr() as usize;
    }
    let errno = sys::execute(program, args, &[0]);
    complain(
        c"boll-init: cannot execute the sandbox program, error ",
        errno,
    )
}

/// Gives up every user and group but these.
pub(crate) fn become_user(uid: u32, gid: u32) {
    if let Err(errno) = sys::become_user(uid, gid) {
        complain(
            c"boll-init: cannot become the processes' user, error ",
            errno,
        );
    }
}

/// Writes to where the host looks when no sandbox came up.
pub(crate) fn complain(what: &CStr, errno: sys::Errno) -> ! {
    let _ = sys::write(2, what.to_bytes());
    let _ = sys::write(2, Digits::of(errno.unsigned_abs()).as_bytes());
    sys::exit(255)
}
