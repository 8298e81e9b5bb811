use super::*;
use crate::policy::WorkspaceAccess;

const X86_64: u32 = 0xc000_003e;
const I386: u32 = 0x4000_0003;
const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
const KILL: u32 = libc::SECCOMP_RET_KILL_PROCESS;
const EPERM: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

/// Runs the filter of a sandbox with namespaces as the kernel would.
fn judge<const N: usize>(architecture: u32, number: i64, args: [u64; N]) -> u32 {
    judge_with(Around::Namespaces, architecture, number, args)
}

fn judge_with<const N: usize>(
    around: Around,
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
    let program = build(around).unwrap();
    let (mut at, mut value) = (0, 0u32);
    loop {
        let step = &program[at];
        let code = u32::from(step.code);
        at += 1;
        let holds = match code & 0xf0 {
            libc::BPF_JEQ => value == step.k,
            libc::BPF_JGE => value >= step.k,
            libc::BPF_JGT => value > step.k,
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

/// All of them.
fn surroundings() -> impl Iterator<Item = Around> {
    let access = [WorkspaceAccess::ReadOnly, WorkspaceAccess::ReadWrite]
        .into_iter()
        .flat_map(|workspace| {
            [NetworkAccess::None, NetworkAccess::Host].map(|network| Access { workspace, network })
        });
    access.map(Around::Host).chain([Around::Namespaces])
}

/// A call under Landlock.
fn on_host<const N: usize>(
    workspace: WorkspaceAccess,
    network: NetworkAccess,
    number: i64,
    args: [u64; N],
) -> u32 {
    judge_with(
        Around::Host(Access { workspace, network }),
        X86_64,
        number,
        args,
    )
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
fn every_number_has_an_answer() {
    for number in 0..600 {
        let answer = native(number, [0; 3]);
        let listed = REFUSED.contains(&number) || number == libc::SYS_socket;
        match number {
            libc::SYS_clone3 | libc::SYS_openat2 => assert_ne!(answer, ALLOW),
            _ => assert_eq!(answer != ALLOW, listed, "{number}"),
        }
    }
}

#[test]
fn no_file_is_made_to_lend_its_owners_rights() {
    const CREATE: u64 = libc::O_CREAT as u64 | libc::O_WRONLY as u64;
    for mode in [0o4755, 0o2755, 0o6000] {
        assert_eq!(native(libc::SYS_chmod, [0, mode]), EPERM);
        assert_eq!(native(libc::SYS_fchmod, [0, mode]), EPERM);
        assert_eq!(native(libc::SYS_fchmodat, [0, 0, mode]), EPERM);
        assert_eq!(native(libc::SYS_fchmodat2, [0, 0, mode]), EPERM);
        assert_eq!(native(libc::SYS_creat, [0, mode]), EPERM);
        assert_eq!(native(libc::SYS_mknod, [0, mode]), EPERM);
        assert_eq!(native(libc::SYS_mknodat, [0, 0, mode]), EPERM);
        assert_eq!(native(libc::SYS_open, [0, CREATE, mode]), EPERM);
        assert_eq!(native(libc::SYS_openat, [0, 0, CREATE, mode]), EPERM);
        let temporary = libc::O_TMPFILE as u64;
        assert_eq!(native(libc::SYS_openat, [0, 0, temporary, mode]), EPERM);
        // What is no mode is not looked at.
        assert_eq!(native(libc::SYS_openat, [0, 0, 0, mode]), ALLOW);
        let directory = libc::O_DIRECTORY as u64;
        assert_eq!(native(libc::SYS_openat, [0, 0, directory, mode]), ALLOW);
    }
    for mode in [0o755, 0o1777, 0o644] {
        assert_eq!(native(libc::SYS_chmod, [0, mode]), ALLOW);
        assert_eq!(native(libc::SYS_openat, [0, 0, CREATE, mode]), ALLOW);
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
    let absent = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
    assert_eq!(native(libc::SYS_clone3, [0; 3]), absent);
}

#[test]
fn terminals_cannot_be_typed_into() {
    for request in TERMINAL_INPUT {
        assert_eq!(native(libc::SYS_ioctl, [0, request, 0]), EPERM);
        assert_eq!(native(libc::SYS_ioctl, [0, request | 1 << 40, 0]), EPERM);
    }
    assert_eq!(native(libc::SYS_ioctl, [0, libc::TIOCGWINSZ, 0]), ALLOW);
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
}

#[test]
fn the_kernel_gets_whole_instructions() {
    for around in surroundings() {
        let bytes = program(around).unwrap();
        assert_eq!(bytes.len() % super::super::wire::INSTRUCTION_BYTES, 0);
        assert!(bytes.len() / super::super::wire::INSTRUCTION_BYTES <= 4096);
    }
}

#[test]
fn every_surroundings_have_a_filter_of_their_own() {
    let programs: Vec<_> = surroundings()
        .map(|around| program(around).unwrap())
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
        let typing = judge_with(around, X86_64, libc::SYS_ioctl, [0, TERMINAL_INPUT[0], 0]);
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
            (libc::SYS_socket, libc::SOCK_STREAM),
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
    let limits = |process: u64| {
        let args = [process, 7, 0];
        let network = NetworkAccess::None;
        on_host(
            WorkspaceAccess::ReadWrite,
            network,
            libc::SYS_prlimit64,
            args,
        )
    };
    assert_eq!(limits(0), ALLOW);
    assert_eq!(limits(1), EPERM);
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
    for request in CHANGES_FLAGS {
        let args = [0, request, 0];
        let read_only = judge(WorkspaceAccess::ReadOnly, libc::SYS_ioctl, args);
        assert_eq!(read_only, EPERM);
    }
}
