//! The kernel's side of the supervisor: the calls that it is asked about, and their answers.

use super::file::File;
use crate::program::sys::{Errno, syscall};

/// The calls of a tree that wait for an answer. Which ones, its filter says.
#[derive(Clone, Copy)]
pub(crate) struct Listener(pub(crate) i32);

/// A call that waits; a kernel `struct seccomp_notif`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub(crate) struct Request {
    pub(crate) id: u64,
    /// The thread that made it.
    pub(crate) thread: u32,
    flags: u32,
    pub(crate) call: i32,
    architecture: u32,
    instruction: u64,
    pub(crate) args: [u64; 6],
}

/// A kernel `struct seccomp_notif_resp`.
#[repr(C)]
struct Response {
    id: u64,
    value: i64,
    error: i32,
    flags: u32,
}

/// A kernel `struct seccomp_notif_addfd`.
#[repr(C)]
struct Addition {
    id: u64,
    flags: u32,
    file: u32,
    number: u32,
    number_flags: u32,
}

impl Listener {
    /// Has whoever asks and whoever answers run on one processor, one after the other, which
    /// halves the time that it takes (Linux 6.6).
    pub(crate) fn take_turns(self) {
        const SET_FLAGS: usize = 0x4008_2104;
        const SYNC_WAKE_UP: usize = 1;
        let _ = syscall!(16, self.0, SET_FLAGS, SYNC_WAKE_UP);
    }

    /// Takes the next call, which has to be there.
    pub(crate) fn next(self) -> Result<Request, Errno> {
        const RECEIVE: usize = 0xc050_2100;
        let mut request = Request::default();
        syscall!(16, self.0, RECEIVE, &raw mut request).map(|_| request)
    }

    /// Whether who made a call still waits for it: what was read of the thread until
    /// now was of this thread, and not of one that has its number since.
    pub(crate) fn waits(self, id: u64) -> bool {
        const IS_VALID: usize = 0x4008_2102;
        syscall!(16, self.0, IS_VALID, &raw const id).is_ok()
    }

    /// Ends a call with what came of it.
    pub(crate) fn answer(self, id: u64, result: Result<(), Errno>) {
        self.answer_number(id, result.map(|()| 0));
    }

    /// The same, with what the call returns.
    pub(crate) fn answer_number(self, id: u64, result: Result<usize, Errno>) {
        const SEND: usize = 0xc018_2101;
        let response = Response {
            id,
            value: result.unwrap_or(0) as i64,
            error: -result.err().unwrap_or(0),
            flags: 0,
        };
        // It fails for who was killed meanwhile.
        let _ = syscall!(16, self.0, SEND, &raw const response);
    }

    /// Ends a call with a descriptor of this file, which closes when the caller executes
    /// another program. An error means that the call still waits.
    pub(crate) fn give(self, id: u64, file: &File) -> Result<(), Errno> {
        const ADD_FILE: usize = 0x4018_2103;
        const AND_ANSWER: u32 = 2;
        const O_CLOEXEC: u32 = 0o2_000_000;
        let addition = Addition {
            id,
            flags: AND_ANSWER,
            file: file.0.cast_unsigned(),
            number: 0,
            number_flags: O_CLOEXEC,
        };
        syscall!(16, self.0, ADD_FILE, &raw const addition).map(drop)
    }
}

// The numbers of the requests above contain these sizes.
const _: () = assert!(
    size_of::<Request>() == 80 && size_of::<Response>() == 24 && size_of::<Addition>() == 24
);
