//! What the host and the init agree on: file descriptors, the order, the messages.
//!
//! The init includes this file too, so it uses nothing but `core`.

/// Where the command's standard input lies until the init moves it to 0.
pub(crate) const STDIN_FD: i32 = 3;
/// The command's standard output.
pub(crate) const STDOUT_FD: i32 = 4;
/// The command's standard error.
pub(crate) const STDERR_FD: i32 = 5;
/// The order: all that the init has to know, in one file.
pub(crate) const ORDER_FD: i32 = 6;
/// Signal numbers from the host, a byte each. End of file: the host is gone.
pub(crate) const CONTROL_FD: i32 = 7;
/// Messages to the host.
pub(crate) const STATUS_FD: i32 = 8;
/// The first descriptor that the init must not keep open.
pub(crate) const FIRST_FOREIGN_FD: i32 = 9;

/// The first argument of the init for each of its jobs.
pub(crate) const MODE_RUN: &str = "run";
/// Give up root, then execute the rest of the arguments.
pub(crate) const MODE_LAUNCH: &str = "launch";
/// Map root's workspace to another user, and do as [`MODE_LAUNCH`].
pub(crate) const MODE_MAP: &str = "map";
/// Make a user namespace for the host to take. Tells the process id over
/// [`STATUS_FD`], in 4 bytes, and ends with [`CONTROL_FD`].
pub(crate) const MODE_NAMESPACE: &str = "namespace";
/// Try what a sandbox must refuse; the exit code names the first hole.
pub(crate) const MODE_CHECK: &str = "check";
/// The same, and that the workspace is the process's own.
pub(crate) const MODE_CHECK_OWN: &str = "check-own";

/// The first word of an order. The order starts with [`HEADER_WORDS`] words
/// of 32 bits: magic, arguments, variables, rlimits, filter instructions,
/// bytes in all. Then come the rlimits ([`RLIMIT_BYTES`] each: resource,
/// padding, soft, hard), the filter (8 bytes an instruction), and NUL-terminated
/// strings: directory, program, arguments, variables.
pub(crate) const MAGIC: u32 = 0x626f_6c02;
/// How many words the header has.
pub(crate) const HEADER_WORDS: usize = 6;
/// The size of one rlimit.
pub(crate) const RLIMIT_BYTES: usize = 24;
/// The size of one filter instruction.
pub(crate) const INSTRUCTION_BYTES: usize = 8;

/// The size of a message: four words of 32 bits (kind, value, step, zero), then
/// the time that the program ran and its processor time, both in microseconds,
/// and its peak memory in bytes, as 64 bits each. Small enough for a pipe to
/// take it whole.
pub(crate) const MESSAGE_BYTES: usize = 40;
/// The program runs.
pub(crate) const STARTED: u32 = 1;
/// The program did not start; `value` is the error number, `step` where.
pub(crate) const FAILED: u32 = 2;
/// The main process exited with the code `value`, and nothing is left of the rest.
pub(crate) const EXITED: u32 = 3;
/// The same, by the signal `value`.
pub(crate) const KILLED: u32 = 4;

/// Reading the order and setting up the init itself.
pub(crate) const STEP_SANDBOX: u32 = 1;
/// Entering the working directory.
pub(crate) const STEP_CWD: u32 = 2;
/// Setting the limits.
pub(crate) const STEP_LIMITS: u32 = 3;
/// Installing the system call filter.
pub(crate) const STEP_FILTER: u32 = 4;
/// Executing the program.
pub(crate) const STEP_EXEC: u32 = 5;
