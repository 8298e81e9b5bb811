//! What a C library would bring: the first instruction, the arguments, and the
//! few functions that the compiler calls by name.

use core::arch::global_asm;
use core::ffi::CStr;

// The kernel enters with the argument count and vector on the stack and no
// return address; the ABI of a Rust function wants an aligned stack.
global_asm!(
    ".globl _start",
    "_start:",
    "xor ebp, ebp",
    "mov rdi, rsp",
    "and rsp, -16",
    "call {entry}",
    "ud2",
    entry = sym crate::entry,
);

/// The argument at `index` that the kernel put on the stack, if there is one.
///
/// # Safety
///
/// `stack` is the stack pointer that the kernel entered the program with.
pub(crate) unsafe fn argument(stack: *const usize, index: usize) -> Option<&'static CStr> {
    // SAFETY: the argument count is the first word on the stack.
    let count = unsafe { *stack };
    if index >= count {
        return None;
    }
    // SAFETY: `count` pointers to strings follow the count.
    let text = unsafe { *stack.add(1 + index) } as *const i8;
    // SAFETY: the kernel put a NUL-terminated string there for the program's life.
    Some(unsafe { CStr::from_ptr(text) })
}

// The compiler may call these by name, and there is no C library to have them.
// They are in assembly so that it cannot turn them into calls to themselves.
global_asm!(
    ".globl memcpy",
    ".globl memset",
    ".globl memcmp",
    ".globl bcmp",
    ".globl strlen",
    "memcpy:",
    "mov rax, rdi",
    "mov rcx, rdx",
    "rep movsb",
    "ret",
    "memset:",
    "mov r8, rdi",
    "mov eax, esi",
    "mov rcx, rdx",
    "rep stosb",
    "mov rax, r8",
    "ret",
    "memcmp:",
    "bcmp:",
    "xor ecx, ecx",
    "2:",
    "cmp rcx, rdx",
    "je 3f",
    "movzx eax, byte ptr [rdi + rcx]",
    "movzx r8d, byte ptr [rsi + rcx]",
    "inc rcx",
    "sub eax, r8d",
    "je 2b",
    "ret",
    "3:",
    "xor eax, eax",
    "ret",
    "strlen:",
    "xor eax, eax",
    "4:",
    "cmp byte ptr [rdi + rax], 0",
    "je 5f",
    "inc rax",
    "jmp 4b",
    "5:",
    "ret",
);

/// The compiled `core` names this for unwinding, which an aborting program never does.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    crate::sys::exit(254)
}
