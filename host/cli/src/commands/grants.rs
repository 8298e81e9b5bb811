//! `boll grants`: what the operator's file grants for good, and how it is taken back.

use boll_host::capsule::CapsuleId;
use boll_host::policy::Grant;
use clap::{ArgGroup, Args, Subcommand};
use serde_json::json;

use super::Verb;
use crate::args::App;
use crate::failure::{Code, Done, Failure};
use crate::operator::Entry;
use crate::report::sections::Sections;

/// List what the operator's file grants to capsules, or take grants back
#[derive(Debug, Args)]
pub(crate) struct Grants {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the grants of all capsules, or of one
    List {
        /// The capsule's id
        capsule: Option<CapsuleId>,
    },
    /// Remove grants of a capsule from the operator's file, which otherwise stays as it is
    #[command(group = ArgGroup::new("which").required(true))]
    Revoke {
        /// The capsule's id
        capsule: CapsuleId,

        /// A grant, as `boll grants list` shows it
        #[arg(group = "which")]
        grants: Vec<Grant>,

        /// Remove all of its grants
        #[arg(long, group = "which")]
        all: bool,
    },
}

impl Verb for Grants {
    fn needs_room(&self) -> bool {
        false
    }

    fn run(&self, app: &App) -> Done {
        match &self.what {
            What::List { capsule } => list(capsule.as_ref(), app),
            What::Revoke {
                capsule, grants, ..
            } => revoke(capsule, grants, app),
        }
    }
}

fn list(capsule: Option<&CapsuleId>, app: &App) -> Done {
    let operator = app.operator()?;
    let mut entries = operator.entries();
    if let Some(id) = capsule {
        entries.retain(|entry| entry.id == *id);
    }
    let mut text = Sections::default();
    for entry in &entries {
        let grants = entry.allow.iter();
        let lines: Vec<String> = grants
            .map(|allowed| {
                let folder = allowed.folder.as_ref();
                let only = folder.map_or_else(String::new, |folder| format!(", only in {folder}"));
                format!("{}  (line {}{only})", allowed.grant, allowed.line)
            })
            .collect();
        text.section(&format!("{} {}", entry.id, entry.digest), &lines);
    }
    if entries.is_empty() {
        text.line("nothing is granted for good");
    }
    let capsules = entries.iter().map(|entry| {
        let grants = entry.allow.iter();
        let allow = grants.map(|one| {
            json!({
                "grant": one.grant.to_string(),
                "line": one.line,
                "folder": one.folder,
            })
        });
        json!({
            "id": entry.id,
            "digest": entry.digest,
            "allow": allow.collect::<Vec<_>>(),
        })
    });
    let json = json!({
        "file": operator.path(),
        "capsules": capsules.collect::<Vec<_>>(),
    });
    app.description(&String::from(text), &json)
}

/// Removes these grants; all of them if none is named.
fn revoke(id: &CapsuleId, grants: &[Grant], app: &App) -> Done {
    let operator = app.operator()?;
    let entry = operator.entries().into_iter().find(|entry| entry.id == *id);
    let Some(Entry { allow, .. }) = entry else {
        let text = format!("{} grants nothing to {id}", operator.shown_path());
        return Err(Failure::new(Code::Input, text).hint("to see what it grants: boll grants list"));
    };
    let held: Vec<Grant> = allow.into_iter().map(|one| one.grant).collect();
    if let Some(other) = grants.iter().find(|grant| !held.contains(grant)) {
        let text = format!("{id} has no grant \"{other}\"");
        let held: Vec<String> = held.iter().map(|grant| format!("\"{grant}\"")).collect();
        return Err(Failure::new(Code::Input, text).hint(format!("it has: {}", held.join(", "))));
    }
    let revoked = if grants.is_empty() {
        held
    } else {
        grants.to_vec()
    };
    if !revoked.is_empty() {
        operator.remove(id, &revoked)?;
    }
    let texts: Vec<String> = revoked.iter().map(Grant::to_string).collect();
    let mut text = Sections::default();
    if texts.is_empty() {
        text.line(&format!("{id} has no grants: nothing is revoked"));
    }
    for grant in &texts {
        text.line(&format!("revoked of {id}: {grant}"));
    }
    let json = json!({ "file": operator.path(), "id": id, "revoked": texts });
    app.description(&String::from(text), &json)
}
