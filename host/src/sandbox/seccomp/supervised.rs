//! The calls that the init answers, because a filter sees neither addresses nor files.
//!
//! What it may answer a connection with decides which unix sockets there can be: those that
//! send where they are connected to and nowhere else.

use std::collections::BTreeMap;

use super::arguments::{self, SOCKET_TYPE};
use super::check::{ALLOW, ASK, Check, REFUSE, Test};

/// The kinds of unix sockets that take no address with what they send.
pub(super) const CONNECTED: [i32; 2] = [libc::SOCK_STREAM, libc::SOCK_SEQPACKET];

/// Calls that change a mode, and which argument it is.
pub(super) const CHANGES_MODE: [(i64, u8); 4] = [
    (libc::SYS_chmod, 1),
    (libc::SYS_fchmod, 1),
    (libc::SYS_fchmodat, 2),
    (libc::SYS_fchmodat2, 2),
];

/// The flag of `seccomp` with which a filter of the process's own would be the one that is
/// asked.
pub(super) const OWN_LISTENER: u32 = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER as u32;

/// What is asked, or allowed because something else is asked. `has_own_network`: names of
/// unix sockets without a file are seen by nobody else.
pub(super) fn checks(has_own_network: bool) -> BTreeMap<i64, Check> {
    let mut checks = BTreeMap::from([
        (libc::SYS_connect, ASK),
        (libc::SYS_landlock_create_ruleset, ASK),
        (libc::SYS_socket, unix_socket(arguments::socket())),
        (
            libc::SYS_seccomp,
            Check::when(1, Test::HasAny(OWN_LISTENER), REFUSE, ALLOW),
        ),
        (libc::SYS_prctl, stays_readable()),
    ]);
    if !has_own_network {
        checks.insert(libc::SYS_bind, ASK);
        checks.insert(libc::SYS_listen, ASK);
    }
    for (call, mode) in CHANGES_MODE {
        let group = Check::when(mode, Test::HasAny(libc::S_ISGID), ASK, ALLOW);
        let check = Check::when(mode, Test::HasAny(libc::S_ISUID), REFUSE, group);
        checks.insert(call, check);
    }
    checks
}

/// Allows unix sockets, and judges others by `otherwise`.
pub(super) fn unix_socket(otherwise: Check) -> Check {
    let kind = CONNECTED.iter().rev().fold(REFUSE, |otherwise, kind| {
        let is_kind = Test::IsMasked {
            mask: SOCKET_TYPE,
            value: *kind as u32,
        };
        Check::when(1, is_kind, ALLOW, otherwise)
    });
    Check::when(0, Test::Is(libc::AF_UNIX as u32), kind, otherwise)
}

/// A process that hid its memory could not be answered: none of its connections would
/// be made.
fn stays_readable() -> Check {
    let hides = Check::when(1, Test::Is(0), REFUSE, ALLOW);
    Check::when(0, Test::Is(libc::PR_SET_DUMPABLE as u32), hides, ALLOW)
}
