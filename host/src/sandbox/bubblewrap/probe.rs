//! Tries a sandbox with the arguments of a real one, and sees what it refuses.

use std::path::Path;
use std::sync::Arc;

use boll_init::wire;

use super::mapping::Mapping;
use super::{Bubblewrap, Builder, Ready, install, plan};
use crate::cause::with_causes;
use crate::policy::Access;
use crate::sandbox::error::LaunchError;
use crate::sandbox::inside;
use crate::sandbox::order::Order;
use crate::sandbox::report::{SandboxStatus, Weakness};
use crate::sandbox::settings::SandboxBackend;
use crate::sandbox::supervision::{self, Supervision};
use crate::sandbox::trial::{TrialError, judge};
use crate::sandbox::tried::{Counted, Tried};
use crate::sandbox::user::User;

/// What the init's checks are about, in the order of `init/src/program/check.rs`.
const CHECKS: [&str; 12] = [
    "a process is not in a process namespace of its own",
    "a process has other capabilities than it is to have",
    "a process may gain privileges",
    "a process may make a user namespace",
    "a process may mount",
    "a process may write kernel settings",
    "a process may write the root directory",
    "a process does not see the workspace",
    "a process may read the host's passwords",
    "a process reaches the network",
    "a process's unix sockets are not looked after",
    "the workspace is not the process's own",
];

impl Bubblewrap {
    /// Tries a sandbox; where it works, others can be started from now on.
    pub(in crate::sandbox) fn probe(&self) -> Tried {
        const BACKEND: SandboxBackend = SandboxBackend::Bubblewrap;
        if let Some(tried) = Tried::without_init(BACKEND, Counted::Tree) {
            return tried;
        }
        let Some(program) = &self.program else {
            let fix = Some(install::HOW_TO_INSTALL);
            let missing = SandboxStatus::Missing;
            return Tried::new(BACKEND, missing, fix, Counted::Tree, Vec::new());
        };
        let (builder, mut weaknesses) = match User::of(&self.foundation.workspace) {
            User::Root => match self.mapped(program, None) {
                // It has passed the trial, and needs no other.
                Ok((builder, supervision, weakness)) => {
                    return self.works(program, builder, supervision, Vec::from_iter(weakness));
                }
                Err(because) => (
                    Builder::User(User::Root),
                    vec![Weakness::RunsAsRoot { because }],
                ),
            },
            user => (Builder::User(user), Vec::new()),
        };
        let tried = self.try_with(&builder);
        if let Builder::User(User::Owner { uid, gid }) = builder
            && tried.is_err()
            && let Ok((builder, supervision, weakness)) = self.mapped(program, Some((uid, gid)))
        {
            return self.works(program, builder, supervision, Vec::from_iter(weakness));
        }
        match tried {
            Ok((supervision, weakness)) => {
                weaknesses.extend(weakness);
                for weakness in &weaknesses {
                    tracing::warn!("{weakness}");
                }
                self.works(program, builder, supervision, weaknesses)
            }
            Err(error) => {
                let reason = with_causes(&error);
                let fix = install::how_to_fix(&reason);
                let broken = SandboxStatus::Broken { reason };
                Tried::new(BACKEND, broken, fix, builder.counted(), weaknesses)
            }
        }
    }

    /// What a trial found that was passed.
    fn works(
        &self,
        program: &Path,
        builder: Builder,
        supervision: Supervision,
        weaknesses: Vec<Weakness>,
    ) -> Tried {
        // It has just worked, so a version that it does not tell changes nothing.
        let version = install::version(program);
        let status = SandboxStatus::Works {
            by: program.display().to_string(),
            version: version.unwrap_or_else(|error| format!("no version: {error}")),
        };
        let counted = builder.counted();
        let backend = SandboxBackend::Bubblewrap;
        let tried = Tried::new(backend, status, None, counted, weaknesses);
        let cgroups = Arc::clone(&tried.cgroups);
        self.ready.get_or_init(|| Ready {
            builder,
            supervision,
            cgroups,
        });
        tried
    }

    /// The user that root's workspace is mapped to, or the owner of one that is shown in
    /// the same way, if a sandbox works with it.
    fn mapped(
        &self,
        program: &Path,
        owner: Option<(u32, u32)>,
    ) -> Result<(Builder, Supervision, Option<Weakness>), String> {
        let mapping = Mapping::find(&self.foundation, program, owner);
        let builder = Builder::Mapped(mapping.map_err(|error| with_causes(&error))?);
        let tried = self.try_with(&builder);
        let (supervision, weakness) = tried.map_err(|error| with_causes(&error))?;
        Ok((builder, supervision, weakness))
    }

    /// Tries it, if possible with an init that answers what the filter asks.
    fn try_with(&self, builder: &Builder) -> Result<(Supervision, Option<Weakness>), TrialError> {
        let trial = |supervision| self.trial(builder, supervision);
        let ((), supervision, weakness) = supervision::try_with(supervision::lacking(), trial)?;
        Ok((supervision, weakness))
    }

    fn trial(&self, builder: &Builder, supervision: Supervision) -> Result<(), TrialError> {
        let access = Access::default();
        let check = match builder.is_over_owners() {
            true => wire::MODE_CHECK_OWN,
            false => wire::MODE_CHECK,
        };
        let order = Order {
            directory: inside::WORKSPACE.into(),
            program: plan::INIT.into(),
            args: ["boll-init", check, supervision.word(access.network)]
                .map(Into::into)
                .into(),
            ..Order::default()
        };
        let outline = self.outline(access, builder)?;
        let assignment = self.assign(&outline, &order, self.foundation.null_stdio()?)?;
        let (connected, kept) = self.construct(builder, supervision, outline, None)?;
        // This thread waits until the sandbox has ended.
        let (_child, ends) = self.launcher.follow(connected.start(kept)?, Box::new(()));
        let assigned = ends.control.assign(&assignment);
        assigned.map_err(LaunchError::Order)?;
        judge(&ends, &CHECKS)
    }
}
