//! Starts the init as it is, where the backend builds no sandbox around it.
//!
//! What namespaces would do falls to the init: it finds the processes by their
//! ancestry to signal and to end them. It has to outlive them, so that nothing
//! here ever kills it.

mod probe;

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;

pub(super) use self::probe::probe;
use super::construct::{Construction, init_path, text};
use super::control::{Assignment, Stdio};
use super::home::Home;
use super::launch::{Program, Role};
use super::order::Imposed;
use super::ruleset::{Shape, ruleset};
use super::seccomp::Around;
use super::{
    INIT, Inner, LaunchError, Order, SandboxBackend, User, memory_file, plan, seccomp, wire,
};
use crate::policy::Access;

/// The workspace for a command: the init has entered it before.
pub(super) const WORKSPACE: &str = ".";

impl Inner {
    /// Makes what it takes to start an init.
    pub(super) fn construct_direct(&self, user: &User) -> Result<Construction, LaunchError> {
        let program = Program::new(init_path(), self.init_arguments(user), Role::Init);
        let workspace = self.workspace.directory().try_clone_to_owned();
        let files = [
            (workspace, wire::DIRECTORY_FD),
            (self.init_file(), plan::INIT_FD),
        ];
        self.connect(program, files)
    }

    /// The init as a file that can be executed, the same for all.
    fn init_file(&self) -> io::Result<OwnedFd> {
        if let Some(init) = self.init.get() {
            return init.try_clone();
        }
        let init = memory_file::sealed("boll-init", INIT)?;
        self.init.get_or_init(|| init).try_clone()
    }

    fn init_arguments(&self, user: &User) -> Vec<CString> {
        let job = match self.settings.backend {
            SandboxBackend::None => wire::MODE_UNCONFINED,
            SandboxBackend::Landlock | SandboxBackend::Bubblewrap => wire::MODE_LANDLOCK,
        };
        let mut args = vec![c"boll-init".into(), text(job)];
        if let User::Owner { uid, gid } = user {
            args.extend([text(uid), text(gid)]);
        }
        args
    }

    /// An order with all that confines its command, and with its directories.
    pub(super) fn assign_direct(
        &self,
        access: Access,
        order: &Order,
        stdio: Stdio,
        entrances: Vec<OwnedFd>,
        home: &Home,
    ) -> Result<Assignment, LaunchError> {
        let rules = ruleset(&Shape {
            settings: &self.settings,
            system: &self.system,
            access,
            own: home.path(),
        });
        let path = |path: std::path::PathBuf| path.display().to_string();
        let env = [
            ("HOME", path(home.home())),
            ("TMPDIR", path(home.temporary())),
        ];
        let imposed = match self.settings.backend {
            SandboxBackend::None => Imposed {
                env: &env,
                ..Imposed::default()
            },
            SandboxBackend::Landlock | SandboxBackend::Bubblewrap => Imposed {
                filter: seccomp::program(Around::Host(access)).map_err(LaunchError::Filter)?,
                ruleset: Some(&rules),
                env: &env,
            },
        };
        Assignment::new(order, &imposed, stdio, entrances)
    }
}

impl User {
    /// Whose the processes' own directories are, where that is not the host's user.
    pub(super) fn owner(&self) -> Option<(u32, u32)> {
        match self {
            Self::Owner { uid, gid } => Some((*uid, *gid)),
            Self::Host | Self::Mapped(_) | Self::Root => None,
        }
    }
}
