//! What an embedder sets about sandboxes.

use std::path::PathBuf;
use std::time::Duration;

/// How the sandboxes of one workspace are built.
///
/// ```
/// let settings = boll_host::sandbox::SandboxSettings::new("/srv/project");
/// assert_eq!(settings.tmp_bytes, 256 << 20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxSettings {
    /// The directory on the host that processes see as `/workspace`.
    pub workspace: PathBuf,
    /// The size of `/tmp`, in bytes. It is memory of the host.
    pub tmp_bytes: u64,
    /// The size of `/dev/shm`, in bytes.
    pub shm_bytes: u64,
    /// The size of the home directory `/home/capsule`, in bytes.
    pub home_bytes: u64,
    /// Further paths of the host that processes may read, at the same place.
    /// They hide what the sandbox would show there.
    pub read_only: Vec<PathBuf>,
    /// How many sandboxes are kept built ahead of those that were launched, for
    /// each kind of access. A launch that finds one does not wait for its
    /// building. 0: every launch builds its own.
    pub standbys: usize,
    /// How long one that nobody uses is kept.
    pub standby_time: Duration,
}

impl SandboxSettings {
    /// The defaults for a workspace: 256 MiB of `/tmp`, 64 MiB each of
    /// `/dev/shm` and the home directory, no further paths, and one standby for
    /// 30 s.
    #[must_use]
    pub fn new(workspace: impl Into<PathBuf>) -> Self {
        Self {
            workspace: workspace.into(),
            tmp_bytes: 256 << 20,
            shm_bytes: 64 << 20,
            home_bytes: 64 << 20,
            read_only: Vec::new(),
            standbys: 1,
            standby_time: Duration::from_secs(30),
        }
    }
}
