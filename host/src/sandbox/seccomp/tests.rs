use super::*;

const X86_64: u32 = 0xc000_003e;
const I386: u32 = 0x4000_0003;
const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
const KILL: u32 = libc::SECCOMP_RET_KILL_PROCESS;
const EPERM: u32 = libc::SECCOMP_RET_ERRNO | libc::EPERM as u32;

/// Runs the filter as the kernel would.
fn judge<const N: usize>(architecture: u32, number: i64, args: [u64; N]) -> u32 {
    let mut data = Vec::from((number as u32).to_le_bytes());
    data.extend(architecture.to_le_bytes());
    data.extend([0; 8]);
    for arg in args.into_iter().chain([0; 6]).take(6) {
        data.extend(arg.to_le_bytes());
    }
    let program = build().unwrap();
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
    let bytes = program().unwrap();
    assert_eq!(bytes.len() % super::super::wire::INSTRUCTION_BYTES, 0);
    assert!(bytes.len() / super::super::wire::INSTRUCTION_BYTES <= 4096);
}
