//! Tries a process without namespaces, and sees what it is refused.

use std::fs;
use std::sync::Arc;

use rustix::process::getpid;

use super::home::Homes;
use super::{Direct, Ready, WORKSPACE, counted};
use crate::cause::with_causes;
use crate::policy::Access;
use crate::sandbox::error::LaunchError;
use crate::sandbox::order::Order;
use crate::sandbox::report::SandboxStatus;
use crate::sandbox::supervision::{self, Supervision};
use crate::sandbox::trial::{TrialError, judge};
use crate::sandbox::tried::Tried;
use crate::sandbox::user::User;

impl Direct {
    /// Tries a process; where it works, others can be started from now on.
    pub(in crate::sandbox) fn probe(&self) -> Tried {
        let backend = self.barrier.backend;
        let user = User::of(&self.foundation.workspace);
        if let Some(tried) = Tried::without_init(backend, counted(User::Host)) {
            return tried;
        }
        let mut weaknesses = self.barrier.weaknesses(user);
        let lacking = self.barrier.lacks_supervision();
        let passed = self.barrier.version().and_then(|version| {
            let tried = supervision::try_with(lacking, |supervision| self.trial(user, supervision));
            tried
                .map(|tried| (version, tried))
                .map_err(|error| with_causes(&error))
        });
        match passed {
            Ok((version, (homes, supervision, weakness))) => {
                // Without any sandbox there is nothing that it would open.
                weaknesses.extend(weakness.filter(|_| self.barrier.is_landlock()));
                tracing::warn!(
                    %backend,
                    "processes are confined less than by bubblewrap, as the operator has chosen"
                );
                let by = self.barrier.name.to_owned();
                let works = SandboxStatus::Works { by, version };
                let tried = Tried::new(backend, works, None, counted(user), weaknesses);
                self.ready.get_or_init(|| Ready {
                    user,
                    supervision,
                    homes,
                    cgroups: Arc::clone(&tried.cgroups),
                });
                tried
            }
            Err(reason) => {
                let fix = self.barrier.how_to_fix();
                let broken = SandboxStatus::Broken { reason };
                Tried::new(backend, broken, fix, counted(user), weaknesses)
            }
        }
    }

    /// Runs the init's checks as a command; gives what makes the directories of
    /// those that follow.
    fn trial(&self, user: User, supervision: Supervision) -> Result<Homes, TrialError> {
        let homes = Homes::open().map_err(TrialError::Home)?;
        let home = homes.make(user.owner()).map_err(TrialError::Home)?;
        // Another process's: what of the host's user must be out of reach.
        let outside = homes.make(None).map_err(TrialError::Home)?;
        let file = outside.path().join("file");
        fs::write(&file, "").map_err(TrialError::Home)?;

        let host = getpid().as_raw_pid().unsigned_abs();
        let (args, checks) = self.barrier.check(supervision, outside.path(), &file, host);
        let order = Order {
            directory: WORKSPACE.into(),
            // The command begins as a copy of the init.
            program: "/proc/self/exe".into(),
            args,
            ..Order::default()
        };
        let stdio = self.foundation.null_stdio()?;
        let assignment = self.assign(Access::default(), supervision, &order, stdio, &home, None)?;
        let init = self.connect(user, supervision, &home)?.start(home)?;
        let (_child, ends) = self.launcher.follow(init, Box::new(()));
        let assigned = ends.control.assign(&assignment);
        assigned.map_err(LaunchError::Order)?;
        judge(&ends, checks)?;
        Ok(homes)
    }
}
