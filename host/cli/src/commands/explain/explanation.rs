//! A decision in words: the text and the JSON that `boll explain` writes.

use std::fmt::{self, Display, Formatter};

use boll_host::policy::{Denial, DenialReason};
use serde::Serialize;
use serde_json::Value;

/// A row: its name and its text.
pub(super) type Row = (&'static str, String);

/// A decision in words.
#[derive(Serialize)]
pub(super) struct Explanation {
    pub(super) allowed: bool,
    /// The use, in the keys of its kind.
    #[serde(flatten)]
    pub(super) keys: Value,
    /// The part of the manifest that it falls under.
    pub(super) request: Option<Request>,
    /// The parts of the manifest that come near, for kinds that list them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) candidates: Option<Vec<Request>>,
    pub(super) grants: Vec<Granted>,
    pub(super) missing: Vec<Missing>,
    /// How the capsule's instances live, and what each may use.
    pub(super) runs: Vec<String>,
    /// The grants on the command line that change nothing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) not_asked_for: Vec<String>,
    #[serde(skip)]
    pub(super) title: String,
    /// Further rows above and below the grounds.
    #[serde(skip)]
    pub(super) above: Vec<Row>,
    #[serde(skip)]
    pub(super) below: Vec<Row>,
}

/// A line of the manifest.
#[derive(Serialize)]
pub(super) struct Request {
    pub(super) file: String,
    pub(super) line: Option<usize>,
    pub(super) asks: String,
}

#[derive(Serialize)]
pub(super) struct Granted {
    pub(super) grant: String,
    pub(super) by: GrantedBy,
}

/// The source of a grant.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum GrantedBy {
    /// The operator's file.
    File { file: String, line: usize },
    /// The command line.
    Allow,
}

#[derive(Serialize)]
pub(super) struct Missing {
    capability: String,
    reason: String,
    /// The grant that would allow it, if only a grant is missing.
    grant: Option<String>,
}

impl Missing {
    pub(super) fn of(denial: &Denial) -> Self {
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

impl Explanation {
    /// Returns a row for each ground.
    fn grounds(&self) -> Vec<Row> {
        let mut rows = Vec::new();
        match &self.request {
            Some(request) => rows.push(("asked for", format!("by {request}"))),
            None => {
                rows.push(("asked for", "by nothing".to_owned()));
                let candidates = self.candidates.iter().flatten();
                rows.extend(candidates.map(|candidate| ("not by", candidate.to_string())));
            }
        }
        rows.extend(self.grants.iter().map(|one| ("granted", one.to_string())));
        let missing = self.missing.iter();
        rows.extend(missing.map(|one| ("missing", format!("{}: {}", one.capability, one.reason))));
        rows
    }
}

impl Display for Explanation {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let decision = if self.allowed { "allowed" } else { "denied" };
        writeln!(f, "{decision}: {}", self.title)?;
        let grounds = self.grounds();
        let runs = ("runs", self.runs.join("; "));
        let rows = self.above.iter().chain(&grounds).chain(&self.below);
        for (name, text) in rows.chain([&runs]) {
            writeln!(f, "  {name:<9}  {text}")?;
        }
        for grant in &self.not_asked_for {
            let text = "the manifest asks for nothing that it allows";
            writeln!(f, "  {:<9}  --allow {grant}: {text}", "no use")?;
        }
        Ok(())
    }
}

impl Display for Request {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.asks)
    }
}

impl Display for Granted {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.by {
            GrantedBy::File { file, line } => write!(f, "by {file}:{line}: {}", self.grant),
            GrantedBy::Allow => write!(f, "by --allow: {}", self.grant),
        }
    }
}
