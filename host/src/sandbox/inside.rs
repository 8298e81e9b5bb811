//! Where things are inside of a sandbox.

use std::path::Path;

/// Where the workspace is, as processes see it.
pub(super) const WORKSPACE: &str = "/workspace";
/// The home directory of every process.
pub(super) const HOME: &str = "/home/capsule";
/// The account that processes are, in a sandbox with namespaces.
pub(super) const ACCOUNT: &str = "capsule";
/// Its user and its group.
pub(super) const ID: u32 = 1000;
/// What the sandbox is called.
pub(super) const HOST_NAME: &str = "capsule";
/// The shell of every process.
pub(super) const SHELL: &str = "/bin/sh";
/// Where programs are looked up.
pub(crate) const PATH: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// Paths that a sandbox has something of its own at.
const TAKEN: [&str; 13] = [
    "/bin",
    "/dev",
    "/etc",
    "/home/capsule",
    "/lib",
    "/lib32",
    "/lib64",
    "/proc",
    "/run/.capsule-init",
    "/sbin",
    "/sys",
    "/usr",
    "/workspace",
];

/// Whether something of the host's can be shown at its own path.
pub(super) fn is_free(path: &Path) -> bool {
    let apart = |taken: &&str| !path.starts_with(taken) && !Path::new(taken).starts_with(path);
    TAKEN.iter().all(apart)
}
