//! Starts a command: by an init that was started ahead, or else by one of its own.

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use super::home::Home;
use super::rules::{Basis, ruleset};
use super::{Direct, Ready};
use crate::policy::Access;
use crate::sandbox::cgroup::{Joined, TreeLimits};
use crate::sandbox::control::{Assignment, Ends, Stdio};
use crate::sandbox::error::LaunchError;
use crate::sandbox::git;
use crate::sandbox::held::Held;
use crate::sandbox::init::{self, Connected, INIT_FD, text};
use crate::sandbox::launch::{Program, Role};
use crate::sandbox::launcher::Child;
use crate::sandbox::order::{Imposed, Order};
use crate::sandbox::own::Own as _;
use crate::sandbox::process::Process;
use crate::sandbox::standby::Waiting;
use crate::sandbox::user::User;
use crate::sandbox::wire;

/// A command that only has to be started, by an init that waits for it.
#[derive(Debug)]
pub(in crate::sandbox) struct Assigned {
    inits: Arc<Direct>,
    child: Child,
    ends: Ends,
    joined: Joined,
    home: Home,
    assignment: Assignment,
    tree: TreeLimits,
}

impl Direct {
    /// Makes everything that a command needs, but does not start it.
    pub(in crate::sandbox) fn prepare(
        self: &Arc<Self>,
        access: Access,
        order: &Order,
        stdio: Stdio,
    ) -> Result<Assigned, LaunchError> {
        let Waiting {
            process,
            ends,
            joined,
            own: home,
        } = self.waiting(order.tree)?;
        // Until it is launched nothing else is held for it.
        let child = self.launcher.adopt(process, Box::new(()), joined.groups());
        joined.limit(order.tree).map_err(LaunchError::Group)?;
        Ok(Assigned {
            assignment: self.assign(access, order, stdio, &home)?,
            child,
            ends,
            joined,
            home,
            tree: order.tree,
            inits: Arc::clone(self),
        })
    }

    /// An init that waits for a command with limits of these kinds, started ahead
    /// or now.
    fn waiting(&self, limits: TreeLimits) -> Result<Waiting<Home>, LaunchError> {
        while let Some(waiting) = self.standbys.take(&limits.which()) {
            if !waiting.process.has_ended() {
                return Ok(waiting);
            }
            self.launcher.discard([waiting]);
        }
        self.start_waiting(limits)
    }

    /// Has an init started ahead, unless there are enough.
    fn wait_ahead(self: &Arc<Self>, limits: TreeLimits) {
        if self.standbys.are_kept() {
            let own = Arc::clone(self);
            self.launcher.ahead(move || {
                let start = || own.start_waiting(limits);
                own.standbys.fill(limits.which(), start)
            });
        }
    }

    fn start_waiting(&self, limits: TreeLimits) -> Result<Waiting<Home>, LaunchError> {
        let Ready {
            user,
            homes,
            cgroups,
        } = self.ready()?;
        let home = homes.make(user.owner()).map_err(LaunchError::Home)?;
        let Connected { program, mut ends } = self.connect(*user)?;
        let joined =
            Joined::make(cgroups, limits, &mut ends.control).map_err(LaunchError::Group)?;
        // No thread's end ends it, so that any thread may start it.
        let process = Process::start(program).map_err(LaunchError::Spawn)?;
        Ok(Waiting {
            process: Arc::new(process),
            ends,
            joined,
            own: home,
        })
    }

    /// Makes what it takes to start an init.
    pub(super) fn connect(&self, user: User) -> Result<Connected, LaunchError> {
        let mut args: Vec<CString> = vec![c"boll-init".into(), text(self.barrier.mode())];
        if let User::Owner { uid, gid } = user {
            args.extend([text(uid), text(gid)]);
        }
        let program = Program::new(init::path(), args, Role::Init);
        let workspace = self.foundation.workspace.directory().try_clone_to_owned();
        let files = [(workspace, wire::DIRECTORY_FD), (self.init_file(), INIT_FD)];
        init::connect(&self.foundation, program, files)
    }

    fn init_file(&self) -> io::Result<OwnedFd> {
        if let Some(init) = self.init.get() {
            return init.try_clone();
        }
        let init = init::file()?;
        self.init.get_or_init(|| init).try_clone()
    }

    /// An order with all that confines its command, and with its directories.
    pub(super) fn assign(
        &self,
        access: Access,
        order: &Order,
        stdio: Stdio,
        home: &Home,
    ) -> Result<Assignment, LaunchError> {
        let foundation = &self.foundation;
        let rules = self.barrier.ruleset(|| {
            ruleset(&Basis {
                system: &foundation.system,
                access,
                own: home.path(),
                further: &foundation.further.now(),
                repository: git::repository_outside(&foundation.workspace).as_deref(),
            })
        });
        let path = |path: PathBuf| path.display().to_string();
        let imposed = Imposed {
            filter: self.barrier.filter(access)?,
            ruleset: rules.as_ref(),
            env: &[
                ("HOME", path(home.home())),
                ("TMPDIR", path(home.temporary())),
            ],
        };
        Assignment::new(order, &imposed, stdio)
    }
}

impl Assigned {
    /// Starts the command. `held` is dropped when nothing of it is left.
    pub(in crate::sandbox) fn launch(self, held: Held) -> Result<(Child, Ends), LaunchError> {
        let Self {
            inits,
            mut child,
            ends,
            joined,
            home,
            assignment,
            tree,
        } = self;
        let assigned = ends.control.assign(&assignment);
        child.hold(home.into_held(joined, held));
        assigned.map_err(LaunchError::Order)?;
        inits.wait_ahead(tree);
        Ok((child, ends))
    }
}
