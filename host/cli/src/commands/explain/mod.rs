//! `boll explain`: whether something that a capsule would do is allowed, and by
//! which rule. The decision is the one that a running capsule gets.

mod files;
mod network;
mod process;
mod topic;

use std::fmt;

use boll_host::Digest;
use boll_host::policy::{
    Decision, Denial, DenialReason, Grant, GrantSet, MatchedRequest, Permissions, Rule,
};
use serde::Serialize;

use super::runs::runs;
use crate::args::{Arguments, Explain, Explained};
use crate::failure::{Code, Done, Failure};
use crate::grants::{missing, useless};
use crate::operator::{Given, Operator};
use crate::output::Output;
use crate::project::{Present, Project};
use crate::report::{self, reporter::Reporter};

pub(crate) fn run(explain: &Explain, arguments: &Arguments, reporter: &Reporter) -> Done {
    match &explain.what {
        Explained::Process(process) => process::run(process, explain, arguments, reporter),
        Explained::Publish(topic) => topic::publish(topic, explain, arguments, reporter),
        Explained::Subscribe(topic) => topic::subscribe(topic, explain, arguments, reporter),
        Explained::Files(files) => files::run(files, explain, arguments, reporter),
        Explained::Network(network) => network::run(network, explain, arguments, reporter),
    }
}

/// The capsule, and what it is granted.
struct Subject<'a> {
    explain: &'a Explain,
    project: Project,
    /// `None` where it is not built.
    digest: Option<Digest>,
    operator: Operator,
    given: Given,
    grants: GrantSet,
}

/// A line of the manifest.
#[derive(Serialize)]
struct Request {
    file: String,
    line: Option<usize>,
    asks: String,
}

#[derive(Serialize)]
struct Granted {
    grant: String,
    by: Place,
}

/// Where a grant stands.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
enum Place {
    /// In the operator's file.
    File { file: String, line: usize },
    /// On the command line.
    Allow,
}

#[derive(Serialize)]
struct Missing {
    capability: String,
    reason: String,
    /// The grant that would allow it, where it is a grant that is missing.
    grant: Option<String>,
}

impl<'a> Subject<'a> {
    fn open(explain: &'a Explain, arguments: &Arguments, reporter: &Reporter) -> Done<Self> {
        let project = Project::open(&explain.capsule)?;
        let operator = Operator::read(arguments.policy.as_deref(), &arguments.expose)?;
        let present = Present::of(&project, explain.build, reporter)?;
        let digest = present.map(|present| present.component.digest);
        let given = operator.given(&project.manifest, digest)?;
        let mut grants = given.grants();
        grants.extend(explain.allow.iter().cloned());
        Ok(Self {
            explain,
            project,
            digest,
            operator,
            given,
            grants,
        })
    }

    /// The grants of the command line that allow nothing.
    fn not_asked_for(&self) -> Vec<String> {
        let confinement = self.operator.confinement();
        let useless = useless(&self.project.manifest, &self.explain.allow, confinement);
        useless.iter().map(Grant::to_string).collect()
    }

    fn permissions(&self) -> Permissions<'_> {
        Permissions::new(&self.project.manifest.requests, &self.grants)
    }

    fn request(&self, line: Option<usize>, asks: impl fmt::Display) -> Request {
        Request {
            file: self.project.path.display().to_string(),
            line,
            asks: asks.to_string(),
        }
    }

    fn granted(&self, rule: &Rule<'_>) -> Granted {
        Granted {
            grant: rule.grant.to_string(),
            // The command line's grants come after the file's.
            by: match self.given.allowed.get(rule.index) {
                Some(allowed) => Place::File {
                    file: self.operator.path().display().to_string(),
                    line: allowed.line,
                },
                None => Place::Allow,
            },
        }
    }

    /// How whoever reads it has the manifest ask for something.
    fn how_to_ask(&self, lines: &str) -> String {
        let manifest = self.project.path.display();
        format!("for the capsule to ask for it, write into {manifest}:\n{lines}")
    }

    /// How the grants among what is missing are given.
    fn how_to_allow(&self, denials: &[&Denial]) -> Vec<String> {
        let grants: Vec<Grant> = denials
            .iter()
            .filter_map(|denial| match &denial.reason {
                DenialReason::NotGranted(grant) => Some(grant.clone()),
                _ => None,
            })
            .collect();
        if grants.is_empty() {
            return Vec::new();
        }
        let capsule = self.explain.capsule.display().to_string();
        let mut words = vec!["boll".to_owned(), "run".to_owned(), capsule];
        // A run needs the rest of what the manifest asks for, too.
        let mut all = self.grants.clone();
        all.extend(grants.iter().cloned());
        let confinement = self.operator.confinement();
        let rest = missing(&self.project.manifest, &all, confinement);
        for grant in self.explain.allow.iter().chain(&grants).chain(&rest) {
            words.extend(["--allow".to_owned(), grant.to_string()]);
        }
        // Neither arguments nor grants have a NUL, so quoting cannot fail.
        let line = shlex::try_join(words.iter().map(String::as_str)).unwrap_or_default();
        let id = &self.project.manifest.id;
        let mut hints = vec![format!("to allow it for one run:\n{line}")];
        hints.push(self.operator.how_to_allow(id, self.digest, &grants));
        hints.extend(self.given.stale.clone());
        hints
    }
}

/// Prints an explanation; what is missing makes the command fail.
fn conclude(
    explanation: &(impl fmt::Display + Serialize),
    subject: &Subject<'_>,
    output: Output,
    denials: &[&Denial],
    hints: Vec<String>,
) -> Done {
    let whole = Whole {
        explanation,
        runs: runs(&subject.project.manifest, &subject.operator.limits()),
        not_asked_for: subject.not_asked_for(),
    };
    match output {
        Output::Text => report::text(&whole.to_string())?,
        Output::Json => report::json(&whole)?,
    }
    match denials.first() {
        None => Ok(()),
        Some(first) => {
            let failure = Failure::new(Code::NotGranted, first.to_string());
            Err(hints.into_iter().fold(failure, Failure::hint))
        }
    }
}

/// An explanation, with what holds whatever is explained.
#[derive(Serialize)]
struct Whole<'a, T> {
    #[serde(flatten)]
    explanation: &'a T,
    /// How the capsule's instances live, and what each may use.
    runs: Vec<String>,
    /// What was allowed on the command line and changes nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_asked_for: Vec<String>,
}

impl<T: fmt::Display> fmt::Display for Whole<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.explanation.fmt(f)?;
        row(f, "runs", &self.runs.join("; "))?;
        for grant in &self.not_asked_for {
            let text =
                format_args!("--allow {grant}: the manifest asks for nothing that it allows");
            row(f, "no use", &text)?;
        }
        Ok(())
    }
}

/// What led to a decision, in words.
#[derive(Serialize)]
struct Grounds {
    /// The part of the manifest that it falls under.
    request: Option<Request>,
    /// The parts of the manifest that come near, where that is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates: Option<Vec<Request>>,
    grants: Vec<Granted>,
    missing: Vec<Missing>,
}

impl Grounds {
    /// What led to a decision; `describe` puts a request into words.
    fn of<R, T>(
        decision: &Decision<'_, R, T>,
        subject: &Subject<'_>,
        describe: impl FnOnce(MatchedRequest<'_, R>) -> Request,
    ) -> Self {
        let rules = decision.rules().iter();
        Self {
            request: decision.request().map(describe),
            candidates: None,
            grants: rules.map(|rule| subject.granted(rule)).collect(),
            missing: decision.missing().map(Missing::of).collect(),
        }
    }

    fn is_allowed(&self) -> bool {
        self.missing.is_empty()
    }

    /// The line above the grounds: whether `subject` is allowed.
    fn verdict(&self, f: &mut fmt::Formatter<'_>, subject: fmt::Arguments<'_>) -> fmt::Result {
        let verdict = if self.is_allowed() {
            "allowed"
        } else {
            "denied"
        };
        writeln!(f, "{verdict}: {subject}")
    }

    /// A row for each ground.
    fn rows(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.request {
            Some(request) => row(f, "asked for", &format_args!("by {request}"))?,
            None => {
                row(f, "asked for", &"by nothing")?;
                for candidate in self.candidates.iter().flatten() {
                    row(f, "not by", candidate)?;
                }
            }
        }
        for granted in &self.grants {
            row(f, "granted", granted)?;
        }
        for missing in &self.missing {
            row(f, "missing", missing)?;
        }
        Ok(())
    }
}

/// One row of an explanation.
fn row(f: &mut fmt::Formatter<'_>, name: &str, text: &dyn fmt::Display) -> fmt::Result {
    writeln!(f, "  {name:<9}  {text}")
}

impl Missing {
    fn of(denial: &Denial) -> Self {
        Self {
            capability: denial.capability.clone(),
            reason: denial.reason.to_string(),
            grant: match &denial.reason {
                DenialReason::NotGranted(grant) => Some(grant.to_string()),
                _ => None,
            },
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.capability, self.reason)
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.asks)
    }
}

impl fmt::Display for Granted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.by {
            Place::File { file, line } => write!(f, "by {file}:{line}: {}", self.grant),
            Place::Allow => write!(f, "by --allow: {}", self.grant),
        }
    }
}
