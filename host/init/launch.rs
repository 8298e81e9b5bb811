//! The job `launch`: gives up root before the sandbox is built.

use core::ffi::CStr;

use crate::{start, sys};

/// `init launch UID GID PROGRAM ARGS...`: becomes that user, then that program.
///
/// The host asks for it when it runs as root on an ordinary user's workspace:
/// `posix_spawn` cannot change the user, and a fork of the host is expensive.
///
/// # Safety
///
/// `stack` is the stack pointer that the kernel entered the program with.
pub(crate) unsafe fn launch(stack: *const usize) -> ! {
    // SAFETY: the caller's promise.
    let argument = |index| unsafe { start::argument(stack, index) };
    let (Some(uid), Some(gid)) = (argument(2).and_then(number), argument(3).and_then(number))
    else {
        sys::exit(255)
    };
    // SAFETY: the caller's promise.
    unsafe { become_program(stack, 4, uid, gid) }
}

/// Gives up root for good, then becomes the program that the argument `first`
/// names; the arguments from there on are the program's.
///
/// # Safety
///
/// `stack` is the stack pointer that the kernel entered the program with.
pub(crate) unsafe fn become_program(stack: *const usize, first: usize, uid: u32, gid: u32) -> ! {
    // SAFETY: the caller's promise.
    let argument = |index| unsafe { start::argument(stack, index) };
    let Some(program) = argument(first) else {
        sys::exit(255)
    };
    if let Err(errno) = sys::become_user(uid, gid) {
        complain(
            c"boll-init: cannot become the processes' user, error ",
            errno,
        );
    }
    let mut count = 0;
    while argument(first + count).is_some() {
        count += 1;
    }
    let Ok(args) = sys::pointers(count + 1) else {
        sys::exit(255)
    };
    for (index, slot) in args.iter_mut().take(count).enumerate() {
        *slot = argument(first + index).map_or(0, |text| text.as_ptr() as usize);
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
