//! What Landlock gives a process, as data.
//!
//! Pure: what the machine has was found out by [`super::detect`] and
//! [`super::landlock`], and the init acts on it. The kernel adds up the rules, so
//! that nothing can be taken away again beneath a directory that is given: what
//! git executes in a writable workspace cannot be pinned.

use std::path::{Path, PathBuf};

use super::identity::Identity;
use super::plan::{self, SystemDirectory};
use super::settings::SandboxSettings;
use crate::policy::{Access, NetworkAccess, WorkspaceAccess};

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
    | MAKE_SOCKET
    | MAKE_FIFO
    | MAKE_LINK
    | REFER
    | TRUNCATE;

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

/// The workspace, as the init finds it: where it is before it runs a command.
const WORKSPACE: &str = ".";

/// What Landlock is about, and what it gives all the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ruleset {
    /// The rights on files that are refused unless a rule gives them.
    pub(super) files: u64,
    /// The same on the network.
    pub(super) network: u64,
    /// What does not reach beyond the process and what it starts.
    pub(super) scopes: u64,
    pub(super) rules: Vec<Rule>,
}

/// Rights on a file, or on all that is beneath a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    pub(super) path: PathBuf,
    pub(super) rights: u64,
    /// The path may be missing.
    pub(super) optional: bool,
    /// What has to be there, where somebody could put another file.
    pub(super) identity: Option<Identity>,
}

/// Everything that the rules depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape<'a> {
    pub(super) settings: &'a SandboxSettings,
    pub(super) system: &'a [SystemDirectory],
    pub(super) access: Access,
    /// The directory of the process's own files.
    pub(super) own: &'a Path,
    /// What the settings' further paths lead to.
    pub(super) further: &'a [Identity],
    /// The repository outside that the workspace is a work tree of.
    pub(super) repository: Option<&'a Path>,
}

/// What a process is given.
pub(super) fn ruleset(shape: &Shape<'_>) -> Ruleset {
    let mut rules = vec![rule("/usr", READ)];
    for directory in shape.system {
        match directory {
            // It leads into `/usr`; where else it may lead is not given.
            SystemDirectory::Link { .. } => {}
            // No rule takes away what another gives beneath `/proc`.
            SystemDirectory::Unreadable(_) => {}
            SystemDirectory::Directory(path) => rules.push(rule(path, READ)),
        }
    }
    rules.extend(plan::etc(shape.access).map(|path| Rule {
        optional: true,
        ..rule(path, READ)
    }));
    rules.push(rule("/proc", READ_FILE | READ_DIRECTORY));
    let device = READ_FILE | WRITE_FILE | TRUNCATE | DEVICE_CALLS;
    rules.extend(DEVICES.map(|path| rule(path, device)));
    let workspace = match shape.access.workspace {
        WorkspaceAccess::ReadOnly => READ,
        WorkspaceAccess::ReadWrite | WorkspaceAccess::ReadWriteGit => WRITE,
    };
    rules.push(rule(WORKSPACE, workspace));
    // Who may write the workspace may write git's data, too, where that is not
    // kept apart.
    rules.extend(shape.repository.map(|path| rule(path, workspace)));
    rules.push(rule(shape.own, WRITE));
    rules.extend(further(shape.settings, shape.further, READ));
    Ruleset {
        files: EVERY,
        network: match shape.access.network {
            NetworkAccess::None => TCP,
            NetworkAccess::Host => 0,
        },
        scopes: SCOPES,
        rules,
    }
}

/// Rules for the settings' further paths, each of which has to lead to what it led
/// to when the host looked.
fn further<'a>(
    settings: &'a SandboxSettings,
    identities: &'a [Identity],
    rights: u64,
) -> impl Iterator<Item = Rule> + 'a {
    let paths = settings.read_only.iter().zip(identities);
    paths.map(move |(path, identity)| Rule {
        identity: Some(*identity),
        ..rule(path, rights)
    })
}

/// Where Landlock does not confine: the further paths, only to be compared with
/// what was judged.
pub(super) fn comparisons(settings: &SandboxSettings, identities: &[Identity]) -> Ruleset {
    Ruleset {
        files: 0,
        network: 0,
        scopes: 0,
        rules: further(settings, identities, 0).collect(),
    }
}

fn rule(path: impl Into<PathBuf>, rights: u64) -> Rule {
    Rule {
        path: path.into(),
        rights,
        optional: false,
        identity: None,
    }
}

#[cfg(test)]
mod tests;
