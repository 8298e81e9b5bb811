//! The decisions: what of a manifest's requests the operator's grants allow.

use std::fmt;

use super::{AuthorizedCommand, Grant, GrantSet, ProcessRequest, ResolvedProgram, WorkspaceAccess};
use crate::process::command::Command;

/// A capsule's requests beside the operator's grants for it.
#[derive(Debug, Clone, Copy)]
pub struct Permissions<'a> {
    requests: &'a [ProcessRequest],
    grants: &'a GrantSet,
}

/// A capability that a capsule does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{capability} is not allowed: {reason}")]
pub struct Denial {
    /// The capability's name, for example `process:git`.
    pub capability: String,
    /// What is missing.
    pub reason: DenialReason,
}

/// What is missing for a capability, and what would allow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DenialReason {
    /// The manifest does not ask for the program.
    NotRequested,
    /// The manifest asks for the program with other arguments.
    ArgumentsNotRequested,
    /// The manifest does not ask to set this variable.
    VariableNotRequested(String),
    /// No grant covers it; this one would.
    NotGranted(Grant),
}

impl fmt::Display for DenialReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotRequested => f.write_str("the manifest has no [[process]] for this program"),
            Self::ArgumentsNotRequested => {
                f.write_str("no [[process]] of the manifest matches these arguments")
            }
            Self::VariableNotRequested(name) => write!(
                f,
                "the manifest's [[process]] does not list `{name}` in its `env`"
            ),
            Self::NotGranted(grant) => {
                write!(f, "the operator has not granted it; \"{grant}\" would")
            }
        }
    }
}

/// One capability that a capsule holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// Its name, for example `process:git`.
    pub name: String,
    /// What it is limited to, for example `git log **`.
    pub scope: String,
}

impl<'a> Permissions<'a> {
    /// Sets a manifest's requests beside an operator's grants.
    #[must_use]
    pub fn new(requests: &'a [ProcessRequest], grants: &'a GrantSet) -> Self {
        Self { requests, grants }
    }

    /// Allows a command, or says what is missing.
    ///
    /// `resolve` finds a program that a request or a grant names; it must look
    /// where `program` was found. Two names are the same program when they end
    /// in the same name and lead to the same file: a link to a shell that is
    /// called `git` is not git, and a multi-call binary's applets stay apart.
    ///
    /// # Errors
    ///
    /// The first thing that is missing.
    pub fn authorize(
        &self,
        command: Command,
        program: ResolvedProgram,
        resolve: impl Fn(&str) -> Option<ResolvedProgram>,
    ) -> Result<AuthorizedCommand, Denial> {
        let denied = |reason| Denial {
            capability: format!("process:{}", command.program()),
            reason,
        };
        let same = |name: &str| resolve(name).is_some_and(|found| same_program(&found, &program));

        let mut asked = self
            .requests
            .iter()
            .filter(|request| same(request.program.as_str()))
            .peekable();
        if asked.peek().is_none() {
            return Err(denied(DenialReason::NotRequested));
        }
        let matching: Vec<_> = asked
            .filter(|request| request.args.matches(command.args()))
            .collect();
        if matching.is_empty() {
            return Err(denied(DenialReason::ArgumentsNotRequested));
        }
        let rule = self.grants.iter().find(|grant| match grant {
            Grant::Process { program, args } => {
                args.matches(command.args()) && same(program.as_str())
            }
            Grant::WorkspaceWrite => false,
        });
        let Some(rule) = rule else {
            return Err(denied(DenialReason::NotGranted(matching[0].as_grant())));
        };

        // Several requests may match; the first one that also allows the
        // variables and the workspace decides.
        let mut first_denial = None;
        for request in matching {
            match self.allow_surroundings(request, &command) {
                Ok(()) => {
                    let rule = rule.to_string();
                    return Ok(AuthorizedCommand::new(
                        command,
                        program,
                        request.access(),
                        rule,
                    ));
                }
                Err(denial) => first_denial.get_or_insert(denial),
            };
        }
        Err(first_denial.unwrap_or_else(|| denied(DenialReason::NotRequested)))
    }

    fn allow_surroundings(
        &self,
        request: &ProcessRequest,
        command: &Command,
    ) -> Result<(), Denial> {
        let unlisted = command
            .env()
            .iter()
            .find(|(name, _)| !request.env.iter().any(|listed| listed.as_str() == name));
        if let Some((name, _)) = unlisted {
            return Err(Denial {
                capability: format!("process:{}", command.program()),
                reason: DenialReason::VariableNotRequested(name.clone()),
            });
        }
        if request.workspace == WorkspaceAccess::ReadWrite && !self.grants.workspace_write() {
            return Err(Denial {
                capability: Grant::WorkspaceWrite.capability(),
                reason: DenialReason::NotGranted(Grant::WorkspaceWrite),
            });
        }
        Ok(())
    }

    /// The grants without which some request of the manifest is of no use, in
    /// the manifest's order.
    #[must_use]
    pub fn missing(&self) -> Vec<Grant> {
        let mut missing = Vec::new();
        for request in self.requests {
            if self.granted(request).next().is_none() {
                missing.push(request.as_grant());
            }
            if request.workspace == WorkspaceAccess::ReadWrite && !self.grants.workspace_write() {
                missing.push(Grant::WorkspaceWrite);
            }
        }
        missing.dedup();
        missing
    }

    /// What the capsule holds through its processes, sorted by name.
    #[must_use]
    pub fn held(&self) -> Vec<Held> {
        let mut held: Vec<Held> = self
            .requests
            .iter()
            .flat_map(|request| self.granted(request).map(move |grant| (request, grant)))
            .map(|(request, granted)| Held {
                name: request.as_grant().capability(),
                // The narrower of the two, where one covers the other.
                scope: match granted {
                    Grant::Process { args, .. } if request.args.covers(args) => {
                        format!("{} {args}", request.program)
                    }
                    _ => format!("{} {}", request.program, request.args),
                },
            })
            .collect();
        if self.grants.workspace_write()
            && self
                .requests
                .iter()
                .any(|request| request.workspace == WorkspaceAccess::ReadWrite)
        {
            held.push(Held {
                name: Grant::WorkspaceWrite.capability(),
                scope: "/workspace".to_owned(),
            });
        }
        held.sort();
        held.dedup();
        held
    }

    /// The grants for a request's program that share arguments with it. By the
    /// names alone: which files they lead to is judged when a command comes.
    fn granted(&self, request: &'a ProcessRequest) -> impl Iterator<Item = &'a Grant> {
        self.grants.iter().filter(move |grant| match grant {
            Grant::Process { program, args } => {
                same_name(program.as_str(), request.program.as_str())
                    && args.overlaps(&request.args)
            }
            Grant::WorkspaceWrite => false,
        })
    }
}

fn same_program(left: &ResolvedProgram, right: &ResolvedProgram) -> bool {
    left.real == right.real && left.path.file_name() == right.path.file_name()
}

fn same_name(left: &str, right: &str) -> bool {
    let name = |text: &str| text.rsplit('/').next().map(str::to_owned);
    let both_paths = left.starts_with('/') && right.starts_with('/');
    if both_paths {
        left == right
    } else {
        name(left) == name(right)
    }
}

#[cfg(test)]
mod tests;
