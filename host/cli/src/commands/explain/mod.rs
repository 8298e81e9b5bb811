//! `boll explain`: whether something that a capsule would do is allowed, and by
//! which rule. The decision is the one that a running capsule gets.

mod explanation;
mod files;
mod interface;
mod network;
mod process;
mod topic;

use std::path::PathBuf;

use boll_host::Digest;
use boll_host::policy::{Decision, Denial, DenialReason, Grant, GrantSet, Permissions, Rule};
use clap::{Args, Subcommand};
use serde_json::Value;

use self::explanation::{Explanation, Granted, GrantedBy, Missing, Request, Row};
use self::files::Files;
use self::interface::Interface;
use self::network::Network;
use self::process::Process;
use self::topic::Topic;
use super::Verb;
use super::runs::runs;
use crate::args::App;
use crate::complete;
use crate::failure::{Code, Done, Failure};
use crate::grants::{for_good, for_one_run, located, useless};
use crate::operator::{Given, Operator};
use crate::project::{Present, Project};
use crate::{protected, session};

/// Show whether a capsule may do something, and which rule decides
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The capsule's folder, or its Capsule.toml
    #[arg(add = complete::capsule())]
    capsule: PathBuf,

    /// The folder that capsules see as /workspace [default: the current folder]
    #[arg(long, global = true, value_name = "DIR", add = complete::folder())]
    workspace: Option<PathBuf>,

    /// Decide as if this were granted, too; may be repeated
    #[arg(long, global = true, value_name = "GRANT", add = complete::grant())]
    allow: Vec<Grant>,

    /// Build the component first if it is stale, which runs the project's build scripts
    #[arg(long, global = true)]
    build: bool,

    /// What to explain.
    #[command(subcommand)]
    what: Kind,
}

/// The kinds of use that can be explained.
#[derive(Debug, Subcommand)]
enum Kind {
    /// A command that the capsule would run
    Process(Process),
    /// A topic that the capsule would publish to
    Publish(Topic),
    /// A topic that the capsule would subscribe to
    Subscribe(Topic),
    /// A file that the capsule would open
    Files(Files),
    /// A connection that the capsule would make
    Network(Network),
    /// An interface of the host's own that the capsule would use
    Interface(Interface),
}

impl Verb for Explain {
    fn run(&self, app: &App) -> Done {
        let open = || Subject::open(self, app);
        match &self.what {
            Kind::Process(process) => process.explain(open),
            Kind::Publish(topic) => topic.explain_publishing(open),
            Kind::Subscribe(topic) => topic.explain_subscribing(open),
            Kind::Files(files) => files.explain(open),
            Kind::Network(network) => network.explain(open),
            Kind::Interface(interface) => interface.explain(open),
        }
    }
}

/// The capsule, and what it is granted.
struct Subject<'a> {
    explain: &'a Explain,
    app: &'a App,
    project: Project,
    /// `None` if it is not built.
    digest: Option<Digest>,
    operator: Operator,
    given: Given,
    grants: GrantSet,
}

/// The part of an explanation that depends on the kind of use.
struct Use<'a, R> {
    /// The use, in a line.
    title: String,
    /// The use, as keys of the JSON.
    keys: Value,
    /// Gets the line of a request in the manifest, and what it asks for.
    asks: fn(&R) -> (Option<usize>, String),
    /// The requests that come near, if the kind lists them.
    candidates: Option<Vec<&'a R>>,
    /// Further rows above and below the grounds.
    above: Vec<Row>,
    below: Vec<Row>,
    /// How to make the manifest ask for what it does not ask for.
    hints: Vec<String>,
}

impl<'a> Subject<'a> {
    fn open(explain: &'a Explain, app: &'a App) -> Done<Self> {
        let project = Project::open(&explain.capsule)?;
        let mut operator = app.operator()?;
        operator.in_workspace(&session::workspace(explain.workspace.as_deref())?);
        let present = Present::of(&project, explain.build, &app.reporter)?;
        let digest = present.map(|present| present.component.digest);
        let given = operator.given(&project.manifest, digest)?;
        let mut grants = given.grants();
        grants.extend(explain.allow.iter().cloned());
        Ok(Self {
            explain,
            app,
            project,
            digest,
            operator,
            given,
            grants,
        })
    }

    fn permissions(&self) -> Permissions<'_> {
        Permissions::new(&self.project.manifest.requests, &self.grants)
    }

    /// Returns the workspace, and the paths that nobody may write there.
    fn workspace(&self) -> Done<(PathBuf, Vec<PathBuf>)> {
        let workspace = session::workspace(self.explain.workspace.as_deref())?;
        let protected = protected::of([&self.project].into_iter())?;
        Ok((workspace, protected))
    }

    fn granted(&self, rule: &Rule<'_>) -> Granted {
        Granted {
            grant: rule.grant.to_string(),
            // The command line's grants come after the file's.
            by: match self.given.allowed.get(rule.index) {
                Some(allowed) => GrantedBy::File {
                    file: self.operator.path().display().to_string(),
                    line: allowed.line,
                },
                None => GrantedBy::Allow,
            },
        }
    }

    /// Returns how to make the manifest ask for something.
    fn how_to_ask(&self, lines: &str) -> String {
        let manifest = self.project.path.display();
        format!("for the capsule to ask for it, write into {manifest}:\n{lines}")
    }

    /// Returns the command line that runs the capsule with what the explanation was given.
    fn command_line(&self) -> Vec<String> {
        let capsule = self.explain.capsule.display().to_string();
        let words = ["boll".to_owned(), "run".to_owned(), capsule];
        let flags = self.app.flags(self.explain.workspace.as_deref());
        words.into_iter().chain(flags).collect()
    }

    /// Returns how to give the grants among what is missing.
    fn how_to_allow(&self, denials: &[&Denial]) -> Vec<String> {
        let denied = denials.iter().filter_map(|denial| match &denial.reason {
            DenialReason::NotGranted(grant) => Some(located(grant.clone(), &self.grants)),
            _ => None,
        });
        let lacking: Vec<Grant> = denied.collect();
        if lacking.is_empty() {
            return Vec::new();
        }
        // A run needs the rest of what the manifest asks for, too.
        let mut all = self.grants.clone();
        all.extend(lacking.iter().cloned());
        let (manifest, confinement) = (&self.project.manifest, self.operator.confinement());
        let rest = Permissions::new(&manifest.requests, &all).missing(confinement);
        let flags = self.explain.allow.iter().chain(&lacking).chain(&rest);
        let flags = flags.flat_map(|grant| ["--allow".to_owned(), grant.to_string()]);
        let mut hints = vec![for_one_run(self.command_line(), flags)];
        hints.extend(for_good(manifest, &self.operator, self.digest, &lacking));
        hints.extend(self.given.stale.clone());
        hints
    }

    /// Prints the explanation of a decision; if something is missing, the command fails.
    fn conclude<R, T>(&self, decision: &Decision<'_, R, T>, of: Use<'_, R>) -> Done {
        let manifest = &self.project.manifest;
        let request = |request: &R| {
            let (line, asks) = (of.asks)(request);
            let file = self.project.path.display().to_string();
            Request { file, line, asks }
        };
        let denials: Vec<&Denial> = decision.missing().collect();
        let useless = useless(manifest, &self.explain.allow, self.operator.confinement());
        let rules = decision.rules().iter();
        let candidates = of.candidates.as_ref().map(|all| all.iter().copied());
        let explanation = Explanation {
            allowed: decision.is_allowed(),
            keys: of.keys,
            request: decision.request().map(|matched| request(matched.request)),
            candidates: candidates.map(|all| all.map(request).collect()),
            grants: rules.map(|rule| self.granted(rule)).collect(),
            missing: denials.iter().map(|denial| Missing::of(denial)).collect(),
            runs: runs(manifest, &self.operator.limits()),
            not_asked_for: useless.iter().map(Grant::to_string).collect(),
            title: of.title,
            above: of.above,
            below: of.below,
        };
        self.app.prose(&explanation.to_string(), &explanation)?;
        let Some(first) = denials.first() else {
            return Ok(());
        };
        let hints = of.hints.into_iter().chain(self.how_to_allow(&denials));
        let failure = Failure::new(Code::NotGranted, first.to_string());
        Err(hints.fold(failure, Failure::hint))
    }
}
