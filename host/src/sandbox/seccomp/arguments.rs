//! The calls that are judged by their arguments.
//!
//! A filter sees numbers: neither what a pointer leads to nor whose process an id is.

use std::collections::BTreeMap;

use super::calls;
use super::check::{ALLOW, Check, FilterAnswer, REFUSE, Test};
use crate::policy::{Access, NetworkAccess};

/// Flags of `clone` that make a namespace. `unshare` is refused as a whole.
pub(super) const NEW_NAMESPACE: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// Typing into, and pasting into, a terminal that another process reads.
pub(super) const TERMINAL_INPUT: [u32; 2] = [0x5412, 0x541c];

/// Making a file unchangeable, a directory unreadable without a key, and adding
/// such a key (`FS_IOC_ENABLE_VERITY`, `FS_IOC_SET_ENCRYPTION_POLICY`,
/// `FS_IOC_ADD_ENCRYPTION_KEY`): the host could not use its own files.
pub(super) const LOCKS_FILES_UP: [u32; 3] = [0x4080_6685, 0x800c_6613, 0xc050_6617];

/// What of [`calls::CHANGES_ATTRIBUTES`] is done by `ioctl`: `FS_IOC_SETFLAGS` and
/// `FS_IOC_FSSETXATTR`.
pub(super) const CHANGES_FLAGS: [u32; 2] = [0x4008_6602, 0x401c_5820];

/// The families of sockets that need no further look. Those of unix are not among
/// them: one in the workspace, or one without a file where the network is the
/// host's, leads to a service of the host, and no namespace and no read-only mount
/// stops it. Where the init looks at each connection there are some, see `supervised`.
pub(super) const SOCKETS: [i32; 2] = [libc::AF_INET, libc::AF_INET6];

/// The only netlink protocol: interfaces, addresses and routes, which programs
/// look up names by. Others tell of the host's processes, sockets, devices and
/// audit where the network is the host's.
pub(super) const NETLINK_ROUTE: u32 = 0;

/// Pairs of unix sockets are for processes to talk to each other, but for those
/// that can send to any address. The kernel takes the second for the first.
pub(super) const PAIRS_WITH_ADDRESSES: [i32; 2] = [libc::SOCK_DGRAM, libc::SOCK_RAW];

/// What a process may be to the kernel: an ordinary one, with or without random
/// addresses, as debuggers and sanitizers set it; and the question for what it is.
pub(super) const PERSONALITIES: [u32; 3] = [0, libc::ADDR_NO_RANDOMIZE as u32, u32::MAX];

/// The part of a socket's type that is not flags.
pub(super) const SOCKET_TYPE: u32 = 0xf;

/// The bits of a file's mode that lend its owner's rights to whoever runs it.
/// A file so marked in the workspace would be one on the host.
const LENDS_RIGHTS: u32 = libc::S_ISUID | libc::S_ISGID;

/// Calls that set a file's mode, and which argument it is.
const SETS_MODE: [(i64, u8); 7] = [
    (libc::SYS_chmod, 1),
    (libc::SYS_fchmod, 1),
    (libc::SYS_fchmodat, 2),
    (libc::SYS_fchmodat2, 2),
    (libc::SYS_creat, 1),
    (libc::SYS_mknod, 1),
    (libc::SYS_mknodat, 2),
];

/// Calls that make a file of any type, which is part of the mode, and which argument that is.
const MAKES_ANY_TYPE: [(i64, u8); 2] = [(libc::SYS_mknod, 1), (libc::SYS_mknodat, 2)];

/// Calls that set a file's mode when their flags, the argument before it, say
/// that they make one.
const MAY_SET_MODE: [(i64, u8); 2] = [(libc::SYS_open, 2), (libc::SYS_openat, 3)];

/// The flags that say so; the second is that of `O_TMPFILE` alone.
const MAKES_FILE: i32 = libc::O_CREAT | (libc::O_TMPFILE & !libc::O_DIRECTORY);

/// Commands of `fcntl` by which a process has the kernel hold up, or tell of, what
/// others do with a file: leases, and notes on a directory.
pub(super) const HOLDS_UP: [i32; 2] = [libc::F_SETLEASE, libc::F_NOTIFY];

/// The first command of `fcntl` that nobody has looked at; there are leases of
/// newer kinds among them.
pub(super) const FCNTL_END: u32 = 1039;

/// Calls whose first argument is a process, 0 for the caller. Some take a thread,
/// for which the C library's functions for threads give its own number, so that
/// those fail too: a filter cannot tell a stranger.
pub(super) const TAKES_PROCESS: [i64; 8] = [
    libc::SYS_prlimit64,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setattr,
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    libc::SYS_get_robust_list,
];

/// Calls that take whose priority it is, and then which one's, 0 for the caller's
/// own; and the first that stands for all processes of a user.
pub(super) const TAKES_WHOSE: [(i64, u32); 2] = [
    (libc::SYS_setpriority, libc::PRIO_USER),
    // `IOPRIO_WHO_USER`
    (libc::SYS_ioprio_set, 3),
];

/// What is judged by its arguments, around every command.
pub(super) fn checks() -> BTreeMap<i64, Check> {
    let mut checks = BTreeMap::from([
        (libc::SYS_clone, clone()),
        (libc::SYS_ioctl, ioctl(&[])),
        (libc::SYS_fcntl, fcntl()),
        (libc::SYS_socket, socket()),
        (libc::SYS_socketpair, socket_pair()),
        (libc::SYS_personality, personality()),
        (libc::SYS_renameat2, leaves_nothing_behind()),
    ]);
    for (call, mode) in SETS_MODE {
        checks.insert(call, lends_no_rights(mode));
    }
    for (call, mode) in MAY_SET_MODE {
        let makes_file = Test::HasAny(MAKES_FILE as u32);
        let check = Check::when(mode - 1, makes_file, lends_no_rights(mode), ALLOW);
        checks.insert(call, check);
    }
    checks
}

/// Making files, but no FIFOs, sockets or devices: whoever opened a FIFO in the workspace would
/// wait without end, git on the host for example.
pub(super) fn without_special_files() -> BTreeMap<i64, Check> {
    let check = |mode| {
        // The kernel takes no type for that of a file.
        [0, libc::S_IFREG].iter().fold(REFUSE, |otherwise, kind| {
            let is_file = Test::IsMasked {
                mask: libc::S_IFMT,
                value: *kind,
            };
            Check::when(mode, is_file, lends_no_rights(mode), otherwise)
        })
    };
    MAKES_ANY_TYPE
        .map(|(call, mode)| (call, check(mode)))
        .into()
}

/// What namespaces would keep apart, and Landlock does not.
pub(super) fn instead_of_namespaces(access: Access) -> BTreeMap<i64, Check> {
    let mut checks: BTreeMap<i64, Check> = BTreeMap::new();
    for call in calls::REACHES_OTHERS {
        checks.insert(*call, REFUSE);
    }
    if access.network == NetworkAccess::None {
        // There is no network of its own that would be empty.
        checks.insert(libc::SYS_socket, REFUSE);
    }
    for call in TAKES_PROCESS {
        checks.insert(call, Check::only_zero(0));
    }
    for (call, user) in TAKES_WHOSE {
        checks.insert(call, Check::refuse(0, [user], Check::only_zero(1)));
    }
    if !access.workspace.writes() {
        for call in calls::CHANGES_ATTRIBUTES {
            checks.insert(*call, REFUSE);
        }
        checks.insert(libc::SYS_ioctl, ioctl(&CHANGES_FLAGS));
    }
    checks
}

fn clone() -> Check {
    let new = NEW_NAMESPACE.iter().fold(0, |all, flag| all | *flag as u32);
    Check::when(0, Test::HasAny(new), REFUSE, ALLOW)
}

fn lends_no_rights(mode: u8) -> Check {
    Check::when(mode, Test::HasAny(LENDS_RIGHTS), REFUSE, ALLOW)
}

/// Renaming, without a device that is left in place of what was renamed.
fn leaves_nothing_behind() -> Check {
    let unknown = Check::Always(FilterAnswer::Unknown);
    Check::when(4, Test::HasAny(libc::RENAME_WHITEOUT), unknown, ALLOW)
}

fn ioctl(further: &[u32]) -> Check {
    let requests = TERMINAL_INPUT.iter().chain(&LOCKS_FILES_UP).chain(further);
    Check::refuse(1, requests.copied(), ALLOW)
}

fn fcntl() -> Check {
    let unknown = Check::Always(FilterAnswer::Unknown);
    let known = Check::refuse(1, HOLDS_UP.map(|command| command as u32), ALLOW);
    Check::when(1, Test::IsAtLeast(FCNTL_END), unknown, known)
}

pub(super) fn socket() -> Check {
    let route = Check::when(2, Test::Is(NETLINK_ROUTE), ALLOW, REFUSE);
    let netlink = Check::when(0, Test::Is(libc::AF_NETLINK as u32), route, REFUSE);
    SOCKETS.iter().rev().fold(netlink, |otherwise, family| {
        Check::when(0, Test::Is(*family as u32), ALLOW, otherwise)
    })
}

fn personality() -> Check {
    PERSONALITIES.iter().rev().fold(REFUSE, |otherwise, value| {
        Check::when(0, Test::Is(*value), ALLOW, otherwise)
    })
}

fn socket_pair() -> Check {
    let kind = PAIRS_WITH_ADDRESSES
        .iter()
        .rev()
        .fold(ALLOW, |otherwise, kind| {
            let is_kind = Test::IsMasked {
                mask: SOCKET_TYPE,
                value: *kind as u32,
            };
            Check::when(1, is_kind, REFUSE, otherwise)
        });
    Check::when(0, Test::Is(libc::AF_UNIX as u32), kind, REFUSE)
}
