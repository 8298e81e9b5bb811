//! The system calls that the init uses.

use core::arch::asm;
use core::ffi::CStr;

/// An error number.
pub(crate) type Errno = i32;

pub(crate) const EPERM: Errno = 1;
pub(crate) const ENOENT: Errno = 2;
pub(crate) const ESRCH: Errno = 3;
pub(crate) const EINTR: Errno = 4;
pub(crate) const E2BIG: Errno = 7;
pub(crate) const ENOEXEC: Errno = 8;
pub(crate) const EAGAIN: Errno = 11;
pub(crate) const EACCES: Errno = 13;
pub(crate) const EFAULT: Errno = 14;
pub(crate) const ENOTDIR: Errno = 20;
pub(crate) const EINVAL: Errno = 22;
pub(crate) const ENAMETOOLONG: Errno = 36;
pub(crate) const ENOSYS: Errno = 38;
pub(crate) const EPROTO: Errno = 71;
pub(crate) const EOPNOTSUPP: Errno = 95;
pub(crate) const ENETUNREACH: Errno = 101;
pub(crate) const EALREADY: Errno = 114;
pub(crate) const EINPROGRESS: Errno = 115;
pub(crate) const ESTALE: Errno = 116;

pub(crate) const CLONE_NEWNS: usize = 0x2_0000;
pub(crate) const CLONE_NEWUSER: usize = 0x1000_0000;

pub(crate) const SIGKILL: i32 = 9;
pub(crate) const SIGCHLD: u32 = 17;
pub(crate) const SIGSTOP: i32 = 19;
const LAST_SIGNAL: i32 = 64;

pub(crate) fn call(number: usize, args: [usize; 6]) -> Result<usize, Errno> {
    let [a, b, c, d, e, f] = args;
    let result: isize;
    // SAFETY: whoever writes `syscall!` passes only live pointers with their true
    // lengths; the kernel clobbers rcx and r11 and leaves the stack alone.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number as isize => result,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e, in("r9") f,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    if result < 0 {
        Err(-result as Errno)
    } else {
        Ok(result as usize)
    }
}

macro_rules! syscall {
    ($number:literal $(, $arg:expr)* $(,)?) => {{
        let given: &[usize] = &[$($arg as usize),*];
        let mut args = [0usize; 6];
        let mut index = 0;
        while index < given.len() {
            args[index] = given[index];
            index += 1;
        }
        $crate::program::sys::call($number, args)
    }};
}
pub(crate) use syscall;

/// What `poll` watches.
#[repr(C)]
pub(crate) struct PollFd {
    /// Negative: not watched.
    pub(crate) fd: i32,
    pub(crate) events: i16,
    pub(crate) happened: i16,
}

impl PollFd {
    pub(crate) const fn new(fd: i32, events: i16) -> Self {
        let happened = 0;
        Self {
            fd,
            events,
            happened,
        }
    }
}

pub(crate) const POLLIN: i16 = 1;
pub(crate) const POLLOUT: i16 = 4;
pub(crate) const POLLHUP: i16 = 16;

/// The size of a `struct stat`.
const STAT_WORDS: usize = 18;

/// What `wait4` tells of a process's use of the machine.
#[repr(C)]
#[derive(Default)]
pub(crate) struct Usage {
    user: [i64; 2],
    system: [i64; 2],
    /// In KiB.
    max_rss: i64,
    rest: [i64; 13],
}

impl Usage {
    pub(crate) fn cpu_micros(&self) -> u64 {
        let seconds = self.user[0] + self.system[0];
        (seconds * 1_000_000 + self.user[1] + self.system[1]) as u64
    }

    pub(crate) fn peak_bytes(&self) -> u64 {
        (self.max_rss as u64) << 10
    }
}

pub(crate) fn read(fd: i32, buffer: &mut [u8]) -> Result<usize, Errno> {
    loop {
        match syscall!(0, fd, buffer.as_mut_ptr(), buffer.len()) {
            Err(EINTR) => {}
            other => return other,
        }
    }
}

pub(crate) fn write(fd: i32, bytes: &[u8]) -> Result<usize, Errno> {
    syscall!(1, fd, bytes.as_ptr(), bytes.len())
}

/// Sends a packet.
pub(crate) fn send(socket: i32, bytes: &[u8]) -> Result<(), Errno> {
    const MSG_NOSIGNAL: usize = 0x4000;
    let (start, len) = (bytes.as_ptr(), bytes.len());
    syscall!(44, socket, start, len, MSG_NOSIGNAL, 0, 0).map(drop)
}

/// Receives a packet that is there already.
pub(crate) fn receive_now(socket: i32, buffer: &mut [u8]) -> Result<usize, Errno> {
    const MSG_DONTWAIT: usize = 0x40;
    let (start, len) = (buffer.as_mut_ptr(), buffer.len());
    syscall!(45, socket, start, len, MSG_DONTWAIT, 0, 0)
}

pub(crate) fn open(path: &CStr, flags: i32) -> Result<i32, Errno> {
    syscall!(2, path.as_ptr(), flags, 0o600).map(|fd| fd as i32)
}

pub(crate) fn close(fd: i32) {
    let _ = syscall!(3, fd);
}

/// Closes `first` and all above it.
pub(crate) fn close_from(first: i32) -> Result<(), Errno> {
    syscall!(436, first, u32::MAX, 0).map(drop)
}

/// Keeps the descriptors from `first` to `last` from the programs to execute.
pub(crate) fn close_on_exec(first: i32, last: i32) -> Result<(), Errno> {
    const CLOSE_RANGE_CLOEXEC: usize = 4;
    syscall!(436, first, last, CLOSE_RANGE_CLOEXEC).map(drop)
}

/// Makes `to` the same as `from`, and keeps it over an execve.
pub(crate) fn move_fd(from: i32, to: i32) -> Result<(), Errno> {
    syscall!(292, from, to, 0).map(drop)
}

pub(crate) fn pipe() -> Result<[i32; 2], Errno> {
    const O_CLOEXEC: usize = 0o2_000_000;
    let mut ends = [0i32; 2];
    syscall!(293, ends.as_mut_ptr(), O_CLOEXEC)?;
    Ok(ends)
}

/// Waits until something happens to one of `fds`.
pub(crate) fn poll(fds: &mut [PollFd]) -> Result<(), Errno> {
    poll_for(fds, -1)
}

/// The same, for so many milliseconds at most; -1: as long as it takes.
pub(crate) fn poll_for(fds: &mut [PollFd], patience: i32) -> Result<(), Errno> {
    match syscall!(7, fds.as_mut_ptr(), fds.len(), patience) {
        Ok(_) | Err(EINTR) => Ok(()),
        Err(errno) => Err(errno),
    }
}

/// The size of a file.
pub(crate) fn size(fd: i32) -> Result<usize, Errno> {
    const SEEK_END: usize = 2;
    syscall!(8, fd, 0, SEEK_END)
}

/// The whole of a file that never changes again, for the life of the program.
pub(crate) fn map_file(fd: i32, len: usize) -> Result<&'static [u8], Errno> {
    const PROT_READ: usize = 1;
    const MAP_PRIVATE: usize = 2;
    let at = syscall!(9, 0, len, PROT_READ, MAP_PRIVATE, fd, 0)?;
    // SAFETY: the kernel just mapped `len` readable bytes here; nothing unmaps them.
    Ok(unsafe { core::slice::from_raw_parts(at as *const u8, len) })
}

/// Zeroed memory for `count` pointers, for the life of the program.
pub(crate) fn pointers(count: usize) -> Result<&'static mut [usize], Errno> {
    let at = map_memory(count * size_of::<usize>())?;
    // SAFETY: the kernel just mapped this many zeroed, writable, page-aligned
    // bytes; nothing else knows of them and nothing unmaps them.
    Ok(unsafe { core::slice::from_raw_parts_mut(at as *mut usize, count) })
}

/// Zeroed memory of this many bytes, for the life of the program.
pub(crate) fn bytes(count: usize) -> Result<&'static mut [u8], Errno> {
    let at = map_memory(count)?;
    // SAFETY: the kernel just mapped this many zeroed, writable bytes; nothing
    // else knows of them and nothing unmaps them.
    Ok(unsafe { core::slice::from_raw_parts_mut(at as *mut u8, count) })
}

/// Maps memory, of which only what is used is taken.
fn map_memory(bytes: usize) -> Result<usize, Errno> {
    const PROT_READ_WRITE: usize = 3;
    const MAP_PRIVATE_ANONYMOUS: usize = 0x22;
    let flags = MAP_PRIVATE_ANONYMOUS;
    syscall!(9, 0, bytes, PROT_READ_WRITE, flags, -1isize, 0)
}

/// Takes one ended child: its id (0 when none has ended), wait status and usage.
pub(crate) fn take_ended(block: bool) -> Result<(i32, i32, Usage), Errno> {
    const WNOHANG: usize = 1;
    let mut status = 0i32;
    let mut usage = Usage::default();
    let flags = if block { 0 } else { WNOHANG };
    let pid = loop {
        match syscall!(61, -1isize, &raw mut status, flags, &raw mut usage) {
            Err(EINTR) => {}
            other => break other?,
        }
    };
    Ok((pid as i32, status, usage))
}

/// Lets others run first.
pub(crate) fn give_way() {
    let _ = syscall!(24);
}

/// Signals every process that this one sees, but itself and the caller's parent.
pub(crate) fn signal_all(signal: i32) {
    let _ = syscall!(62, -1isize, signal);
}

/// Signals this process.
pub(crate) fn signal_self(signal: i32) {
    let _ = syscall!(62, process_id(), signal);
}

/// The time since some moment of the past, in microseconds.
pub(crate) fn now_micros() -> u64 {
    const CLOCK_MONOTONIC: usize = 1;
    let mut time = [0i64; 2];
    let _ = syscall!(228, CLOCK_MONOTONIC, time.as_mut_ptr());
    (time[0] * 1_000_000 + time[1] / 1000) as u64
}

pub(crate) fn exit(code: i32) -> ! {
    loop {
        let _ = syscall!(231, code);
    }
}

/// Blocks every signal.
pub(crate) fn block_signals() -> Result<(), Errno> {
    set_mask(u64::MAX)
}

/// Blocks none.
pub(crate) fn unblock_signals() -> Result<(), Errno> {
    set_mask(0)
}

fn set_mask(mask: u64) -> Result<(), Errno> {
    const SIG_SETMASK: usize = 2;
    syscall!(14, SIG_SETMASK, &raw const mask, 0, size_of::<u64>()).map(drop)
}

/// Gives every signal its default action.
pub(crate) fn reset_signals() {
    // A kernel sigaction of zeros is SIG_DFL. SIGKILL and SIGSTOP are refused,
    // and have nothing but a default.
    let default = [0u64; 4];
    for signal in 1..=LAST_SIGNAL {
        let _ = syscall!(13, signal, default.as_ptr(), 0, size_of::<u64>());
    }
}

/// A descriptor that is readable when a child has ended. The signal must be blocked.
pub(crate) fn child_events() -> Result<i32, Errno> {
    const SFD_NONBLOCK_CLOEXEC: usize = 0o2_004_000;
    let mask: u64 = 1 << (SIGCHLD - 1);
    syscall!(
        289,
        -1isize,
        &raw const mask,
        size_of::<u64>(),
        SFD_NONBLOCK_CLOEXEC
    )
    .map(|fd| fd as i32)
}

/// Reads what a descriptor of events has, which must not block.
pub(crate) fn drain(events: i32) {
    let mut event = [0u8; 128];
    while read(events, &mut event).is_ok() {}
}

pub(crate) fn new_session() -> Result<(), Errno> {
    syscall!(112).map(drop)
}

pub(crate) fn enter(directory: &CStr) -> Result<(), Errno> {
    syscall!(80, directory.as_ptr()).map(drop)
}

/// Enters a directory that is open.
pub(crate) fn enter_open(directory: i32) -> Result<(), Errno> {
    syscall!(81, directory).map(drop)
}

/// Sets the soft and the hard limit.
pub(crate) fn limit(resource: u32, soft: u64, hard: u64) -> Result<(), Errno> {
    let both = [soft, hard];
    syscall!(160, resource, both.as_ptr()).map(drop)
}

/// Nothing that is executed from here on can gain rights.
pub(crate) fn no_new_privileges() -> Result<(), Errno> {
    const PR_SET_NO_NEW_PRIVS: usize = 38;
    syscall!(157, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0).map(drop)
}

/// Whether that is so.
pub(crate) fn has_no_new_privileges() -> bool {
    const PR_GET_NO_NEW_PRIVS: usize = 39;
    syscall!(157, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == Ok(1)
}

/// Keeps other processes of the same user out of this one's memory and files.
pub(crate) fn hide() -> Result<(), Errno> {
    const PR_SET_DUMPABLE: usize = 4;
    syscall!(157, PR_SET_DUMPABLE, 0, 0, 0, 0).map(drop)
}

/// Becomes another program. Both lists end with a zero and point at
/// NUL-terminated strings. Comes back only with an error.
pub(crate) fn execute(path: &CStr, args: &[usize], env: &[usize]) -> Errno {
    match syscall!(59, path.as_ptr(), args.as_ptr(), env.as_ptr()) {
        Ok(_) => 0,
        Err(errno) => errno,
    }
}

/// Gives up every group and user id but these.
pub(crate) fn become_user(uid: u32, gid: u32) -> Result<(), Errno> {
    syscall!(116, 0, 0)?;
    syscall!(119, gid, gid, gid)?;
    syscall!(117, uid, uid, uid).map(drop)
}

#[cfg(test)]
pub(crate) fn thread_id() -> usize {
    syscall!(186).unwrap_or(0)
}

pub(crate) fn process_id() -> usize {
    syscall!(39).unwrap_or(0)
}

/// Whether this process has these capabilities and no other, in effect, permitted or
/// to be inherited.
pub(crate) fn has_only_capabilities(set: u32) -> bool {
    let mut header = [0x2008_0522u32, 0];
    let mut sets = [u32::MAX; 6];
    let expected = [set, set, set, 0, 0, 0];
    syscall!(125, header.as_mut_ptr(), sets.as_mut_ptr()).is_ok() && sets == expected
}

pub(crate) fn unshare(flags: usize) -> Result<(), Errno> {
    syscall!(272, flags).map(drop)
}

/// Enters a mount namespace. The root of its first mount is this process's then.
pub(crate) fn enter_mounts(namespace: i32) -> Result<(), Errno> {
    syscall!(308, namespace, CLONE_NEWNS).map(drop)
}

/// Opens what is at a path below a directory, following no link, only to refer to it.
pub(crate) fn open_beneath(directory: i32, path: &CStr) -> Result<i32, Errno> {
    const O_PATH_CLOEXEC: u64 = 0o12_000_000;
    const RESOLVE_NO_SYMLINKS_BENEATH: u64 = 0xc;
    // The flags, the mode, how to resolve.
    let how = [O_PATH_CLOEXEC, 0, RESOLVE_NO_SYMLINKS_BENEATH];
    let (path, len) = (path.as_ptr(), size_of_val(&how));
    syscall!(437, directory, path, how.as_ptr(), len).map(|fd| fd as i32)
}

/// Opens what is at a path, only to refer to it.
pub(crate) fn open_path(path: &CStr) -> Result<i32, Errno> {
    const O_PATH_CLOEXEC: i32 = 0o12_000_000;
    open(path, O_PATH_CLOEXEC)
}

/// Whether an open file is a directory.
pub(crate) fn is_directory(fd: i32) -> Result<bool, Errno> {
    const S_IFMT: u64 = 0o170_000;
    const S_IFDIR: u64 = 0o040_000;
    // The mode and the user id share a word.
    Ok(stat(fd)?[3] & S_IFMT == S_IFDIR)
}

/// The device and the number of an open file, which no other file has.
pub(crate) fn identity(fd: i32) -> Result<[u64; 2], Errno> {
    let [device, number, ..] = stat(fd)?;
    Ok([device, number])
}

/// Whether an open file belongs to this process's user.
pub(crate) fn owns(fd: i32) -> bool {
    let owner = stat(fd).map(|stat| (stat[3] >> 32) as usize);
    owner.is_ok() && owner == syscall!(102)
}

fn stat(fd: i32) -> Result<[u64; STAT_WORDS], Errno> {
    let mut stat = [0u64; STAT_WORDS];
    syscall!(5, fd, stat.as_mut_ptr()).map(|_| stat)
}
