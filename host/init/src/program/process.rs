//! What the kernel tells of processes, and signals by descriptors.

use core::time::Duration;

use super::path::Path;
use super::sys::{self, Errno, syscall};

const O_DIRECTORY: i32 = 0o200_000;
const O_CLOEXEC: i32 = 0o2_000_000;

/// What the `stat` file of a process tells.
pub(crate) struct Stat {
    state: u8,
    pub(crate) parent: u32,
    /// In clock ticks since the machine started.
    pub(crate) start: u64,
}

impl Stat {
    /// Whether it is stopped, waits for the kernel, or has ended.
    pub(crate) fn is_quiet(&self) -> bool {
        matches!(self.state, b'T' | b't' | b'D' | b'Z' | b'X')
    }

    fn parse(text: &[u8]) -> Option<Self> {
        // The name before may hold anything, a closing parenthesis too.
        let end = text.iter().rposition(|byte| *byte == b')')?;
        let mut fields = text.get(end + 1..)?.split(|byte| *byte == b' ').skip(1);
        let state = *fields.next()?.first()?;
        let parent = number(fields.next()?)? as u32;
        let start = number(fields.nth(17)?)?;
        Some(Self {
            state,
            parent,
            start,
        })
    }
}

/// What is known of a process, if it is there.
pub(crate) fn stat(id: u32) -> Option<Stat> {
    let mut path = Path::process(id);
    path.push(b"/stat");
    let file = path.open(O_CLOEXEC).ok()?;
    let mut text = [0u8; 1024];
    let len = sys::read(file, &mut text);
    sys::close(file);
    Stat::parse(text.get(..len.ok()?)?)
}

/// The living children of every thread of a process.
pub(crate) struct Walk;

impl Walk {
    /// Calls `visit` for each. It may miss what starts or ends meanwhile.
    pub(crate) fn of(id: u32, mut visit: impl FnMut(u32)) {
        let mut path = Path::process(id);
        path.push(b"/task");
        let Ok(threads) = path.open(O_CLOEXEC | O_DIRECTORY) else {
            return;
        };
        let mut entries = [0u64; 256];
        while let Ok(len @ 1..) = read_directory(threads, &mut entries) {
            each_entry(&entries, len, |thread| {
                if let Ok(children) = open_children(id, thread) {
                    each_number(children, &mut visit);
                    sys::close(children);
                }
            });
        }
        sys::close(threads);
    }
}

/// The list of the children that a thread has started or adopted.
pub(crate) fn open_children(process: u32, thread: u32) -> Result<i32, Errno> {
    let mut path = Path::process(process);
    path.push(b"/task/");
    path.push_number(thread);
    path.push(b"/children");
    path.open(O_CLOEXEC)
}

/// A descriptor of a process.
pub(crate) fn open(id: u32) -> Result<i32, Errno> {
    syscall!(434, id, 0).map(|fd| fd as i32)
}

/// Signals the process of a descriptor. One that has ended gets nothing.
pub(crate) fn signal(handle: i32, signal: i32) {
    let _ = syscall!(424, handle, signal, 0, 0);
}

/// Whether a child with this wait status has not ended, but waits for its tracer.
pub(crate) fn is_stopped(status: i32) -> bool {
    status & 0xff == 0x7f
}

/// How many children are let go of until something else is looked at.
pub(crate) const LET_GO_AT_ONCE: usize = 64;

/// Traces a child no longer, and passes on the signal that it has stopped at. Whoever
/// makes its parent its tracer, and is this process's child, has no other.
pub(crate) fn let_go(child: i32, status: i32) {
    const PTRACE_DETACH: usize = 17;
    const SIGTRAP: i32 = 5;
    // That of tracing itself is no signal of the child's.
    let signal = Some((status >> 8) & 0xff).filter(|signal| *signal != SIGTRAP);
    let _ = syscall!(101, PTRACE_DETACH, child, 0, signal.unwrap_or(0));
}

/// Orphans below this process become its children.
pub(crate) fn adopt_orphans() -> Result<(), Errno> {
    const PR_SET_CHILD_SUBREAPER: usize = 36;
    syscall!(157, PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0).map(drop)
}

/// This process is killed when its parent ends.
pub(crate) fn end_with_parent() -> Result<(), Errno> {
    const PR_SET_PDEATHSIG: usize = 1;
    syscall!(157, PR_SET_PDEATHSIG, sys::SIGKILL, 0, 0, 0).map(drop)
}

pub(crate) fn parent() -> usize {
    syscall!(110).unwrap_or(0)
}

/// Waits until a child ends, or until the time is up. The signal must be blocked.
pub(crate) fn wait_for_child(time: Duration) {
    let mask: u64 = 1 << (sys::SIGCHLD - 1);
    let time = [time.as_secs(), time.subsec_nanos().into()];
    let _ = syscall!(128, &raw const mask, 0, time.as_ptr(), size_of::<u64>());
}

fn read_directory(directory: i32, entries: &mut [u64; 256]) -> Result<usize, Errno> {
    syscall!(
        217,
        directory,
        entries.as_mut_ptr(),
        size_of_val::<[u64]>(entries)
    )
}

/// Calls `visit` with each number among the names of directory entries, of
/// which there are `len` bytes.
fn each_entry(entries: &[u64; 256], len: usize, mut visit: impl FnMut(u32)) {
    /// Inode, offset; then the length in 16 bits, the type, and the name.
    const LENGTH_WORD: usize = 2;
    let mut at = 0;
    while at < len / 8 {
        let Some(word) = entries.get(at + LENGTH_WORD) else {
            return;
        };
        let words = (*word as u16 / 8) as usize;
        let Some(entry) = entries.get(at + LENGTH_WORD..at + words.max(LENGTH_WORD + 1)) else {
            return;
        };
        let mut name = [0u8; 16];
        let bytes = entry.iter().flat_map(|word| word.to_le_bytes()).skip(3);
        for (to, from) in name.iter_mut().zip(bytes) {
            *to = from;
        }
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        if let Some(number) = number(name) {
            visit(number as u32);
        }
        at += words.max(1);
    }
}

/// Calls `visit` with each number in a file.
fn each_number(file: i32, mut visit: impl FnMut(u32)) {
    let mut text = [0u8; 1024];
    let mut begun = None;
    while let Ok(len @ 1..) = sys::read(file, &mut text) {
        for byte in text.iter().take(len) {
            if byte.is_ascii_digit() {
                let digit = u32::from(byte - b'0');
                begun = Some(begun.unwrap_or(0u32).wrapping_mul(10).wrapping_add(digit));
            } else if let Some(number) = begun.take() {
                visit(number);
            }
        }
    }
    if let Some(number) = begun {
        visit(number);
    }
}

/// A number in decimal digits and nothing else.
fn number(digits: &[u8]) -> Option<u64> {
    core::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::format;
    use std::io::Write;
    use std::os::fd::AsRawFd;
    use std::process::{Command, Stdio};
    use std::vec::Vec;

    use super::*;

    #[test]
    fn the_name_of_a_process_may_hold_anything() {
        let text = format!("7 (a) Z 1 (b)) T 42 {}987 0\n", "0 ".repeat(17));
        let stat = Stat::parse(text.as_bytes()).unwrap();
        assert_eq!((stat.state, stat.parent, stat.start), (b'T', 42, 987));
        assert!(stat.is_quiet());
        for cut in ["", "7 (a", "7 (a)", "7 (a) S", "7 (a) S 42 0"] {
            assert!(Stat::parse(cut.as_bytes()).is_none(), "{cut}");
        }
    }

    #[test]
    fn a_child_is_found_stopped_and_killed() {
        let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
        let mut found = Vec::new();
        Walk::of(std::process::id(), |id| found.push(id));
        assert!(found.contains(&child.id()), "{found:?}");
        assert_eq!(stat(child.id()).unwrap().parent, std::process::id());

        let handle = open(child.id()).unwrap();
        signal(handle, sys::SIGSTOP);
        while stat(child.id()).unwrap().state != b'T' {
            sys::give_way();
        }
        signal(handle, sys::SIGKILL);
        assert!(!child.wait().unwrap().success());
        // It has nobody to reach any more, whoever has the number now.
        signal(handle, sys::SIGKILL);
        sys::close(handle);
    }

    #[test]
    fn numbers_are_read_also_where_a_read_cuts_them() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let text = format!("12 345\n{}67890 1", " ".repeat(1015));
        writer.write_all(text.as_bytes()).unwrap();
        drop(writer);
        let mut numbers = Vec::new();
        each_number(reader.as_raw_fd(), |number| numbers.push(number));
        assert_eq!(numbers, [12, 345, 67890, 1]);
    }
}
