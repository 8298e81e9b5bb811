//! The argument list for bubblewrap, as data.
//!
//! Pure: what it shows of the machine was found out before, and `construct` acts on it.
//!
//! The order matters: bubblewrap does the mounts as they are listed, so what
//! is pinned comes after the workspace, and everything is made read-only at the
//! end. What git obeys in a writable workspace is pinned (see [`crate::sandbox::git`]);
//! build files, editor settings and the like in it can still be changed by a
//! process, and run by whoever uses them later.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use boll_init::wire;

use crate::policy::{Access, NetworkAccess};
use crate::sandbox::init::INIT_FD;
use crate::sandbox::inside::{HOME, HOST_NAME, ID, WORKSPACE};
use crate::sandbox::settings::SandboxSettings;
use crate::sandbox::system::SystemDirectory;

/// Where bubblewrap reads its arguments.
pub(super) const ARGS_FD: i32 = wire::FIRST_FOREIGN_FD;
/// The workspace.
pub(super) const WORKSPACE_FD: i32 = ARGS_FD + 2;
/// The repository outside that the workspace is a work tree of.
pub(super) const REPOSITORY_FD: i32 = ARGS_FD + 3;
/// Settings for git.
pub(super) const GIT_CONFIG_FD: i32 = ARGS_FD + 4;
/// The mount namespace that the sandbox is built from; the init closes it, as the next.
pub(super) const MOUNTS_FD: i32 = ARGS_FD + 5;
/// The user namespace that maps the workspace's ids.
pub(super) const NAMESPACE_FD: i32 = ARGS_FD + 6;
/// The first of what is pinned in the workspace, of any number. The files that are copied
/// are behind it.
pub(super) const PIN_FD: i32 = wire::FILTER_FD + 1;

/// The capabilities of the init over the files of other owners in root's workspace. Processes
/// have those of [`wire::OVER_OWNERS`], the first two: none that gives a file away, or that
/// keeps a bit by which a program takes its owner's rights. The supervisor has
/// [`wire::KEEP_GROUP_BIT`], too; by the last one the init bounds what can be gained.
const CAPABILITIES: [&str; 4] = [
    "CAP_DAC_OVERRIDE",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_SETPCAP",
];

/// The init, as processes see it.
pub(super) const INIT: &str = "/run/.capsule-init";

/// Something that is mounted over a part of what processes see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mount {
    /// Where, as processes see it.
    pub(super) at: PathBuf,
    /// What.
    pub(super) what: Mounted,
}

/// What is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mounted {
    /// What is open under this number, as writable as it is.
    Writable(i32),
    /// The same, read-only.
    ReadOnly(i32),
    /// An empty directory that nothing can be made in.
    EmptyDirectory,
    /// A copy of what is open under this number, which is an empty file.
    EmptyFile(i32),
}

/// A part of what is shown of the machine's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Where, as processes see it.
    pub(super) at: PathBuf,
    pub(super) what: PartKind,
}

/// How it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PartKind {
    /// A link that leads there.
    Link(PathBuf),
    /// A copy of what is open under this number: a sandbox is built faster with a copy
    /// than with a mount, of which it takes two calls and a look at all others.
    Copy(i32),
    /// What the host has at this path, if it is still there.
    Mount(PathBuf),
}

/// A further path of the settings that is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Opened<'a> {
    pub(super) path: &'a Path,
    /// The number that it is open under.
    pub(super) fd: i32,
}

/// Everything that the argument list depends on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape<'a> {
    pub(super) settings: &'a SandboxSettings,
    pub(super) system: &'a [SystemDirectory],
    pub(super) access: Access,
    /// The workspace can be written.
    pub(super) writable: bool,
    /// What is mounted beside and in the workspace, in this order.
    pub(super) mounts: &'a [Mount],
    /// Paths that lead elsewhere, each with where.
    pub(super) links: &'a [(PathBuf, PathBuf)],
    /// What is shown of the machine's files, and those that are made up.
    pub(super) parts: &'a [Part],
    /// The sandbox has a user namespace, [`NAMESPACE_FD`], with the owners of the
    /// workspace's files, and its processes power over them.
    pub(super) over_owners: bool,
    /// Those of the further paths that are open. The others are found by their paths.
    pub(super) further: &'a [Opened<'a>],
}

/// The arguments, but for the program's own name and the init's command line.
pub(super) fn arguments(shape: &Shape<'_>) -> Vec<OsString> {
    let mut list = List::default();
    namespaces(&mut list, shape);
    machine(&mut list, shape);
    temporary(&mut list, shape.settings);
    workspace(&mut list, shape);
    for path in &shape.settings.read_only {
        match shape.further.iter().find(|opened| opened.path == path) {
            Some(opened) => list.fd("--ro-bind-fd", opened.fd, path),
            None => list.all(["--ro-bind".as_ref(), path.as_os_str(), path.as_os_str()]),
        }
    }
    list.all(["--chdir", WORKSPACE]);
    for path in ["/proc", "/dev", "/"] {
        list.all(["--remount-ro", path]);
    }
    list.0
}

fn namespaces(list: &mut List, shape: &Shape<'_>) {
    if shape.over_owners {
        // No other can be made below it: its maker has seen to that.
        list.all(["--userns", &NAMESPACE_FD.to_string()]);
    } else {
        list.all(["--unshare-user", "--disable-userns"]);
    }
    list.all([
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-uts",
        "--unshare-cgroup-try",
        "--assert-userns-disabled",
    ]);
    if shape.access.network == NetworkAccess::None {
        list.all(["--unshare-net"]);
    }
    let id = ID.to_string();
    list.all(["--uid", &id, "--gid", &id]);
    // Root's capabilities would undo every read-only mount.
    list.all(["--cap-drop", "ALL"]);
    if shape.over_owners {
        for capability in CAPABILITIES {
            list.all(["--cap-add", capability]);
        }
    }
    list.all(["--new-session", "--die-with-parent", "--as-pid-1"]);
    list.all(["--hostname", HOST_NAME, "--clearenv"]);
}

fn machine(list: &mut List, shape: &Shape<'_>) {
    list.all(["--ro-bind", "/usr", "/usr"]);
    for directory in shape.system {
        match directory {
            SystemDirectory::Link { path, target } => {
                list.all(["--symlink".as_ref(), target.as_os_str(), path.as_os_str()]);
            }
            SystemDirectory::Directory(path) => {
                list.all(["--ro-bind".as_ref(), path.as_os_str(), path.as_os_str()]);
            }
            SystemDirectory::Unreadable(_) => {}
        }
    }
    // Otherwise bubblewrap makes them for their owner alone.
    for folder in ["/etc", "/sys", "/var"] {
        list.all(["--dir", folder]);
    }
    for Part { at, what } in shape.parts {
        match what {
            PartKind::Link(target) => {
                list.all(["--symlink".as_ref(), target.as_os_str(), at.as_os_str()]);
            }
            PartKind::Copy(fd) => {
                list.all(["--perms", "0444"]);
                list.fd("--file", *fd, at);
            }
            PartKind::Mount(host) => {
                list.all(["--ro-bind-try".as_ref(), host.as_os_str(), at.as_os_str()]);
            }
        }
    }
    list.all(["--symlink", "/proc/self/mounts", "/etc/mtab"]);
    list.all(["--proc", "/proc", "--dev", "/dev"]);
    for directory in shape.system {
        if let SystemDirectory::Unreadable(path) = directory {
            // A device is not opened through what bubblewrap binds.
            list.all(["--ro-bind".as_ref(), "/dev/null".as_ref(), path.as_os_str()]);
        }
    }
}

fn temporary(list: &mut List, settings: &SandboxSettings) {
    list.tmpfs(settings.shm_bytes, "1777", "/dev/shm");
    list.tmpfs(settings.tmp_bytes, "1777", "/tmp");
    list.tmpfs(settings.home_bytes, "0700", HOME);
    // Files that are to outlive a restart of the machine outlive no sandbox.
    list.all(["--symlink", "../tmp", "/var/tmp"]);
    list.all(["--symlink", "../run", "/var/run"]);
    list.all(["--dir", "/run", "--perms", "0555"]);
    list.fd("--file", INIT_FD, INIT);
}

fn workspace(list: &mut List, shape: &Shape<'_>) {
    let option = match shape.writable {
        true => "--bind-fd",
        false => "--ro-bind-fd",
    };
    list.fd(option, WORKSPACE_FD, WORKSPACE);
    for (path, target) in shape.links {
        list.all(["--symlink".as_ref(), target.as_os_str(), path.as_os_str()]);
    }
    // Not the system's, whose place depends on how git was built.
    let settings = Path::new(HOME).join(".config/git/config");
    list.fd("--file", GIT_CONFIG_FD, settings);
    for Mount { at, what } in shape.mounts {
        match what {
            Mounted::Writable(fd) => list.fd("--bind-fd", *fd, at),
            Mounted::ReadOnly(fd) => list.fd("--ro-bind-fd", *fd, at),
            Mounted::EmptyDirectory => {
                list.tmpfs(4096, "0555", at);
                list.all(["--remount-ro".as_ref(), at.as_os_str()]);
            }
            Mounted::EmptyFile(fd) => list.fd("--ro-bind-data", *fd, at),
        }
    }
}

#[derive(Default)]
struct List(Vec<OsString>);

impl List {
    fn all<const N: usize, T: AsRef<OsStr>>(&mut self, arguments: [T; N]) {
        self.0
            .extend(arguments.iter().map(|argument| argument.as_ref().into()));
    }

    fn tmpfs(&mut self, bytes: u64, permissions: &str, at: impl AsRef<OsStr>) {
        self.all(["--perms", permissions, "--size", &bytes.to_string()]);
        self.all(["--tmpfs".as_ref(), at.as_ref()]);
    }

    fn fd(&mut self, option: &str, fd: i32, at: impl AsRef<OsStr>) {
        self.all([option.as_ref(), fd.to_string().as_ref(), at.as_ref()]);
    }
}

#[cfg(test)]
mod tests;
