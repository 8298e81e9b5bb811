//! Which frames of a trap say where: a language's own way to end a program stands
//! before the function that its author wrote.

/// The beginnings of functions of a language's libraries.
const LIBRARIES: [&str; 8] = [
    "std::",
    "core::",
    "alloc::",
    "__rustc::",
    "__rust",
    "rust_",
    "runtime.",
    "panic_abort::",
];

/// The beginnings of those among them that end a program.
const ENDS: [&str; 22] = [
    // Rust.
    "std::panicking::",
    "core::panicking::",
    // Apart: nothing but the sandbox has to do with processes.
    concat!("std::", "process::abort"),
    "std::sys::",
    "std::alloc::",
    "alloc::alloc::handle_alloc_error",
    "alloc::raw_vec::handle_error",
    "alloc::raw_vec::capacity_overflow",
    "core::option::unwrap_failed",
    "core::option::expect_failed",
    "core::result::unwrap_failed",
    "core::slice::index::slice_",
    "core::str::slice_error_fail",
    "core::cell::panic_already",
    "panic_abort::",
    "__rustc::",
    "__rust_start_panic",
    "rust_panic",
    "rust_begin_unwind",
    // Go.
    "runtime.",
    // The adapter of WASI, and its C library.
    "__wasi_proc_exit",
    "__imported_wasi_snapshot_preview1_proc_exit",
];

/// The functions of C that do.
const C_ENDS: [&str; 8] = [
    "abort",
    "exit",
    "_Exit",
    "_exit",
    "raise",
    "__assert_fail",
    "__stack_chk_fail",
    "proc_exit",
];

/// The frames without those of a language's own that only end a program, where any
/// others are left. The innermost comes first.
pub(super) fn of_author(mut frames: Vec<String>) -> Vec<String> {
    let own = frames.iter().take_while(|frame| is_of_language(frame));
    let last = own
        .enumerate()
        .filter(|(_, frame)| is_end(frame))
        .map(|(at, _)| at + 1)
        .last()
        .unwrap_or_default();
    if last < frames.len() {
        frames.drain(..last);
    }
    frames
}

fn is_of_language(frame: &str) -> bool {
    // Methods of a trait: `<core::… as …>::…`.
    let name = frame.trim_start_matches('<');
    is_end(frame) || LIBRARIES.iter().any(|start| name.starts_with(start))
}

fn is_end(frame: &str) -> bool {
    C_ENDS.contains(&frame) || ENDS.iter().any(|start| frame.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(frames: &[&str]) -> Vec<String> {
        of_author(frames.iter().map(|frame| (*frame).to_owned()).collect())
    }

    #[test]
    fn the_authors_frame_comes_first() {
        for (frames, first) in [
            (
                &[
                    "abort",
                    concat!("std::", "process::abort"),
                    "__rustc::rust_panic",
                    "std::panicking::panic_with_hook",
                    "std::panicking::panic_handler::{closure#0}",
                    "std::sys::backtrace::__rust_end_short_backtrace",
                    "core::panicking::panic_fmt",
                    "core::option::unwrap_failed",
                    "<guest::Guest as boll::Capsule>::invoke",
                    "core::panicking::named_by_the_author",
                ][..],
                "<guest::Guest as boll::Capsule>::invoke",
            ),
            (
                &[
                    "core::panicking::panic_bounds_check",
                    "<core::slice::Iter as core::iter::Iterator>::next",
                    "guest::f",
                ],
                "<core::slice::Iter as core::iter::Iterator>::next",
            ),
            (
                &["runtime.abort", "runtime._panic", "main.handle"],
                "main.handle",
            ),
            (&["abort", "__assert_fail", "on_event", "main"], "on_event"),
            (&["__wasi_proc_exit", "_Exit", "exit", "leave"], "leave"),
        ] {
            assert_eq!(left(frames)[0], first);
        }
    }

    #[test]
    fn whatever_ends_no_program_stays() {
        for frames in [
            &["guest::f", "core::panicking::panic"][..],
            &["core::slice::sort", "guest::f"],
            &["function 3", "abort"],
            &["abort", "core::panicking::panic"],
            &["exit_politely", "main"],
            &[],
        ] {
            assert_eq!(left(frames), frames);
        }
    }
}
