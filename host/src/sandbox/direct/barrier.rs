//! What stands before a process that no namespaces are around: all that differs between
//! Landlock and nothing.

use std::path::Path;

use super::landlock;
use super::rules::OLDEST;
use crate::policy::Access;
use crate::sandbox::error::LaunchError;
use crate::sandbox::report::Weakness;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::seccomp::{self, Around};
use crate::sandbox::settings::SandboxBackend;
use crate::sandbox::user::User;
use crate::sandbox::wire;

const NO_LANDLOCK: &str = "it needs Linux 6.12 or newer, with `landlock` in the list `lsm=` of the \
                           kernel's command line; or choose another backend";

/// What the init's checks of Landlock are about, in the order of
/// `init/src/program/check_direct.rs`.
const CHECKS: [&str; 17] = [
    "a process has capabilities",
    "a process may gain privileges",
    "a process may make a user namespace",
    "a process may mount",
    "a process may write kernel settings",
    "a process may write the root directory",
    "a process is not in the workspace",
    "a process may write a workspace that it may only read",
    "a process may read the host's passwords",
    "a process may list a directory of the host's user",
    "a process may read a file of the host's user",
    "a process may write a file of the host's user",
    "a process may read the host's environment",
    "a process may reach the network",
    "a process may reach the host's services",
    "a process may signal the host",
    "a process may trace the host",
];

/// The same for no sandbox at all.
const UNCONFINED_CHECKS: [&str; 2] = [
    "a process may gain privileges",
    "a process is not in the workspace",
];

/// What keeps a process in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Barrier {
    /// Landlock, and a filter of system calls.
    Landlock,
    Nothing,
}

impl Barrier {
    /// What the operator calls it.
    pub(super) fn backend(self) -> SandboxBackend {
        match self {
            Self::Landlock => SandboxBackend::Landlock,
            Self::Nothing => SandboxBackend::None,
        }
    }

    /// What it is, and its version, or why it does not do.
    pub(super) fn version(self) -> (&'static str, Result<String, String>) {
        match self {
            Self::Landlock => ("Landlock", version()),
            Self::Nothing => ("the host's init", Ok("no sandbox".to_owned())),
        }
    }

    /// What an operator does where it does not work.
    pub(super) fn how_to_fix(self) -> Option<&'static str> {
        let is_lacking = || !landlock::version().is_ok_and(|version| version >= OLDEST);
        (self == Self::Landlock && is_lacking()).then_some(NO_LANDLOCK)
    }

    /// What it does not keep from processes of this user.
    pub(super) fn weaknesses(self, user: User) -> Vec<Weakness> {
        if self == Self::Nothing {
            return vec![Weakness::Unconfined];
        }
        let root = (user == User::Root).then_some(Weakness::RootWithoutCapabilities);
        let always = [
            Weakness::SeesHost,
            Weakness::NoNetworkNamespace,
            Weakness::GitNotPinned,
            Weakness::AttributesOutside,
            Weakness::UnboundedFiles,
        ];
        root.into_iter().chain(always).collect()
    }

    /// The paths that processes see beside the system's and the operator's.
    pub(super) fn shows(self) -> &'static [&'static str] {
        match self {
            Self::Landlock => &[],
            Self::Nothing => &["/"],
        }
    }

    /// What the init is told to do.
    pub(super) fn mode(self) -> &'static str {
        match self {
            Self::Landlock => wire::MODE_LANDLOCK,
            Self::Nothing => wire::MODE_UNCONFINED,
        }
    }

    /// The filter of system calls of a command, empty where there is none.
    pub(super) fn filter(self, access: Access) -> Result<&'static [u8], LaunchError> {
        match self {
            Self::Landlock => seccomp::program(Around::Host(access)).map_err(LaunchError::Filter),
            Self::Nothing => Ok(&[]),
        }
    }

    /// What Landlock gives a command, where it confines.
    pub(super) fn ruleset(self, make: impl FnOnce() -> Ruleset) -> Option<Ruleset> {
        match self {
            Self::Landlock => Some(make()),
            Self::Nothing => None,
        }
    }

    /// The arguments of the init that tries it, the first of them its name, and what
    /// its checks are about. `outside` is a directory of the host's user, `file` a
    /// file there, and `host` the number of the host's process.
    pub(super) fn check(
        self,
        outside: &Path,
        file: &Path,
        host: u32,
    ) -> (Vec<String>, &'static [&'static str]) {
        let name = "boll-init".to_owned();
        match self {
            Self::Landlock => {
                let args = vec![
                    name,
                    wire::MODE_CHECK_LANDLOCK.into(),
                    host.to_string(),
                    outside.display().to_string(),
                    file.display().to_string(),
                    format!("/proc/{host}/environ"),
                ];
                (args, &CHECKS)
            }
            Self::Nothing => {
                let args = vec![name, wire::MODE_CHECK_UNCONFINED.into()];
                (args, &UNCONFINED_CHECKS)
            }
        }
    }
}

/// The kernel's version of Landlock, or why it does not do.
fn version() -> Result<String, String> {
    let oldest = OLDEST;
    match landlock::version() {
        Ok(version) if version >= oldest => Ok(format!("ABI {version}")),
        Ok(version) => Err(format!(
            "Landlock has ABI {version} here; ABI {oldest} is the first that keeps a process from \
             signalling the host"
        )),
        Err(error) => Err(format!("the kernel has no Landlock: {error}")),
    }
}
