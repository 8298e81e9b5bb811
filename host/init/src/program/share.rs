//! Starts what shares this process's memory, by the one call that Rust cannot make.

use core::arch::asm;

use super::sys::{self, Errno, SIGCHLD, syscall};

const CLONE_VM: usize = 0x100;

/// Starts a process that shares this one's memory until it executes a program;
/// its id. A fork would copy what the execve then has to throw away. It begins
/// with `run`, on a stack of its own.
pub(crate) fn start_sharing<T: Copy + Sync>(
    run: extern "C" fn(&'static T) -> !,
    with: T,
) -> Result<i32, Errno> {
    start(CLONE_VM | SIGCHLD as usize, run, with)
}

/// Starts a thread of this process, with descriptors, a directory and a mask of its
/// own, which begin as those of this one; its id.
pub(crate) fn start_thread<T: Copy + Sync>(
    run: extern "C" fn(&'static T) -> !,
    with: T,
) -> Result<i32, Errno> {
    const CLONE_SIGHAND: usize = 0x800;
    const CLONE_THREAD: usize = 0x1_0000;
    start(CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, run, with)
}

fn start<T: Copy + Sync>(
    flags: usize,
    run: extern "C" fn(&'static T) -> !,
    with: T,
) -> Result<i32, Errno> {
    const CLONE: usize = 56;
    const STACK_WORDS: usize = 8 << 10;
    let stack = sys::pointers(STACK_WORDS)?;
    let place = stack.as_mut_ptr().cast::<T>();
    // SAFETY: the lowest of its pages, which the stack does not come down to.
    unsafe { place.write(with) };
    let result: isize;
    // SAFETY: what is new has this memory, but a stack that nothing else
    // uses, and leaves this code by a call that does not return; `place` stays
    // as it is for the life of the program.
    unsafe {
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r12",
            "call r13",
            "ud2",
            "2:",
            inlateout("rax") CLONE as isize => result,
            in("rdi") flags,
            in("rsi") stack.as_mut_ptr_range().end,
            in("rdx") 0, in("r10") 0, in("r8") 0,
            in("r12") place, in("r13") run,
            lateout("rcx") _, lateout("r11") _,
        );
    }
    if result < 0 {
        Err(-result as Errno)
    } else {
        Ok(result as i32)
    }
}

/// Ends this thread, and no other.
pub(crate) fn exit_thread() -> ! {
    loop {
        let _ = syscall!(60, 0);
    }
}
