//! Where things are inside of a sandbox.

/// Where the workspace is, as processes see it.
pub(super) const WORKSPACE: &str = "/workspace";
/// The home directory of every process.
pub(super) const HOME: &str = "/home/capsule";
/// Where programs are looked up.
pub(crate) const PATH: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];
