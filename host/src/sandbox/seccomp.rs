//! The system call filter that every command runs under.
//!
//! All calls are allowed but those listed here, which fail with `EPERM`. The
//! namespaces are the boundary; the filter takes away the parts of the kernel
//! that ordinary programs do not need and that exploits like. Where there are no
//! namespaces, it refuses what they would have kept apart and Landlock does not.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, sock_filter,
};

use crate::policy::{Access, NetworkAccess};

/// What is around a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// Namespaces of its own.
    Namespaces,
    /// The host's, under Landlock.
    Host(Access),
}

/// Calls that are refused whatever their arguments.
const REFUSED: &[i64] = &[
    // Looking into other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_process_madvise,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // Large parts of the kernel with a record of holes.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_fanotify_init,
    libc::SYS_modify_ldt,
    libc::SYS_personality,
    // Changing what the sandbox shows.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_chroot,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    // Changing the machine.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_quotactl_fd,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_syslog,
    libc::SYS_iopl,
    libc::SYS_ioperm,
    libc::SYS_vhangup,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
];

/// Calls that reach what processes share outside of namespaces: System V's and
/// POSIX's objects for talking to each other.
const REACHES_OTHERS: &[i64] = &[
    libc::SYS_shmget,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_semctl,
    libc::SYS_msgget,
    libc::SYS_msgsnd,
    libc::SYS_msgrcv,
    libc::SYS_msgctl,
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
];

/// Calls that change what Landlock has no right for: the mode, the owner, the
/// times and the attributes of a file, a file of a read-only workspace too. The
/// last three are `setxattrat`, `removexattrat` and `file_setattr`.
const CHANGES_ATTRIBUTES: &[i64] = &[
    libc::SYS_chmod,
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_chown,
    libc::SYS_lchown,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utime,
    libc::SYS_utimes,
    libc::SYS_futimesat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    463,
    466,
    469,
];

/// The same by `ioctl`: `FS_IOC_SETFLAGS` and `FS_IOC_FSSETXATTR`.
const CHANGES_FLAGS: [u64; 2] = [0x4008_6602, 0x401c_5820];

/// Flags of `clone` that make a namespace. `unshare` is refused as a whole.
const NEW_NAMESPACE: [i32; 7] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// Typing into, and pasting into, a terminal that another process reads.
const TERMINAL_INPUT: [u64; 2] = [0x5412, 0x541c];

/// The only families of sockets. Those of unix are not among them: one in the
/// workspace, or one without a file where the network is the host's, leads to
/// a service of the host, and no namespace and no read-only mount stops it.
const SOCKETS: [i32; 3] = [libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];

/// Pairs of unix sockets are for processes to talk to each other, but for those
/// that can send to any address. The kernel takes the second for the first.
const PAIRS_WITH_ADDRESSES: [i32; 2] = [libc::SOCK_DGRAM, libc::SOCK_RAW];

/// The part of a socket's type that is not flags.
const SOCKET_TYPE: u64 = 0xf;

/// The bits of a file's mode that lend its owner's rights to whoever runs it.
/// A file so marked in the workspace would be one on the host.
const LENDS_RIGHTS: [u32; 2] = [libc::S_ISUID, libc::S_ISGID];

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

/// Calls that set a file's mode when their flags, the argument before it, say
/// that they make one.
const MAY_SET_MODE: [(i64, u8); 2] = [(libc::SYS_open, 2), (libc::SYS_openat, 3)];

/// The flags that say so; the second is that of `O_TMPFILE` alone.
const MAKES_FILE: [i32; 2] = [libc::O_CREAT, libc::O_TMPFILE & !libc::O_DIRECTORY];

/// The filter as the kernel takes it, 8 bytes an instruction.
///
/// # Errors
///
/// A text when the filter cannot be built, which the tests rule out.
pub(super) fn program(around: Around) -> Result<&'static [u8], String> {
    static PROGRAMS: [OnceLock<Result<Vec<u8>, String>>; 5] = [const { OnceLock::new() }; 5];
    let writes = |access: Access| access.workspace.writes();
    let connects = |access: Access| access.network == NetworkAccess::Host;
    let index = match around {
        Around::Namespaces => 0,
        Around::Host(access) => 1 + usize::from(writes(access)) + 2 * usize::from(connects(access)),
    };
    PROGRAMS[index]
        .get_or_init(|| Ok(bytes(&build(around).map_err(|error| error.to_string())?)))
        .as_deref()
        .map_err(Clone::clone)
}

fn build(around: Around) -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for call in REFUSED {
        rules.insert(*call, Vec::new());
    }
    rules.insert(libc::SYS_clone, clone_rules()?);
    rules.insert(libc::SYS_ioctl, ioctl_rules(&TERMINAL_INPUT)?);
    rules.insert(libc::SYS_socket, socket_rules()?);
    rules.insert(libc::SYS_socketpair, pair_rules()?);
    for (call, mode) in SETS_MODE {
        rules.insert(call, mode_rules(mode, None)?);
    }
    for (call, mode) in MAY_SET_MODE {
        let mut either = Vec::new();
        for flag in MAKES_FILE {
            either.extend(mode_rules(mode, Some(flag))?);
        }
        rules.insert(call, either);
    }
    if let Around::Host(access) = around {
        instead_of_namespaces(&mut rules, access)?;
    }
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM as u32),
        TargetArch::x86_64,
    )?;
    let mut program = prelude();
    program.extend(BpfProgram::try_from(filter)?);
    Ok(program)
}

/// What namespaces would keep apart, and Landlock does not.
fn instead_of_namespaces(
    rules: &mut BTreeMap<i64, Vec<SeccompRule>>,
    access: Access,
) -> Result<(), seccompiler::BackendError> {
    for call in REACHES_OTHERS {
        rules.insert(*call, Vec::new());
    }
    if access.network == NetworkAccess::None {
        // There is no network of its own that would be empty.
        rules.insert(libc::SYS_socket, Vec::new());
    }
    // The limits of a process with the same user, of the host for one.
    let other = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, 0)?;
    rules.insert(libc::SYS_prlimit64, vec![SeccompRule::new(vec![other])?]);
    if !access.workspace.writes() {
        for call in CHANGES_ATTRIBUTES {
            rules.insert(*call, Vec::new());
        }
        let requests = [TERMINAL_INPUT, CHANGES_FLAGS].concat();
        rules.insert(libc::SYS_ioctl, ioctl_rules(&requests)?);
    }
    Ok(())
}

fn clone_rules() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    NEW_NAMESPACE
        .iter()
        .map(|flag| SeccompRule::new(vec![has_bit(0, *flag as u32)?]))
        .collect()
}

/// A mode that lends rights; where a flag decides whether it counts, with that.
fn mode_rules(mode: u8, flag: Option<i32>) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    LENDS_RIGHTS
        .iter()
        .map(|bit| {
            let mut conditions = vec![has_bit(mode, *bit)?];
            if let Some(flag) = flag {
                conditions.push(has_bit(mode - 1, flag as u32)?);
            }
            SeccompRule::new(conditions)
        })
        .collect()
}

fn has_bit(argument: u8, bit: u32) -> Result<SeccompCondition, seccompiler::BackendError> {
    let bit = u64::from(bit);
    let set = SeccompCmpOp::MaskedEq(bit);
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, set, bit)
}

fn ioctl_rules(requests: &[u64]) -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    // The kernel looks at the low 32 bits of the request only, so must the filter.
    requests
        .iter()
        .map(|request| {
            let equal = SeccompCmpOp::Eq;
            let length = SeccompCmpArgLen::Dword;
            SeccompRule::new(vec![SeccompCondition::new(1, length, equal, *request)?])
        })
        .collect()
}

fn socket_rules() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let none_of = SOCKETS
        .iter()
        .map(|family| {
            let other = SeccompCmpOp::Ne;
            SeccompCondition::new(0, SeccompCmpArgLen::Dword, other, *family as u64)
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(vec![SeccompRule::new(none_of)?])
}

fn pair_rules() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    PAIRS_WITH_ADDRESSES
        .iter()
        .map(|kind| {
            let is_kind = SeccompCmpOp::MaskedEq(SOCKET_TYPE);
            let length = SeccompCmpArgLen::Dword;
            SeccompRule::new(vec![SeccompCondition::new(
                1,
                length,
                is_kind,
                *kind as u64,
            )?])
        })
        .collect()
}

/// What comes before the rules, because it is not a matter of one call each:
/// calls of 32-bit code (also from a 64-bit program by `int 0x80`) and of the
/// x32 ABI are killed, for their numbers mean something else; `clone3` and
/// `openat2` say that they do not exist, because a filter cannot see their flags
/// and programs then use `clone` and `openat`.
fn prelude() -> BpfProgram {
    const NUMBER_AT: u32 = 0;
    const ARCHITECTURE_AT: u32 = 4;
    const AUDIT_ARCH_X86_64: u32 = 0xc000_003e;
    const X32_BIT: u32 = 0x4000_0000;
    let kill = libc::SECCOMP_RET_KILL_PROCESS;
    let no_such_call = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
    vec![
        load(ARCHITECTURE_AT),
        jump(libc::BPF_JEQ, AUDIT_ARCH_X86_64, 1, 0),
        answer(kill),
        load(NUMBER_AT),
        jump(libc::BPF_JGE, X32_BIT, 0, 1),
        answer(kill),
        jump(libc::BPF_JEQ, libc::SYS_clone3 as u32, 1, 0),
        jump(libc::BPF_JEQ, libc::SYS_openat2 as u32, 0, 1),
        answer(no_such_call),
    ]
}

fn load(offset: u32) -> sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset, 0, 0)
}

fn jump(comparison: u32, value: u32, when_true: u8, when_false: u8) -> sock_filter {
    instruction(
        libc::BPF_JMP | comparison | libc::BPF_K,
        value,
        when_true,
        when_false,
    )
}

fn answer(value: u32) -> sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, value, 0, 0)
}

fn instruction(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    sock_filter {
        code: code as u16,
        jt,
        jf,
        k,
    }
}

fn bytes(program: &BpfProgram) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(program.len() * super::wire::INSTRUCTION_BYTES);
    for step in program {
        bytes.extend(step.code.to_le_bytes());
        bytes.extend([step.jt, step.jf]);
        bytes.extend(step.k.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests;
