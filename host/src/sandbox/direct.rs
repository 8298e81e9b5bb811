//! Starts the init as it is, where the backend builds no sandbox around it.
//! It waits for its command; as with sandboxes, the next one is started ahead,
//! with all that will be its command's own.
//!
//! What namespaces would do falls to the init: it finds the processes by their
//! ancestry to signal and to end them. It has to outlive them, so that nothing
//! here ever kills it.

mod probe;

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Instant;

pub(super) use self::probe::probe;
use super::cgroup::{Joined, TreeLimits};
use super::construct::{Construction, init_path, text};
use super::control::{Assignment, Stdio};
use super::git::{self, Kept};
use super::home::Home;
use super::launch::{Program, Role};
use super::launcher::Held;
use super::order::Imposed;
use super::process::Process;
use super::ruleset::{Shape, ruleset};
use super::seccomp::Around;
use super::standby::{Key, Standby, Standbys};
use super::{
    Ends, INIT, Inner, LaunchError, Order, SandboxBackend, User, Verdict, memory_file, plan,
    seccomp, wire,
};
use crate::policy::Access;

/// The workspace for a command: the init has entered it before.
pub(super) const WORKSPACE: &str = ".";

/// What belongs to the command of one init. It is removed when it is let go.
#[derive(Debug)]
pub(super) struct Own {
    pub(super) home: Home,
}

impl Own {
    /// This as something that is let go later. `held` follows when all is removed.
    pub(super) fn hold(self, held: Held) -> Held {
        let Self { mut home } = self;
        home.hold(held);
        Box::new(home)
    }
}

/// An init that waits for a command.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) process: Arc<Process>,
    pub(super) ends: Ends,
    pub(super) joined: Joined,
    pub(super) own: Own,
}

impl Inner {
    /// An init that waits for a command with limits of these kinds, started ahead
    /// or now.
    pub(super) fn waiting(&self, limits: TreeLimits) -> Result<Waiting, LaunchError> {
        let key = key(limits);
        while let Some(standby) = self.launcher.standbys().take(&key) {
            match standby {
                Standby {
                    process,
                    ends,
                    joined,
                    own: Some(own),
                    ..
                } if !process.has_ended() => {
                    return Ok(Waiting {
                        process,
                        ends,
                        joined,
                        own,
                    });
                }
                dead => self.launcher.discard(vec![dead]),
            }
        }
        self.start_waiting(limits)
    }

    /// Starts an init ahead, unless there are enough. Called on the launcher's thread.
    pub(super) fn wait_ahead(
        &self,
        limits: TreeLimits,
        standbys: &Standbys,
    ) -> Result<(), LaunchError> {
        let key = key(limits);
        if standbys.count(&key) >= self.settings.standbys {
            return Ok(());
        }
        let Some(until) = Instant::now().checked_add(self.settings.standby_time) else {
            return Ok(());
        };
        let Waiting {
            process,
            ends,
            joined,
            own,
        } = self.start_waiting(limits)?;
        standbys.add(Standby {
            key,
            process,
            ends,
            joined,
            own: Some(own),
            kept: Kept::default(),
            until,
        });
        Ok(())
    }

    fn start_waiting(&self, limits: TreeLimits) -> Result<Waiting, LaunchError> {
        let Verdict {
            cgroups,
            user,
            homes: Some(homes),
            ..
        } = self.verdict()?
        else {
            return Err(LaunchError::Unprobed);
        };
        let home = homes.make(user.owner()).map_err(LaunchError::Home)?;
        let Construction {
            program, mut ends, ..
        } = self.construct_direct(user)?;
        let joined =
            Joined::make(cgroups, limits, &mut ends.control).map_err(LaunchError::Group)?;
        // No thread's end ends it, so that any thread may start it.
        let process = Process::start(program).map_err(LaunchError::Spawn)?;
        Ok(Waiting {
            process: Arc::new(process),
            ends,
            joined,
            own: Own { home },
        })
    }

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
        home: &Home,
    ) -> Result<Assignment, LaunchError> {
        let rules = ruleset(&Shape {
            settings: &self.settings,
            system: &self.system,
            access,
            own: home.path(),
            further: &self.further.identities(),
            repository: git::repository_outside(&self.workspace).as_deref(),
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
        Assignment::new(order, &imposed, stdio)
    }
}

/// What distinguishes an init that waits: all else comes with the order.
fn key(limits: TreeLimits) -> Key {
    Key {
        limited: limits.which(),
        ..Key::default()
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
