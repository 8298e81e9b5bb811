//! The commands that a capsule may run: what of its requests is granted.

use std::collections::HashMap;

use super::{ArgsPattern, ProcessRequest, ProgramName};
use crate::policy::command::{Checked, CommandSpec};
use crate::policy::index::Index;
use crate::policy::{
    AuthorizedCommand, Confinement, Decision, Denial, DenialReason, Grant, Held, MatchedRequest,
    Permissions, ResolvedProgram, Rule,
};

impl<'a> Permissions<'a> {
    /// Judges a command, and says by what.
    ///
    /// `program` is what the command's own name leads to. `resolve` finds a program
    /// that a request or a grant names otherwise; it must look where `program` was
    /// found. Two names are the same program when they end
    /// in the same name and lead to the same file: a link to a shell that is
    /// called `git` is not git, and a multi-call binary's applets stay apart.
    ///
    /// Several requests may match; the first one that passes whole decides or, when
    /// none does, the first.
    #[must_use]
    pub fn decide(
        &self,
        command: Checked<CommandSpec>,
        program: ResolvedProgram,
        confinement: Confinement,
        resolve: impl Fn(&str) -> Option<ResolvedProgram>,
    ) -> Decision<'a, ProcessRequest, AuthorizedCommand> {
        let candidates = self.candidates(&command, &program, &resolve);
        let rule = self.program_rule(&command, &program, &resolve);
        let fit = candidates.iter();
        let fit = fit.filter(|request| request.args.matches(&command.args));
        let trials = fit.map(|request| self.try_request(*request, rule, &command, confinement));
        first_allowed(trials)
            .unwrap_or_else(|| self.unasked(&candidates, rule, &command, confinement))
            .map(|(request, rule)| {
                let (access, rule) = (request.access(), rule.grant.to_string());
                AuthorizedCommand::new(command, program, access, confinement, rule)
            })
    }

    /// Returns the manifest's requests for the program of a command, in its order, whatever
    /// their arguments; all as [`Permissions::decide`] takes it.
    #[must_use]
    pub fn candidates(
        &self,
        command: &CommandSpec,
        program: &ResolvedProgram,
        resolve: impl Fn(&str) -> Option<ResolvedProgram>,
    ) -> Vec<MatchedRequest<'a, ProcessRequest>> {
        let same = is_same(command, program, resolve);
        MatchedRequest::each(&self.requests.processes)
            .filter(|request| same(request.program.as_str()))
            .collect()
    }

    /// The grant for the program and the arguments of a command.
    fn program_rule(
        &self,
        command: &CommandSpec,
        program: &ResolvedProgram,
        resolve: impl Fn(&str) -> Option<ResolvedProgram>,
    ) -> Option<Rule<'a>> {
        let same = is_same(command, program, resolve);
        self.rule(|grant| {
            matches!(grant, Grant::Process { program, args }
                if args.matches(&command.args) && same(program.as_str()))
        })
    }

    fn try_request(
        &self,
        request: MatchedRequest<'a, ProcessRequest>,
        rule: Option<Rule<'a>>,
        command: &CommandSpec,
        confinement: Confinement,
    ) -> Trial<'a> {
        let unlisted = command
            .env
            .iter()
            .find(|(name, _)| !request.env.iter().any(|listed| listed.as_str() == name))
            .map(|(name, _)| {
                denied_command(command, DenialReason::VariableNotRequested(name.clone()))
            });
        let (further, missing) = self.split(request.further_grants(confinement));
        let missing = unlisted.into_iter().chain(missing);
        match rule {
            Some(rule) => {
                let rules = std::iter::once(rule).chain(further);
                Decision::new(Some(request), rules, missing, || (request, rule))
            }
            None => {
                let reason = DenialReason::NotGranted(request.as_grant());
                let ungranted = denied_command(command, reason);
                Decision::refused(Some(request), further, ungranted, missing)
            }
        }
    }

    /// The refusal of a command that no request matches.
    fn unasked(
        &self,
        candidates: &[MatchedRequest<'a, ProcessRequest>],
        rule: Option<Rule<'a>>,
        command: &CommandSpec,
        confinement: Confinement,
    ) -> Trial<'a> {
        let reason = if candidates.is_empty() {
            DenialReason::NotRequested
        } else {
            DenialReason::ArgumentsNotRequested
        };
        let unconfined = (confinement == Confinement::Unconfined).then_some(Grant::SandboxNone);
        let (further, missing) = self.split(unconfined);
        let ungranted = rule.is_none().then(|| exact_grant(command)).flatten();
        let ungranted = ungranted.map(Denial::not_granted).into_iter();
        let rules = rule.into_iter().chain(further);
        let first = denied_command(command, reason);
        Decision::refused(None, rules, first, ungranted.chain(missing))
    }

    /// Of the grants that are needed, the ones that are there, and denials for
    /// the ones that are not.
    fn split(&self, needed: impl IntoIterator<Item = Grant>) -> (Vec<Rule<'a>>, Vec<Denial>) {
        let (mut there, mut missing) = (Vec::new(), Vec::new());
        for needed in needed {
            match self.rule(|grant| *grant == needed) {
                Some(rule) => there.push(rule),
                None => missing.push(Denial::not_granted(needed)),
            }
        }
        (there, missing)
    }

    /// The grants without which some `[[process]]` is not usable.
    pub(in crate::policy) fn missing_processes(
        &self,
        confinement: Confinement,
    ) -> impl Iterator<Item = Grant> {
        let programs = self.programs();
        self.requests.processes.iter().flat_map(move |request| {
            let ungranted = granted(&programs, request).next().is_none();
            let program = ungranted.then(|| request.as_grant());
            let further = request.further_grants(confinement);
            let further = further.filter(|grant| !self.grants.contains(grant));
            program.into_iter().chain(further)
        })
    }

    /// What the capsule holds of programs, and of what goes with them.
    pub(in crate::policy) fn held_processes(&self) -> impl Iterator<Item = Held> {
        let by_name = self.programs();
        self.requests.processes.iter().flat_map(move |request| {
            let programs = granted(&by_name, request).map(|granted| Held {
                name: request.as_grant().capability(),
                // The narrower of the two, where one covers the other.
                scope: match granted {
                    Grant::Process { args, .. } if request.args.covers(args) => {
                        format!("{} {args}", request.program)
                    }
                    _ => format!("{} {}", request.program, request.args),
                },
            });
            // Where the host has a sandbox, `sandbox:none` is held and does nothing.
            let further = request.further_grants(Confinement::Unconfined);
            let further = further.filter(|grant| self.grants.contains(grant));
            let further = further.map(|grant| Held {
                name: grant.capability(),
                scope: match grant {
                    Grant::WorkspaceWrite => "/workspace".to_owned(),
                    Grant::WorkspaceGit => "git's own data in /workspace".to_owned(),
                    other => other.effect(),
                },
            });
            programs.chain(further).collect::<Vec<_>>()
        })
    }

    /// The grants of programs, by the last part of their names.
    fn programs(&self) -> Programs<'a> {
        let mut programs: HashMap<&str, Vec<&Grant>> = HashMap::new();
        for grant in self.grants.iter() {
            if let Grant::Process { program, .. } = grant {
                let named = programs.entry(last(program.as_str()));
                named.or_default().push(grant);
            }
        }
        let exact = |grant: &Grant| match grant {
            Grant::Process { args, .. } => args.exact(),
            _ => None,
        };
        let programs = programs.into_iter();
        programs
            .map(|(name, grants)| (name, Index::of(grants.into_iter(), exact)))
            .collect()
    }
}

type Programs<'a> = HashMap<&'a str, Index<'a, Grant>>;

/// The grants for a request's program that share arguments with it. By the
/// names alone: which files they lead to is judged when a command comes.
fn granted<'a, 'p>(
    programs: &'p Programs<'a>,
    request: &'p ProcessRequest,
) -> impl Iterator<Item = &'a Grant> + 'p {
    let named = programs.get(last(request.program.as_str())).into_iter();
    let near = named.flat_map(|named| named.near(request.args.exact().as_deref()));
    near.filter(|grant| {
        matches!(grant, Grant::Process { program, args }
            if same_name(program.as_str(), request.program.as_str())
                && args.overlaps(&request.args))
    })
}

/// A command held against one request: its proof is the request and the grant for the
/// program.
type Trial<'a> = Decision<'a, ProcessRequest, (MatchedRequest<'a, ProcessRequest>, Rule<'a>)>;

/// The first that is allowed or, when none is, the first.
fn first_allowed<'a>(trials: impl Iterator<Item = Trial<'a>>) -> Option<Trial<'a>> {
    let mut refused = None;
    for trial in trials {
        if trial.is_allowed() {
            return Some(trial);
        }
        refused = refused.or(Some(trial));
    }
    refused
}

fn denied_command(command: &CommandSpec, reason: DenialReason) -> Denial {
    Denial {
        capability: format!("process:{}", command.program),
        reason,
    }
}

/// The narrowest grant for a command that nothing asks for. A program that no
/// grant can name has none.
fn exact_grant(command: &CommandSpec) -> Option<Grant> {
    let program = ProgramName::try_from(command.program.clone()).ok()?;
    let request = ProcessRequest {
        args: ArgsPattern::of(&command.args),
        ..ProcessRequest::new(program)
    };
    Some(request.as_grant())
}

/// Whether a name is another one for a command's program.
fn is_same(
    command: &CommandSpec,
    program: &ResolvedProgram,
    resolve: impl Fn(&str) -> Option<ResolvedProgram>,
) -> impl Fn(&str) -> bool {
    // Looked for once by the same name, it is the same.
    move |name| {
        name == command.program || resolve(name).is_some_and(|found| same_program(&found, program))
    }
}

fn same_program(left: &ResolvedProgram, right: &ResolvedProgram) -> bool {
    left.real == right.real && left.path.file_name() == right.path.file_name()
}

fn same_name(left: &str, right: &str) -> bool {
    let both_paths = left.starts_with('/') && right.starts_with('/');
    if both_paths {
        left == right
    } else {
        last(left) == last(right)
    }
}

/// The last part of a program's name.
fn last(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, last)| last)
}

#[cfg(test)]
mod tests;
