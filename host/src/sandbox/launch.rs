//! Starts a program by `posix_spawn`, with exactly the descriptors it is given.
//!
//! Never by a fork: with much memory touched, as a host of components has, a
//! fork copies page tables for a tenth of a second. Never with an environment:
//! a preloaded library would run outside of the sandbox.

#![allow(unsafe_code)]

use std::ffi::CString;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr;

use rustix::process::Pid;

/// What a program is to the command that it is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// It builds the sandbox that the init is in, which ends with it.
    Builder,
    /// It is the init itself, which ends the command's processes; without it they
    /// would live on.
    Init,
}

/// A program to start.
#[derive(Debug)]
pub(crate) struct Program {
    path: CString,
    args: Vec<CString>,
    files: Vec<(OwnedFd, i32)>,
    role: Role,
}

impl Program {
    /// A program at an absolute path, with all its arguments, its own name first.
    pub(super) fn new(path: CString, args: Vec<CString>, role: Role) -> Self {
        Self {
            path,
            args,
            files: Vec::new(),
            role,
        }
    }

    pub(super) fn role(&self) -> Role {
        self.role
    }

    /// Gives the program `file` as its descriptor `number`, which must be small.
    pub(super) fn give(&mut self, file: OwnedFd, number: i32) {
        self.files.push((file, number));
    }

    /// Starts it in a session of its own, with default signals, and with no
    /// descriptor but those that it was given.
    pub(super) fn spawn(mut self) -> io::Result<Pid> {
        let targets = self.files.iter().map(|(_, number)| number + 1);
        let above = targets.max().unwrap_or_default();
        let mut actions = FileActions::new()?;
        for (file, number) in &mut self.files {
            // Placing one must never overwrite another.
            if file.as_raw_fd() < above {
                *file = rustix::io::fcntl_dupfd_cloexec(&*file, above)?;
            }
            actions.duplicate(file.as_raw_fd(), *number)?;
        }
        actions.close_from(above)?;
        let attributes = Attributes::new()?;
        let mut args: Vec<*mut libc::c_char> = self
            .args
            .iter()
            .map(|arg| arg.as_ptr().cast_mut())
            .collect();
        args.push(ptr::null_mut());
        let environment = [ptr::null_mut()];
        let mut pid = 0;
        // SAFETY: path, arguments and environment are live, NUL-terminated and
        // null-terminated; actions and attributes are initialised.
        let error = unsafe {
            libc::posix_spawn(
                &mut pid,
                self.path.as_ptr(),
                &actions.0,
                &attributes.0,
                args.as_ptr(),
                environment.as_ptr(),
            )
        };
        check(error)?;
        Pid::from_raw(pid).ok_or_else(|| io::Error::other("posix_spawn gave no process id"))
    }
}

struct FileActions(libc::posix_spawn_file_actions_t);

impl FileActions {
    fn new() -> io::Result<Self> {
        let mut actions = MaybeUninit::uninit();
        // SAFETY: the call initialises what it is given.
        check(unsafe { libc::posix_spawn_file_actions_init(actions.as_mut_ptr()) })?;
        // SAFETY: it succeeded.
        Ok(Self(unsafe { actions.assume_init() }))
    }

    fn duplicate(&mut self, from: i32, to: i32) -> io::Result<()> {
        // SAFETY: the actions are initialised; the numbers are judged in the child.
        check(unsafe { libc::posix_spawn_file_actions_adddup2(&mut self.0, from, to) })
    }

    #[cfg(target_env = "gnu")]
    fn close_from(&mut self, first: i32) -> io::Result<()> {
        // SAFETY: the actions are initialised.
        check(unsafe { libc::posix_spawn_file_actions_addclosefrom_np(&mut self.0, first) })
    }

    /// Other C libraries cannot; there the init alone closes what leaked.
    #[cfg(not(target_env = "gnu"))]
    fn close_from(&mut self, _first: i32) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for FileActions {
    fn drop(&mut self) {
        // SAFETY: initialised, and not used again.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.0) };
    }
}

struct Attributes(libc::posix_spawnattr_t);

impl Attributes {
    fn new() -> io::Result<Self> {
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: the call initialises what it is given.
        check(unsafe { libc::posix_spawnattr_init(attributes.as_mut_ptr()) })?;
        // SAFETY: it succeeded.
        let mut attributes = Self(unsafe { attributes.assume_init() });
        let (none, every) = signal_sets();
        // SAFETY: the attributes and the set are initialised.
        check(unsafe { libc::posix_spawnattr_setsigmask(&mut attributes.0, &none) })?;
        // SAFETY: as above.
        check(unsafe { libc::posix_spawnattr_setsigdefault(&mut attributes.0, &every) })?;
        // A session of its own keeps a Ctrl-C at the host's terminal away.
        let flags = libc::POSIX_SPAWN_SETSIGMASK
            | libc::POSIX_SPAWN_SETSIGDEF
            | i32::from(libc::POSIX_SPAWN_SETSID);
        // SAFETY: as above.
        check(unsafe {
            libc::posix_spawnattr_setflags(&mut attributes.0, flags as libc::c_short)
        })?;
        Ok(attributes)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: initialised, and not used again.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}

/// The sets of no signal and of every signal.
fn signal_sets() -> (libc::sigset_t, libc::sigset_t) {
    let (mut none, mut every) = (MaybeUninit::uninit(), MaybeUninit::uninit());
    // SAFETY: the call initialises what it is given, and cannot fail.
    unsafe { libc::sigemptyset(none.as_mut_ptr()) };
    // SAFETY: as above.
    unsafe { libc::sigfillset(every.as_mut_ptr()) };
    // SAFETY: both were just initialised.
    unsafe { (none.assume_init(), every.assume_init()) }
}

fn check(error: i32) -> io::Result<()> {
    match error {
        0 => Ok(()),
        error => Err(io::Error::from_raw_os_error(error)),
    }
}
