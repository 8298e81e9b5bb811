//! `boll explain CAPSULE files`: the use of a file that the capsule would open.

use boll_host::policy::{AbsolutePath, DenialReason, FileAccess};
use clap::Args;
use serde_json::json;

use super::{Subject, Use};
use crate::failure::{Code, Done, OrFail as _};
use crate::way;

/// `boll explain CAPSULE files`.
#[derive(Debug, Args)]
pub(super) struct Files {
    /// Explain writing, too
    #[arg(long)]
    write: bool,

    /// The file's path, as the capsule sees it
    path: String,
}

impl Files {
    pub(super) fn explain<'a>(&self, open: impl FnOnce() -> Done<Subject<'a>>) -> Done {
        let path = AbsolutePath::try_from(self.path.clone()).or_code(Code::Input)?;
        let access = match self.write {
            false => FileAccess::Read,
            true => FileAccess::ReadWrite,
        };
        let subject = open()?;
        let (workspace, protected) = subject.workspace()?;
        let permissions = subject.permissions();
        let folders = permissions.folders();
        subject
            .operator
            .check_folders(&folders, &workspace, &protected)?;
        let decision = permissions.decide_file(&path, access);
        // A folder that may only be read is there, too, if writing is denied.
        let folder = permissions.decide_file(&path, FileAccess::Read);
        let folder = folder.outcome().ok();
        let place = folder.map(|folder| way::place(&folder.place, &workspace));
        let place = place.map(|place| place.display().to_string());
        let asked = decision.request().map(|asked| &asked.request.path);
        let unasked = decision.missing().filter_map(|denial| match denial.reason {
            DenialReason::FolderNotRequested => Some(&path),
            DenialReason::WritingNotRequested => Some(asked.unwrap_or(&path)),
            _ => None,
        });
        let name = name_of(access);
        let hints = unasked.map(|path| {
            let path = toml_edit::Value::from(path.as_str());
            subject.how_to_ask(&format!("[[files]]\npath = {path}\naccess = \"{name}\""))
        });
        subject.conclude(
            &decision,
            Use {
                title: format!("{name} {path}"),
                keys: json!({ "file": path.as_str(), "use": name, "folder": place }),
                asks: |request| {
                    let asks = format!("{}, {}", request.path, name_of(request.access));
                    (request.line, asks)
                },
                candidates: None,
                above: Vec::new(),
                below: place.into_iter().map(|place| ("folder", place)).collect(),
                hints: hints.collect(),
            },
        )
    }
}

fn name_of(access: FileAccess) -> &'static str {
    match access {
        FileAccess::Read => "read",
        FileAccess::ReadWrite => "read-write",
    }
}
