//! What an embedder sets about sandboxes.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::git::GitSettings;
use crate::policy::{Confinement, Surroundings};

/// What keeps processes in. One that does not work is never replaced by another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SandboxBackend {
    /// Namespaces that bubblewrap builds, and a filter of system calls.
    #[default]
    Bubblewrap,
    /// Landlock and a filter of system calls, in the host's own namespaces:
    /// weaker, as the report of [`super::Sandbox::probe`] says.
    Landlock,
    /// Nothing. A capsule needs the grant `sandbox:none` to start a process.
    None,
}

impl SandboxBackend {
    /// Returns how it confines processes, by which [`crate::policy`] judges commands.
    #[must_use]
    pub fn confinement(self) -> Confinement {
        match self {
            Self::Bubblewrap => Confinement::Sandboxed,
            Self::Landlock => Confinement::Landlocked,
            Self::None => Confinement::Unconfined,
        }
    }
}

/// The word that the operator's file has for it.
impl fmt::Display for SandboxBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bubblewrap => "bubblewrap",
            Self::Landlock => "landlock",
            Self::None => "none",
        })
    }
}

/// Variables of processes. `Debug` shows their names only: values may be secret.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Variables(Vec<(String, String)>);

impl Variables {
    /// Returns the names and values, in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }
}

impl FromIterator<(String, String)> for Variables {
    fn from_iter<T: IntoIterator<Item = (String, String)>>(variables: T) -> Self {
        Self(variables.into_iter().collect())
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

/// How the sandboxes of one workspace are built.
///
/// ```
/// let settings = boll_host::sandbox::SandboxSettings::new("/srv/project");
/// assert_eq!(settings.tmp_bytes, 256 << 20);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxSettings {
    /// What keeps processes in. Where that is not bubblewrap, processes see the
    /// host's own paths: there is no `/workspace`, the workspace is where it is,
    /// and the home and temporary directories, which `HOME` and `TMPDIR` name,
    /// are directories of the host's without a limit on their size.
    pub backend: SandboxBackend,
    /// The directory on the host that processes see as `/workspace`.
    pub workspace: PathBuf,
    /// Whether processes find the workspace under its own path, too: files in it may name
    /// that, as those of a virtual environment do. It is a link, for bubblewrap, which has
    /// the workspace elsewhere.
    pub own_path: bool,
    /// The size of `/tmp`, which is also `/var/tmp`, in bytes. It is memory of the host.
    /// Only bubblewrap has it, as the next two.
    pub tmp_bytes: u64,
    /// The size of `/dev/shm`, in bytes.
    pub shm_bytes: u64,
    /// The size of the home directory `/home/capsule`, in bytes.
    pub home_bytes: u64,
    /// Further paths of the host that processes may read, at the same place.
    /// They hide what a sandbox of bubblewrap would show there.
    pub read_only: Vec<PathBuf>,
    /// Links of the host that processes see, for bubblewrap, each with where it leads: a
    /// program of the system may be one to another that leads to what is in `read_only`.
    pub links: Vec<(PathBuf, PathBuf)>,
    /// Directories where programs are looked up before the sandbox's own, also by
    /// processes. What they hold has to be shown: see `read_only`.
    pub path: Vec<PathBuf>,
    /// Variables of every process. Those of a command go before them.
    pub variables: Variables,
    /// Directories where the host has further programs, which processes are not shown: a
    /// line of the host's log names the program there that a command would have needed.
    pub elsewhere: Vec<PathBuf>,
    /// What each user has set for git who runs it in the workspace, such as the
    /// host's and the workspace's owner. It says what else of the workspace git
    /// obeys.
    pub git: Vec<GitSettings>,
    /// Files and folders of the host that no process writes: what the host itself
    /// builds, executes or believes. They have no symbolic links on their way. A
    /// workspace that holds one, or is part of one, is not given for writing.
    pub protected: Vec<PathBuf>,
    /// How many sandboxes are kept built ahead of those that were launched, for
    /// each kind of access; without bubblewrap, how many inits wait with the
    /// directories and the control groups of a command. A launch that finds one
    /// does not wait for its building. 0: every launch builds its own.
    pub standbys: usize,
    /// How long one that nobody uses is kept.
    pub standby_time: Duration,
}

impl SandboxSettings {
    /// Returns the defaults for a workspace: bubblewrap, 256 MiB of `/tmp`, 64 MiB each of
    /// `/dev/shm` and the home directory, no further paths, and one standby for 30 s. The
    /// workspace is found under its own path unless that is below a home folder, whose
    /// name it would tell.
    #[must_use]
    pub fn new(workspace: impl Into<PathBuf>) -> Self {
        let workspace = workspace.into();
        Self {
            backend: SandboxBackend::default(),
            own_path: !Surroundings::default().is_at_home(&workspace),
            workspace,
            tmp_bytes: 256 << 20,
            shm_bytes: 64 << 20,
            home_bytes: 64 << 20,
            read_only: Vec::new(),
            links: Vec::new(),
            path: Vec::new(),
            variables: Variables::default(),
            elsewhere: Vec::new(),
            git: Vec::new(),
            protected: Vec::new(),
            standbys: 1,
            standby_time: Duration::from_secs(30),
        }
    }
}
