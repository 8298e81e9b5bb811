//! Starts a command: by an init that was started ahead, or else by one of its own.

use std::ffi::CString;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

use boll_init::wire;
use rustix::process::geteuid;

use super::home::Home;
use super::rules::{Basis, ruleset};
use super::{Direct, Ready};
use crate::policy::{Access, NetworkAccess};
use crate::sandbox::cgroup::{Groups, TreeLimits};
use crate::sandbox::control::{Assignment, Stdio};
use crate::sandbox::error::LaunchError;
use crate::sandbox::git;
use crate::sandbox::init::{self, Connected, INIT_FD, text};
use crate::sandbox::inside::{ACCOUNT, SHELL};
use crate::sandbox::launch::{Program, Role};
use crate::sandbox::machine;
use crate::sandbox::order::{Imposed, Order};
use crate::sandbox::own::Own as _;
use crate::sandbox::standby::Waiting;
use crate::sandbox::startable::Startable;
use crate::sandbox::supervision::Supervision;
use crate::sandbox::user::User;

impl Direct {
    /// Makes everything that a command needs, but does not start it.
    pub(in crate::sandbox) fn prepare(
        self: &Arc<Self>,
        access: Access,
        order: &Order,
        stdio: Stdio,
    ) -> Result<Startable, LaunchError> {
        let Waiting {
            process,
            ends,
            own: home,
        } = self.waiting(order.tree)?;
        // Until it is launched nothing else is held for it.
        let groups = ends.control.groups();
        let mut child = self.launcher.adopt(process, Box::new(()), groups.clone());
        ends.control.limit(order.tree).map_err(LaunchError::Group)?;
        let supervision = self.ready()?.supervision;
        let assignment =
            self.assign(access, supervision, order, stdio, &home, groups.as_deref())?;
        let (inits, tree) = (Arc::clone(self), order.tree);
        Ok(Startable::new(async move |held| {
            let assigned = ends.control.assign(&assignment);
            child.hold(home.into_held(groups, held));
            assigned.map_err(LaunchError::Order)?;
            inits.wait_ahead(tree);
            Ok((child, ends))
        }))
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
            supervision,
            homes,
            cgroups,
        } = self.ready()?;
        let home = homes.make(user.owner()).map_err(LaunchError::Home)?;
        // No thread's end ends it, so that any thread may start it.
        let groups = cgroups.groups(limits).map_err(LaunchError::Group)?;
        let connected = self.connect(*user, *supervision, &home)?;
        connected.join(groups)?.start(home)
    }

    /// Makes what it takes to start an init.
    pub(super) fn connect(
        &self,
        user: User,
        supervision: Supervision,
        home: &Home,
    ) -> Result<Connected, LaunchError> {
        let mut args: Vec<CString> = vec![c"boll-init".into(), text(self.barrier.mode)];
        args.push(text(supervision.word(NetworkAccess::Host)));
        args.push(text(home.path().display()));
        if let User::Owner { uid, gid } = user {
            args.extend([text(uid), text(gid)]);
        }
        let program = Program::new(init::path(), args, Role::Init);
        let workspace = self.foundation.workspace.directory().try_clone_to_owned();
        let files = [(workspace, wire::DIRECTORY_FD), (self.init_file(), INIT_FD)];
        init::connect(&self.foundation, program, files)
    }

    /// The name of the account that processes are. One that the machine's file does not have
    /// is called as in a sandbox.
    fn account(&self) -> &str {
        self.account.get_or_init(|| {
            let user = User::of(&self.foundation.workspace);
            let id = user.owner().map_or(geteuid().as_raw(), |(id, _)| id);
            machine::account(id).unwrap_or_else(|| ACCOUNT.into())
        })
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
        supervision: Supervision,
        order: &Order,
        stdio: Stdio,
        home: &Home,
        groups: Option<&Groups>,
    ) -> Result<Assignment, LaunchError> {
        let foundation = &self.foundation;
        // Its limits are in the files of its groups, by which runtimes lay out their memory.
        let groups = groups.map(Groups::paths).unwrap_or_default();
        let rules = self.barrier.ruleset(|| {
            ruleset(&Basis {
                system: &foundation.system,
                machine: &[
                    machine::given(&foundation.machine.now(access.network)),
                    groups,
                ]
                .concat(),
                access,
                own: home.path(),
                further: &foundation.further.now(),
                repository: git::repository_outside(&foundation.workspace).as_deref(),
            })
        });
        let path = |path: PathBuf| path.display().to_string();
        let account = self.account();
        let imposed = Imposed {
            filter: self.barrier.filter(access, supervision)?,
            ruleset: rules.as_ref(),
            env: &[
                ("HOME", path(home.home())),
                ("TMPDIR", path(home.temporary())),
                ("USER", account.into()),
                ("LOGNAME", account.into()),
                ("SHELL", SHELL.into()),
            ],
        };
        Assignment::new(order, &imposed, stdio)
    }
}
