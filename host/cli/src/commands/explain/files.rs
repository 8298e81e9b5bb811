//! `boll explain CAPSULE files`: the use of a file that the capsule would open.

use std::fmt;

use boll_host::policy::{
    AbsolutePath, Decision, Denial, DenialReason, FileAccess, FilesRequest, Folder,
};
use serde::Serialize;

use super::{Grounds, Subject, conclude, row};
use crate::args::{Arguments, Explain, ExplainFiles};
use crate::failure::{Code, Done, Failure};
use crate::protected;
use crate::report::reporter::Reporter;
use crate::session;
use crate::way;

pub(super) fn run(
    files: &ExplainFiles,
    explain: &Explain,
    arguments: &Arguments,
    reporter: &Reporter,
) -> Done {
    let path = AbsolutePath::try_from(files.path.clone())
        .map_err(|error| Failure::from_error(Code::Input, &error))?;
    let access = match files.write {
        false => FileAccess::Read,
        true => FileAccess::ReadWrite,
    };
    let subject = Subject::open(explain, arguments, reporter)?;
    let workspace = session::workspace(explain.workspace.as_deref())?;
    let protected = protected::of([&subject.project].into_iter())?;
    let permissions = subject.permissions();
    subject
        .operator
        .check_folders(&permissions.folders(), &workspace, &protected)?;
    let decision = permissions.decide_file(&path, access);
    let denials: Vec<&Denial> = decision.missing().collect();
    // Where it may only be read, writing is denied, and the folder is there.
    let folder = permissions.decide_file(&path, FileAccess::Read);
    let place = folder.outcome().ok().map(|folder| {
        let place = way::place(&folder.place, &workspace);
        place.display().to_string()
    });
    let explanation = Explanation {
        allowed: decision.is_allowed(),
        file: path.to_string(),
        use_: name_of(access),
        grounds: Grounds::of(&decision, &subject, |request| {
            let asks = format_args!("{}, {}", request.path, name_of(request.access)).to_string();
            subject.request(request.line, asks)
        }),
        folder: place,
    };
    let hints = hints(&subject, &decision, &path, access);
    conclude(&explanation, &subject, arguments.output, &denials, hints)
}

/// A decision in words.
#[derive(Serialize)]
struct Explanation {
    allowed: bool,
    file: String,
    #[serde(rename = "use")]
    use_: &'static str,
    #[serde(flatten)]
    grounds: Grounds,
    /// The folder on the host.
    folder: Option<String>,
}

fn name_of(access: FileAccess) -> &'static str {
    match access {
        FileAccess::Read => "read",
        FileAccess::ReadWrite => "read-write",
    }
}

fn hints(
    subject: &Subject<'_>,
    decision: &Decision<'_, FilesRequest, Folder<'_>>,
    path: &AbsolutePath,
    access: FileAccess,
) -> Vec<String> {
    let denials: Vec<&Denial> = decision.missing().collect();
    let asked = decision.request();
    let mut hints = Vec::new();
    for denial in &denials {
        let path = match &denial.reason {
            DenialReason::FolderNotRequested => path,
            DenialReason::WritingNotRequested => asked.map_or(path, |asked| &asked.request.path),
            _ => continue,
        };
        let path = toml_edit::Value::from(path.as_str());
        let access = name_of(access);
        hints.push(subject.how_to_ask(&format!("[[files]]\npath = {path}\naccess = \"{access}\"")));
    }
    hints.extend(subject.how_to_allow(&denials));
    hints
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = format_args!("{} {}", self.use_, self.file);
        self.grounds.verdict(f, subject)?;
        self.grounds.rows(f)?;
        match &self.folder {
            Some(folder) => row(f, "folder", folder),
            None => Ok(()),
        }
    }
}
