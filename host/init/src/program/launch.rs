//! The job `launch`: gives up root before the sandbox is built.

use core::ffi::CStr;

use super::arguments::Arguments;
use super::sys;

/// `init launch UID GID PROGRAM ARGS...`: becomes that user, then that program.
///
/// The host asks for it when it runs as root on an ordinary user's workspace:
/// `posix_spawn` cannot change the user, and a fork of the host is expensive.
pub(crate) fn launch(arguments: Arguments) -> ! {
    let argument = |index| arguments.get(index);
    let (Some(uid), Some(gid)) = (argument(2).and_then(number), argument(3).and_then(number))
    else {
        sys::exit(255)
    };
    become_program(arguments, 4, uid, gid)
}

/// Gives up root for good, then becomes the program that the argument `first`
/// names; the arguments from there on are the program's.
pub(crate) fn become_program(arguments: Arguments, first: usize, uid: u32, gid: u32) -> ! {
    let Some(program) = arguments.get(first) else {
        sys::exit(255)
    };
    if let Err(errno) = sys::become_user(uid, gid) {
        complain(
            c"boll-init: cannot become the processes' user, error ",
            errno,
        );
    }
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

pub(crate) fn number(text: &CStr) -> Option<u32> {
    text.to_str().ok()?.parse().ok()
}

/// Writes to where the host looks when no sandbox came up.
pub(crate) fn complain(what: &CStr, errno: sys::Errno) -> ! {
    let _ = sys::write(2, what.to_bytes());
    let digits = [
        b'0' + (errno / 100 % 10) as u8,
        b'0' + (errno / 10 % 10) as u8,
        b'0' + (errno % 10) as u8,
    ];
    let _ = sys::write(2, &digits);
    sys::exit(255)
}
