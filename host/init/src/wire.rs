//! What the host and the init agree on: file descriptors, the order, the messages.

use core::ffi::CStr;

/// A socket of packets from and to the host. First from the host come, each with
/// descriptors, [`JOIN`] where there is a group to join, and [`ORDER`]; each later
/// one is signal numbers, a byte each. End of file: the host is gone. The process
/// that becomes the command sends [`TAKEN`] when it has the order.
pub const CONTROL_FD: i32 = 3;
/// Messages to the host.
pub const STATUS_FD: i32 = 4;
/// The first descriptor that the init must not keep open.
pub const FIRST_FOREIGN_FD: i32 = 5;
/// The workspace, for [`MODE_LANDLOCK`] and [`MODE_UNCONFINED`].
pub const DIRECTORY_FD: i32 = FIRST_FOREIGN_FD;
/// The filter of system calls, for [`MODE_RUN`], as in an order. The process that
/// becomes the command takes it before it waits for the order: installing it takes the
/// kernel about as long as starting a program.
pub const FILTER_FD: i32 = FIRST_FOREIGN_FD + 7;

/// The byte of a packet with the files by which the command joins its control
/// groups. It may come long before the order.
pub const JOIN: u8 = b'j';
/// The byte of a packet with the order: the order in one file, then the command's
/// standard input, output and error, then what was judged: the directory, if the
/// order says [`JUDGED_DIRECTORY`], and the program, if it says [`JUDGED_PROGRAM`].
///
/// Those two are for comparing only. They are of the host's mounts: a command that
/// ran from one, or started in one, could reach past what its sandbox shows.
pub const ORDER: u8 = b'o';
/// The most descriptors that a packet carries.
pub const FILES_MAX: usize = 6;
/// The bit of an order that comes with the directory that was judged.
pub const JUDGED_DIRECTORY: u32 = 1;
/// The bit of an order that comes with the program that was judged.
pub const JUDGED_PROGRAM: u32 = 2;
/// The order is there, and will be acted on.
pub const TAKEN: [u8; 1] = [b't'];

/// The first argument of the init for each of its jobs.
pub const MODE_RUN: &str = "run";

/// The second argument of a job that runs a command: the filter asks nobody.
pub const UNSUPERVISED: &str = "unsupervised";
/// The init answers what the filter asks. The network is the sandbox's own.
pub const SUPERVISED_OWN_NETWORK: &str = "supervised-own-network";
/// The init answers what the filter asks. The network is shared with others.
pub const SUPERVISED_SHARED_NETWORK: &str = "supervised-shared-network";
/// Where a sandbox has memory of its own for files, and so for unix sockets. What is
/// none in a sandbox, by the kernel's list of mounts, does not count there.
pub const OWN_DIRECTORIES: [&CStr; 6] = [
    c"/tmp",
    c"/var/tmp",
    c"/dev/shm",
    c"/home/capsule",
    c"/run",
    c"/var/run",
];

/// Give up root, then execute the rest of the arguments.
pub const MODE_LAUNCH: &str = "launch";
/// Map root's workspace to another user, and do as [`MODE_LAUNCH`].
pub const MODE_MAP: &str = "map";
/// Run a command in no namespaces but under Landlock; the job of [`MODE_RUN`]
/// for where the workspace, [`DIRECTORY_FD`], is entered. Further arguments are the
/// directory of the command's own files, and, if they are to be another, the user and
/// group to become.
pub const MODE_LANDLOCK: &str = "landlock";
/// The same without anything that confines.
pub const MODE_UNCONFINED: &str = "unconfined";
/// Make a user namespace and one of mounts for the host to take, the second without
/// the mounts that the further arguments name. Writes a byte to standard output when
/// they are there, and ends with standard input.
pub const MODE_NAMESPACE: &str = "namespace";
/// Try what a sandbox must refuse; the exit code names the first hole. The next argument
/// is the one that the init was given about supervision.
pub const MODE_CHECK: &str = "check";
/// The same, and that the workspace is the process's own; it has [`OVER_OWNERS`] then.
pub const MODE_CHECK_OWN: &str = "check-own";
/// The capabilities of processes that see the owners of the workspace's files, and nobody
/// else, in their user namespace: `CAP_DAC_OVERRIDE` and `CAP_FOWNER`.
pub const OVER_OWNERS: u32 = 1 << 1 | 1 << 3;
/// The capability that the supervisor alone has beside these: a folder of another group keeps
/// its set-group-id bit when its mode is changed, `CAP_FSETID`. A process that had it would keep
/// the bits of files that it writes, too.
pub const KEEP_GROUP_BIT: u32 = 1 << 4;

/// Try what Landlock and the filter must refuse. Further arguments: the one that the init
/// was given about supervision, the host's process id, a directory outside of what processes are given, a file in it,
/// and a file of the host's process.
pub const MODE_CHECK_LANDLOCK: &str = "check-landlock";
/// Try what holds without a sandbox too.
pub const MODE_CHECK_UNCONFINED: &str = "check-unconfined";

/// The first word of an order. The order starts with [`HEADER_WORDS`] words
/// of 32 bits: magic, arguments, variables, rlimits, filter instructions, rules
/// of Landlock, what was judged, bytes in all. Then come the rlimits ([`RLIMIT_BYTES`] each:
/// resource, padding, soft, hard), the filter (8 bytes an instruction), where
/// there are rules what they are about ([`RULESET_BYTES`]: the rights on files,
/// those on the network, the scopes), the rules ([`RULE_BYTES`] each: rights,
/// [`RULE_OPTIONAL`] and [`RULE_COMPARED`], device and number of the file), and NUL-terminated strings: directory,
/// program, arguments, variables, the paths of the rules.
pub const MAGIC: u32 = 0x626f_6c04;
/// How many words the header has.
pub const HEADER_WORDS: usize = 8;
/// The size of one rlimit.
pub const RLIMIT_BYTES: usize = 24;
/// The size of one filter instruction.
pub const INSTRUCTION_BYTES: usize = 8;
/// The size of what the rules are about.
pub const RULESET_BYTES: usize = 24;
/// The size of one rule. Where Landlock does not confine, rules are only compared.
pub const RULE_BYTES: usize = 32;
/// The path of a rule may be missing.
pub const RULE_OPTIONAL: u64 = 1;
/// The path of a rule has to lead to the file with this device and number.
pub const RULE_COMPARED: u64 = 2;

/// The size of a message: four words of 32 bits (kind, value, step, zero), then
/// the time that the program ran and its processor time, both in microseconds,
/// and its peak memory in bytes, as 64 bits each. Small enough for a pipe to
/// take it whole.
pub const MESSAGE_BYTES: usize = 40;
/// The program runs.
pub const STARTED: u32 = 1;
/// The program did not start; `value` is the error number, `step` where.
pub const FAILED: u32 = 2;
/// The main process exited with the code `value`, and nothing is left of the rest.
pub const EXITED: u32 = 3;
/// The same, by the signal `value`.
pub const KILLED: u32 = 4;

/// The places that a sandbox keeps in memory, in the order of the bits that a message about
/// the end has for those that were full: its step.
pub const PLACES: [&core::ffi::CStr; 3] = [c"/home/capsule", c"/tmp", c"/dev/shm"];

/// The bytes of a message: its kind, value and step, then the time, the processor time
/// and the memory.
#[must_use]
pub fn message(kind: u32, value: u32, step: u32, numbers: [u64; 3]) -> [u8; MESSAGE_BYTES] {
    let [elapsed, cpu, memory] = numbers;
    let kind_and_value = u64::from(kind) | u64::from(value) << 32;
    let mut message = [0; MESSAGE_BYTES];
    let fields = [kind_and_value, step.into(), elapsed, cpu, memory];
    for (place, field) in message.chunks_exact_mut(8).zip(fields) {
        place.copy_from_slice(&field.to_le_bytes());
    }
    message
}

/// Reading the order and setting up the init itself.
pub const STEP_SANDBOX: u32 = 1;
/// Entering the working directory.
pub const STEP_CWD: u32 = 2;
/// Setting the limits.
pub const STEP_LIMITS: u32 = 3;
/// Installing the system call filter.
pub const STEP_FILTER: u32 = 4;
/// Executing the program.
pub const STEP_EXEC: u32 = 5;
