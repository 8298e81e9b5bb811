//! The directories of programs and libraries that processes see. Pure: `detect` looks.

use std::path::PathBuf;

/// How a directory beside `/usr` is on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SystemDirectory {
    /// A link into `/usr`.
    Link {
        /// The path of the link.
        path: PathBuf,
        /// Where it leads, as written.
        target: PathBuf,
    },
    /// A directory of its own.
    Directory(PathBuf),
    /// No directory but a file of the kernel's, which processes cannot read.
    Unreadable(PathBuf),
}

/// The system's directories that processes see, for looking up programs.
pub(super) fn visible(system: &[SystemDirectory]) -> Vec<PathBuf> {
    let mut paths = vec![PathBuf::from("/usr"), PathBuf::from("/etc/alternatives")];
    paths.extend(system.iter().filter_map(|directory| match directory {
        SystemDirectory::Link { path, .. } | SystemDirectory::Directory(path) => Some(path.clone()),
        SystemDirectory::Unreadable(_) => None,
    }));
    paths
}
