//! How the operator's file grants more, or less: the lines to write, and writing them.

use std::path::Path;

use boll_host::capsule::{CapsuleId, Manifest};
use boll_host::document::Document;
use boll_host::policy::Grant;
use boll_host::{Digest, with_causes};
use toml::Spanned;

use super::edit::{self, EditError};
use super::pin::Pin;
use super::{Operator, RawFile, write};
use crate::failure::{Code, Done, Failure};
use crate::mend::mend;

impl Operator {
    /// Returns what the operator has to do to grant this for good: the lines to write or,
    /// if the capsule has an entry, what it has to become.
    pub(crate) fn how_to_allow(
        &self,
        manifest: &Manifest,
        digest: Option<Digest>,
        grants: &[Grant],
    ) -> String {
        let id = &manifest.id;
        let path = self.shown_path();
        let entry = self.capsules.get(id);
        let pin = entry.map(|entry| *entry.digest.get_ref());
        let digest = match pin {
            Some(Pin::Any) => "any".to_owned(),
            // Without a component there is no digest to write.
            _ => digest.map_or_else(|| "any".to_owned(), |digest| digest.to_string()),
        };
        // Grants to another component say nothing about this one.
        let kept = entry.filter(|_| pin.is_some_and(|pin| pin.text() == digest));
        let allow: toml_edit::Array = kept
            .iter()
            .flat_map(|entry| entry.allow.iter().map(Spanned::get_ref))
            .chain(grants)
            .map(Grant::to_string)
            .collect();
        let how = if pin != Some(Pin::Any) && digest == "any" {
            format!(
                "to allow it for good, build it first; or, for every build of it, write into {path}:"
            )
        } else if entry.is_some() {
            format!("to allow it for good, change the entry in {path} to:")
        } else {
            format!("to allow it for good, write into {path}:")
        };
        let secrets = entry.filter(|_| kept.is_none());
        let secrets = secrets.map_or_else(Vec::new, |entry| entry.config().secrets(manifest));
        let warning = match secrets.is_empty() {
            true => String::new(),
            false => format!(
                "this also gives it what the entry keeps for another component: {}\n",
                secrets.join(", ")
            ),
        };
        format!("{warning}{how}\n[capsule.{id}]\ndigest = \"{digest}\"\nallow = {allow}")
    }

    /// Returns its path for a message about what to write into it.
    pub(crate) fn shown_path(&self) -> String {
        match self.path == Path::new("") {
            true => "a file of yours, and name that with --policy FILE".to_owned(),
            false => self.path.display().to_string(),
        }
    }

    /// Adds grants for a component, for good. Earlier ones stay. The file is read again:
    /// others may have changed it.
    /// With a folder, they hold only where that is the workspace.
    ///
    /// # Errors
    ///
    /// The file cannot be written, or the entry has secrets for another component: nobody
    /// was asked about those.
    pub(crate) fn add(
        &self,
        manifest: &Manifest,
        digest: Digest,
        folder: Option<&str>,
        grants: &[Grant],
    ) -> Done {
        self.change(|text| {
            require_no_foreign_secrets(text, manifest, digest)?;
            edit::add(text, &manifest.id, digest, folder, grants)
        })
    }

    /// Removes grants of a capsule, whatever its component.
    pub(crate) fn remove(&self, id: &CapsuleId, grants: &[Grant]) -> Done {
        self.change(|text| edit::remove(text, id, grants))
    }

    fn change(&self, edit: impl Fn(&str) -> Result<String, EditError>) -> Done {
        if self.path == Path::new("") {
            let text = "cannot write the operator's file: this user has no home folder";
            return Err(Failure::new(Code::Machine, text));
        }
        let edited = |text: &str| {
            let text = edit(text)?;
            parsed(&text)?;
            Ok(text)
        };
        write::change(&self.path, edited).map_err(|error| {
            let path = self.path.display();
            let text = format!("cannot write {path}: {}", with_causes(&error));
            let failure = Failure::new(Code::Machine, text);
            match mend(&self.path) {
                Some(mend) => failure.hint(mend),
                None => failure,
            }
        })
    }
}

fn parsed(text: &str) -> Result<RawFile, EditError> {
    let document = Document::new("", text);
    document.parse().map_err(|_| EditError::Invalid)
}

/// Fails if the file has secrets for another component of a capsule.
fn require_no_foreign_secrets(
    text: &str,
    manifest: &Manifest,
    digest: Digest,
) -> Result<(), EditError> {
    let file = parsed(text)?;
    let entry = file.capsule.get(&manifest.id);
    let entry = entry.filter(|entry| !entry.digest.get_ref().fits(digest));
    let secrets = entry.map_or_else(Vec::new, |entry| entry.config().secrets(manifest));
    match secrets.is_empty() {
        true => Ok(()),
        false => Err(EditError::Secrets(secrets.join(", "))),
    }
}
