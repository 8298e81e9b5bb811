mod asked;

use std::collections::BTreeSet;

use super::arguments::*;
use super::calls::{CHANGES_ATTRIBUTES, REACHES_OTHERS, REFUSED};
use super::*;
use crate::policy::WorkspaceAccess;

const X86_64: u32 = 0xc000_003e;
const I386: u32 = 0x4000_0003;
const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
const KILL: u32 = libc::SECCOMP_RET_KILL_PROCESS;
const EPERM: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;
const ENOSYS: u32 = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
const EINVAL: u32 = libc::SECCOMP_RET_ERRNO | libc::EINVAL as u32;

const ASKED: u32 = libc::SECCOMP_RET_USER_NOTIF;
/// A sandbox with namespaces of its own.
const NAMESPACES: Around = Around::Namespaces(NetworkAccess::None);

/// What the filter of a sandbox with namespaces answers where it may ask nobody.
fn judge<const N: usize>(architecture: u32, number: i64, args: [u64; N]) -> u32 {
    judge_with(
        (NAMESPACES, Supervision::Nobody),
        architecture,
        number,
        args,
    )
}

fn judge_with<const N: usize>(
    (around, supervision): (Around, Supervision),
    architecture: u32,
    number: i64,
    args: [u64; N],
) -> u32 {
    answer(&build(around, supervision), architecture, number, args)
}

/// Runs a filter as the kernel would.
fn answer<const N: usize>(
    program: &[Instruction],
    architecture: u32,
    number: i64,
    args: [u64; N],
) -> u32 {
    let mut data = Vec::from((number as u32).to_le_bytes());
    data.extend(architecture.to_le_bytes());
    data.extend([0; 8]);
    for arg in args.into_iter().chain([0; 6]).take(6) {
        data.extend(arg.to_le_bytes());
    }
    let (mut at, mut value) = (0, 0u32);
    loop {
        let step = &program[at];
        let code = u32::from(step.code);
        at += 1;
        let holds = match code & 0xf0 {
            libc::BPF_JEQ => value == step.k,
            libc::BPF_JGE => value >= step.k,
            libc::BPF_JSET => value & step.k != 0,
            _ => false,
        };
        match code & 0x07 {
            libc::BPF_LD => {
                let field = &data[step.k as usize..][..4];
                value = u32::from_le_bytes(field.try_into().unwrap());
            }
            libc::BPF_ALU => value &= step.k,
            libc::BPF_RET => return step.k,
            libc::BPF_JMP if code & 0xf0 == libc::BPF_JA => at += step.k as usize,
            libc::BPF_JMP => at += usize::from(if holds { step.jt } else { step.jf }),
            other => panic!("unknown instruction {other}"),
        }
    }
}

/// All of them, with and without somebody to ask.
fn surroundings() -> impl Iterator<Item = (Around, Supervision)> {
    let supervisions = [Supervision::Init, Supervision::Nobody];
    supervisions
        .into_iter()
        .flat_map(|supervision| all_around().map(move |around| (around, supervision)))
}

fn all_around() -> impl Iterator<Item = Around> {
    let access = [WorkspaceAccess::ReadOnly, WorkspaceAccess::ReadWrite]
        .into_iter()
        .flat_map(|workspace| {
            [NetworkAccess::None, NetworkAccess::Host].map(|network| Access { workspace, network })
        });
    let networks = [NetworkAccess::None, NetworkAccess::Host];
    access
        .map(Around::Host)
        .chain(networks.map(Around::Namespaces))
}

/// A call under Landlock.
fn on_host<const N: usize>(
    workspace: WorkspaceAccess,
    network: NetworkAccess,
    number: i64,
    args: [u64; N],
) -> u32 {
    let around = Around::Host(Access { workspace, network });
    judge_with((around, Supervision::Nobody), X86_64, number, args)
}

fn native<const N: usize>(number: i64, args: [u64; N]) -> u32 {
    judge(X86_64, number, args)
}

#[test]
fn ordinary_calls_pass() {
    for number in [
        libc::SYS_read,
        libc::SYS_execve,
        libc::SYS_fork,
        libc::SYS_openat,
        libc::SYS_landlock_create_ruleset,
    ] {
        assert_eq!(native(number, [0; 3]), ALLOW, "{number}");
    }
}

#[test]
fn listed_calls_are_refused() {
    for number in REFUSED {
        assert_eq!(native(*number, [0; 3]), EPERM, "{number}");
    }
}

#[test]
fn every_call_has_one_place() {
    let judged = checks();
    // What is judged otherwise where somebody is asked is among them.
    let asked = supervised::checks(false).into_keys();
    let allowed: BTreeSet<i64> = calls::ALLOWED.iter().copied().collect();
    assert!(
        asked
            .filter(|call| !allowed.contains(call))
            .all(|call| judged.contains_key(&call))
    );
    let places = [
        calls::ALLOWED,
        calls::ALLOWED_UNNAMED,
        REFUSED,
        &judged.keys().copied().collect::<Vec<_>>(),
    ];
    let mut seen = BTreeSet::new();
    for call in places.iter().copied().flatten() {
        assert!(seen.insert(*call), "{call} has two");
    }
    // What is judged otherwise under Landlock is among them.
    let further = [REACHES_OTHERS, CHANGES_ATTRIBUTES, &TAKES_PROCESS].concat();
    for call in further
        .iter()
        .chain(TAKES_WHOSE.iter().map(|(call, _)| call))
    {
        assert!(seen.contains(call), "{call}");
    }
}

#[test]
fn what_nobody_has_looked_at_does_not_exist() {
    let judged = checks();
    let reviewed: BTreeSet<i64> = [calls::ALLOWED, calls::ALLOWED_UNNAMED, REFUSED]
        .concat()
        .into_iter()
        .chain(judged.into_keys())
        .collect();
    for around in surroundings() {
        let program = build(around.0, around.1);
        for number in (0..5000).chain([i64::from(u16::MAX), 0x3fff_ffff]) {
            let told = answer(&program, X86_64, number, [0; 3]);
            assert_eq!(
                told == ENOSYS,
                !reviewed.contains(&number),
                "{around:?} {number}"
            );
        }
        // Of the gap in the numbers, and newer than the last that was looked at:
        // `open_tree_attr`, `statmount`, `listmount`, `lsm_*`, `setxattrat` and the
        // like, `file_getattr`, `file_setattr`, `listns`.
        for number in (335..=423).chain(457..=461).chain(463..=480) {
            assert_eq!(answer(&program, X86_64, number, [0; 3]), ENOSYS);
        }
    }
}

#[test]
fn what_was_looked_at_is_answered_as_it_is_listed() {
    for (calls, expected) in [
        (calls::ALLOWED, ALLOW),
        (calls::ALLOWED_UNNAMED, ALLOW),
        (REFUSED, EPERM),
    ] {
        for call in calls {
            for args in [[0; 6], [u64::MAX; 6]] {
                assert_eq!(native(*call, args), expected, "{call}");
            }
        }
    }
}

#[test]
fn what_a_filter_cannot_judge_does_not_exist() {
    for call in [libc::SYS_clone3, libc::SYS_openat2] {
        assert_eq!(native(call, [0; 3]), ENOSYS);
    }
}

#[test]
fn a_filter_is_short() {
    for around in surroundings() {
        let length = build(around.0, around.1).len();
        assert!(length <= 210, "{around:?}: {length}");
    }
}

#[test]
fn other_abis_are_killed() {
    assert_eq!(judge(I386, 20, [0; 3]), KILL);
    assert_eq!(native(0x4000_0000 | libc::SYS_read, [0; 3]), KILL);
}

#[test]
fn clone_makes_threads_but_no_namespaces() {
    let thread = (libc::CLONE_VM | libc::CLONE_THREAD) as u64;
    assert_eq!(native(libc::SYS_clone, [thread, 0, 0]), ALLOW);
    for flag in NEW_NAMESPACE {
        let flag = u64::from(flag as u32);
        assert_eq!(native(libc::SYS_clone, [thread | flag, 0, 0]), EPERM);
    }
}

#[test]
fn terminals_cannot_be_typed_into() {
    for request in TERMINAL_INPUT.map(u64::from) {
        assert_eq!(native(libc::SYS_ioctl, [0, request, 0]), EPERM);
        assert_eq!(native(libc::SYS_ioctl, [0, request | 1 << 40, 0]), EPERM);
    }
    assert_eq!(native(libc::SYS_ioctl, [0, libc::TIOCGWINSZ, 0]), ALLOW);
}

#[test]
fn no_file_is_made_unusable_for_the_host() {
    for request in LOCKS_FILES_UP.map(u64::from) {
        assert_eq!(native(libc::SYS_ioctl, [0, request, 0]), EPERM);
        assert_eq!(native(libc::SYS_ioctl, [0, request | 1 << 32, 0]), EPERM);
    }
}

#[test]
fn nothing_holds_up_what_others_do_with_a_file() {
    let fcntl = |command: u64| native(libc::SYS_fcntl, [0, command, 1]);
    for command in HOLDS_UP.map(|command| command as u64) {
        assert_eq!(fcntl(command), EPERM);
        assert_eq!(fcntl(command | 1 << 32), EPERM);
    }
    for command in [
        libc::F_DUPFD,
        libc::F_SETFL,
        libc::F_SETLKW,
        libc::F_OFD_SETLKW,
        libc::F_GETLEASE,
        libc::F_DUPFD_CLOEXEC,
        libc::F_SETPIPE_SZ,
        libc::F_ADD_SEALS,
    ] {
        assert_eq!(fcntl(command as u64), ALLOW, "{command}");
    }
    for command in [u64::from(FCNTL_END), 1040, 5000, u64::from(u32::MAX)] {
        assert_eq!(fcntl(command), EINVAL, "{command}");
    }
}

#[test]
fn netlink_is_for_routes_only() {
    const NETLINK: u64 = libc::AF_NETLINK as u64;
    for around in surroundings() {
        let connects =
            !matches!(around.0, Around::Host(access) if access.network == NetworkAccess::None);
        for protocol in 0..40 {
            for kind in [libc::SOCK_RAW, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC] {
                let args = [NETLINK, kind as u64, protocol];
                let answer = judge_with(around, X86_64, libc::SYS_socket, args);
                let expected = if connects && protocol == 0 {
                    ALLOW
                } else {
                    EPERM
                };
                assert_eq!(answer, expected, "{around:?} {protocol}");
            }
        }
    }
    assert_eq!(native(libc::SYS_socket, [NETLINK, 3, 1 << 32]), ALLOW);
    assert_eq!(native(libc::SYS_socket, [NETLINK, 3, 1 << 32 | 4]), EPERM);
    assert_eq!(
        native(libc::SYS_socket, [NETLINK, 3, u64::from(u32::MAX)]),
        EPERM
    );
}

#[test]
fn without_namespaces_a_process_changes_only_itself() {
    for around in surroundings() {
        let namespaces = matches!(around.0, Around::Namespaces(_));
        let judge = |call: i64, args: [u64; 3]| judge_with(around, X86_64, call, args);
        let of_others = if namespaces { ALLOW } else { EPERM };
        for call in TAKES_PROCESS {
            assert_eq!(judge(call, [0, 1, 1]), ALLOW, "{call}");
            assert_eq!(judge(call, [1 << 32, 1, 1]), ALLOW, "{call}");
            for stranger in [1, 4321, u64::from(u32::MAX)] {
                assert_eq!(judge(call, [stranger, 1, 1]), of_others, "{call}");
            }
        }
        // A process, a group, a user.
        for (call, user) in TAKES_WHOSE {
            for whose in [user - 2, user - 1] {
                assert_eq!(judge(call, [whose.into(), 0, 5]), ALLOW);
                assert_eq!(judge(call, [whose.into(), 4321, 5]), of_others);
            }
            assert_eq!(judge(call, [user.into(), 0, 5]), of_others);
            assert_eq!(judge(call, [user.into(), 1000, 5]), of_others);
        }
    }
}

#[test]
fn only_common_sockets_are_made() {
    for family in SOCKETS {
        assert_eq!(native(libc::SYS_socket, [family as u64, 1, 0]), ALLOW);
    }
    for family in [libc::AF_UNIX, libc::AF_VSOCK, libc::AF_PACKET, libc::AF_ALG] {
        assert_eq!(native(libc::SYS_socket, [family as u64, 1, 0]), EPERM);
        assert_eq!(
            native(libc::SYS_socket, [family as u64 | 1 << 32, 1, 0]),
            EPERM
        );
    }
}

#[test]
fn pairs_of_sockets_send_to_each_other_only() {
    let pair = |kind: i32| native(libc::SYS_socketpair, [libc::AF_UNIX as u64, kind as u64, 0]);
    for flags in [0, libc::SOCK_CLOEXEC, libc::SOCK_NONBLOCK] {
        assert_eq!(pair(libc::SOCK_STREAM | flags), ALLOW);
        assert_eq!(pair(libc::SOCK_SEQPACKET | flags), ALLOW);
        assert_eq!(pair(libc::SOCK_DGRAM | flags), EPERM);
        assert_eq!(pair(libc::SOCK_RAW | flags), EPERM);
    }
    const AF_TIPC: u64 = 30;
    for family in [AF_TIPC, libc::AF_INET as u64, libc::AF_NETLINK as u64] {
        let args = [family, libc::SOCK_STREAM as u64, 0];
        assert_eq!(native(libc::SYS_socketpair, args), EPERM);
    }
}

#[test]
fn the_kernel_gets_whole_instructions() {
    for (around, supervision) in surroundings() {
        let bytes = program(around, supervision).unwrap();
        assert_eq!(bytes.len() % wire::INSTRUCTION_BYTES, 0);
        assert!(bytes.len() / wire::INSTRUCTION_BYTES <= 4096);
    }
}

#[test]
fn every_surroundings_have_a_filter_of_their_own() {
    // Where nobody is asked, it is the same one for both networks.
    let same = (Around::Namespaces(NetworkAccess::Host), Supervision::Nobody);
    let programs: Vec<_> = surroundings()
        .filter(|around| *around != same)
        .map(|(around, supervision)| program(around, supervision).unwrap())
        .collect();
    for (index, program) in programs.iter().enumerate() {
        assert!(!programs[..index].contains(program), "{index}");
    }
}

#[test]
fn without_namespaces_no_filter_refuses_less() {
    for around in surroundings() {
        for number in REFUSED {
            let answer = judge_with(around, X86_64, *number, [0; 3]);
            assert_eq!(answer, EPERM, "{around:?} {number}");
        }
        let typing = [0, TERMINAL_INPUT[0].into(), 0];
        let typing = judge_with(around, X86_64, libc::SYS_ioctl, typing);
        assert_eq!(typing, EPERM);
        let lending = judge_with(around, X86_64, libc::SYS_chmod, [0, 0o4755]);
        assert_eq!(lending, EPERM);
    }
}

#[test]
fn without_a_network_no_socket_is_made_outside_of_namespaces() {
    for family in SOCKETS {
        let judge = |network| {
            let args = [family as u64, 1, 0];
            on_host(WorkspaceAccess::ReadWrite, network, libc::SYS_socket, args)
        };
        assert_eq!(judge(NetworkAccess::None), EPERM);
        assert_eq!(judge(NetworkAccess::Host), ALLOW);
    }
    for around in surroundings() {
        for (number, kind) in [
            (libc::SYS_socket, libc::SOCK_DGRAM),
            (libc::SYS_socket, libc::SOCK_RAW),
            (libc::SYS_socketpair, libc::SOCK_DGRAM),
        ] {
            let args = [libc::AF_UNIX as u64, kind as u64, 0];
            assert_eq!(judge_with(around, X86_64, number, args), EPERM);
        }
    }
}

#[test]
fn what_processes_share_outside_of_namespaces_is_refused() {
    for number in REACHES_OTHERS {
        let judge = |access| on_host(access, NetworkAccess::Host, *number, [0; 3]);
        assert_eq!(judge(WorkspaceAccess::ReadWrite), EPERM, "{number}");
        assert_eq!(native(*number, [0; 3]), ALLOW, "{number}");
    }
}

#[test]
fn attributes_stay_as_they_are_where_nothing_may_be_written() {
    let judge = |access, number, args| on_host(access, NetworkAccess::None, number, args);
    for number in CHANGES_ATTRIBUTES {
        let read_only = judge(WorkspaceAccess::ReadOnly, *number, [0; 3]);
        assert_eq!(read_only, EPERM, "{number}");
        let read_write = judge(WorkspaceAccess::ReadWrite, *number, [0; 3]);
        assert_eq!(read_write, ALLOW, "{number}");
    }
    for request in CHANGES_FLAGS.map(u64::from) {
        let args = [0, request, 0];
        let read_only = judge(WorkspaceAccess::ReadOnly, libc::SYS_ioctl, args);
        assert_eq!(read_only, EPERM);
    }
}
