//! Where things are inside of a sandbox.

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
