//! What Landlock gives a process, as data.
//!
//! Pure: what the machine has was found out before, and the init acts on it. The kernel
//! adds up the rules, so that nothing can be taken away again beneath a directory that
//! is given: what git executes in a writable workspace cannot be pinned.

use std::path::{Path, PathBuf};

use super::WORKSPACE;
use crate::policy::{Access, NetworkAccess, WorkspaceAccess};
use crate::sandbox::further::FurtherPath;
use crate::sandbox::ruleset::{Rule, Ruleset, further};
use crate::sandbox::system::SystemDirectory;

/// The first version of Landlock that keeps a process from signalling others:
/// with less it could kill the init that has to end it, and the host.
pub(super) const OLDEST: u32 = 6;

const EXECUTE: u64 = 1 << 0;
const WRITE_FILE: u64 = 1 << 1;
const READ_FILE: u64 = 1 << 2;
const READ_DIRECTORY: u64 = 1 << 3;
const REMOVE_DIRECTORY: u64 = 1 << 4;
const REMOVE_FILE: u64 = 1 << 5;
const MAKE_DIRECTORY: u64 = 1 << 7;
const MAKE_FILE: u64 = 1 << 8;
const MAKE_SOCKET: u64 = 1 << 9;
const MAKE_FIFO: u64 = 1 << 10;
const MAKE_BLOCK_DEVICE: u64 = 1 << 11;
const MAKE_LINK: u64 = 1 << 12;
/// Linking and renaming from one directory to another.
const REFER: u64 = 1 << 13;
const TRUNCATE: u64 = 1 << 14;
const DEVICE_CALLS: u64 = 1 << 15;
/// Every right on files that [`OLDEST`] knows.
const EVERY: u64 = (1 << 16) - 1;

const READ: u64 = EXECUTE | READ_FILE | READ_DIRECTORY;
const WRITE: u64 = READ
    | WRITE_FILE
    | REMOVE_DIRECTORY
    | REMOVE_FILE
    | MAKE_DIRECTORY
    | MAKE_FILE
    | MAKE_LINK
    | REFER
    | TRUNCATE;

/// The rights on a process's own directory. Unix sockets and FIFOs are made in no other. Whoever
/// connects to one there relies on this: nothing gets into the directory from elsewhere, since
/// Landlock moves and links nothing to where it would have a right more. For that there is
/// the last right, which nothing there has a use for.
const OWN: u64 = WRITE | MAKE_SOCKET | MAKE_FIFO | DEVICE_CALLS;

/// The rights on a workspace that may be written. By the last one, no folder with sockets or
/// FIFOs in it gets there from a process's own directory, which has a right less. Nobody can
/// use it: making a device takes a capability that no process has.
const SHARED: u64 = WRITE | MAKE_BLOCK_DEVICE;

/// Listening for TCP connections, and making them.
const TCP: u64 = 0b11;
/// Abstract unix sockets, and signals.
const SCOPES: u64 = 0b11;

/// Devices that every program may count on.
const DEVICES: [&str; 5] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
];

/// Everything that the rules depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Basis<'a> {
    pub(super) system: &'a [SystemDirectory],
    /// What is read of the machine's other files.
    pub(super) machine: &'a [PathBuf],
    pub(super) access: Access,
    /// The directory of the process's own files.
    pub(super) own: &'a Path,
    /// What the settings' further paths lead to.
    pub(super) further: &'a [FurtherPath<'a>],
    /// The repository outside that the workspace is a work tree of.
    pub(super) repository: Option<&'a Path>,
}

/// What a process is given.
pub(super) fn ruleset(basis: &Basis<'_>) -> Ruleset {
    let mut rules = vec![Rule::new("/usr", READ)];
    for directory in basis.system {
        match directory {
            // It leads into `/usr`; where else it may lead is not given.
            SystemDirectory::Link { .. } => {}
            // No rule takes away what another gives beneath `/proc`.
            SystemDirectory::Unreadable(_) => {}
            SystemDirectory::Directory(path) => rules.push(Rule::new(path, READ)),
        }
    }
    rules.extend(basis.machine.iter().map(|path| Rule {
        optional: true,
        ..Rule::new(path, READ)
    }));
    rules.push(Rule::new("/proc", READ_FILE | READ_DIRECTORY));
    let device = READ_FILE | WRITE_FILE | TRUNCATE | DEVICE_CALLS;
    rules.extend(DEVICES.map(|path| Rule::new(path, device)));
    let workspace = match basis.access.workspace {
        WorkspaceAccess::ReadOnly => READ,
        WorkspaceAccess::ReadWrite | WorkspaceAccess::ReadWriteGit => SHARED,
    };
    rules.push(Rule::new(WORKSPACE, workspace));
    // Who may write the workspace may write git's data, too, where that is not
    // kept apart.
    rules.extend(basis.repository.map(|path| Rule::new(path, workspace)));
    rules.push(Rule::new(basis.own, OWN));
    rules.extend(further(basis.further, READ));
    Ruleset {
        files: EVERY,
        network: match basis.access.network {
            NetworkAccess::None => TCP,
            NetworkAccess::Host => 0,
        },
        scopes: SCOPES,
        rules,
    }
}

#[cfg(test)]
mod tests;
