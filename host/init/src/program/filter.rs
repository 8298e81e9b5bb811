//! Installs filters of system calls.

use super::sys::{Errno, syscall};
use crate::wire;

/// A program for the kernel's system call filter.
#[repr(C)]
struct FilterProgram {
    instructions: u16,
    first: *const u8,
}

/// Installs a system call filter; it stays for good.
pub(crate) fn install(instructions: &[u8]) -> Result<(), Errno> {
    install_with(instructions, 0).map(drop)
}

/// The same, and a descriptor by which the calls that it cannot judge are answered. Whoever
/// waits for an answer is interrupted by nothing but its end, once the call is taken.
pub(crate) fn install_with_listener(instructions: &[u8]) -> Result<i32, Errno> {
    const NEW_LISTENER: usize = 1 << 3;
    const WAIT_KILLABLE_RECV: usize = 1 << 5;
    install_with(instructions, NEW_LISTENER | WAIT_KILLABLE_RECV).map(|fd| fd as i32)
}

fn install_with(instructions: &[u8], flags: usize) -> Result<usize, Errno> {
    const SECCOMP_SET_MODE_FILTER: usize = 1;
    let program = FilterProgram {
        instructions: (instructions.len() / wire::INSTRUCTION_BYTES) as u16,
        first: instructions.as_ptr(),
    };
    syscall!(317, SECCOMP_SET_MODE_FILTER, flags, &raw const program)
}
