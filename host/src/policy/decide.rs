//! The decisions: what of a manifest's requests the operator's grants allow.

use std::collections::{HashMap, HashSet};

use super::command::{Checked, CommandSpec};
use super::index::Index;
use super::{
    ArgsPattern, AuthorizedCommand, Confinement, Decision, Denial, DenialReason, Grant, GrantSet,
    MatchedRequest, ProcessRequest, ProgramName, Requests, ResolvedProgram, Rule,
};

/// A capsule's requests beside the operator's grants for it.
#[derive(Debug, Clone, Copy)]
pub struct Permissions<'a> {
    pub(super) requests: &'a Requests,
    pub(super) grants: &'a GrantSet,
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
    pub fn new(requests: &'a Requests, grants: &'a GrantSet) -> Self {
        Self { requests, grants }
    }

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

    /// The manifest's requests for the program of a command, in its order, whatever
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
        let ungranted = ungranted.map(not_granted).into_iter();
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
                None => missing.push(not_granted(needed)),
            }
        }
        (there, missing)
    }

    pub(super) fn rule(&self, fits: impl Fn(&Grant) -> bool) -> Option<Rule<'a>> {
        let mut grants = self.grants.iter().enumerate();
        let (index, grant) = grants.find(|(_, grant)| fits(grant))?;
        Some(Rule { index, grant })
    }

    /// The grants without which some request of the manifest is of no use, in
    /// the manifest's order.
    #[must_use]
    pub fn missing(&self, confinement: Confinement) -> Vec<Grant> {
        let mut missing = Missing::default();
        let programs = self.programs();
        for request in &self.requests.processes {
            let ungranted = granted(&programs, request).next().is_none();
            let program = ungranted.then(|| request.as_grant());
            let further = request
                .further_grants(confinement)
                .filter(|grant| !self.grants.contains(grant));
            program
                .into_iter()
                .chain(further)
                .for_each(|one| missing.add(one));
        }
        let others = self.missing_topics().chain(self.missing_access());
        others.for_each(|one| missing.add(one));
        missing.grants
    }

    /// Of these the grants whose lack is seen by the capsule alone: what it opens
    /// is not there.
    #[must_use]
    pub fn missing_access(&self) -> Vec<Grant> {
        self.missing_files().chain(self.missing_network()).collect()
    }

    /// What the capsule holds, its configuration left out, sorted by name.
    #[must_use]
    pub fn held(&self) -> Vec<Held> {
        let by_name = self.programs();
        let programs = self
            .requests
            .processes
            .iter()
            .flat_map(|request| granted(&by_name, request).map(move |grant| (request, grant)))
            .map(|(request, granted)| Held {
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
        let further = self
            .requests
            .processes
            .iter()
            .flat_map(|request| request.further_grants(Confinement::Unconfined))
            .filter(|grant| self.grants.contains(grant))
            .map(|grant| Held {
                name: grant.capability(),
                scope: match grant {
                    Grant::WorkspaceWrite => "/workspace".to_owned(),
                    Grant::WorkspaceGit => "git's own data in /workspace".to_owned(),
                    other => other.effect(),
                },
            });
        let access = self.held_files().chain(self.held_network());
        let others = self.held_topics().chain(access);
        let mut held: Vec<Held> = programs.chain(further).chain(others).collect();
        held.sort();
        held.dedup();
        held
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

/// Grants in their order, each once.
#[derive(Default)]
struct Missing {
    grants: Vec<Grant>,
    texts: HashSet<String>,
}

impl Missing {
    fn add(&mut self, grant: Grant) {
        if self.texts.insert(grant.to_string()) {
            self.grants.push(grant);
        }
    }
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

fn not_granted(grant: Grant) -> Denial {
    Denial {
        capability: grant.capability(),
        reason: DenialReason::NotGranted(grant),
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
