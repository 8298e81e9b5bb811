//! The cases of a capsule: found in `cases/*.toml` beside its manifest, and read when
//! they run.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use boll_host::capsule::Manifest;
use boll_host::document::{Document, DocumentError};

use super::Label;
use super::case::{Case, check};
use super::content::CaseSource;
use super::fixtures::{FOLDER, Fixtures};
use super::raw::{RawCase, RawFile};
use crate::beneath::Beneath;
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::project::Project;

/// The most entries of that folder, files with cases, cases, and bytes of these files.
const ENTRIES: usize = 10_000;
const FILES: usize = 1000;
const CASES: usize = 4096;
const BYTES: usize = 16 << 20;

/// A case as written in its file. It has been checked except for the content of the files
/// that it names, which are read when the case runs.
pub(crate) struct Written {
    pub(crate) label: Label,
    file: Arc<CaseFile>,
    raw: RawCase,
    span: Range<usize>,
}

/// A file with cases.
struct CaseFile {
    /// The name to show.
    name: String,
    text: String,
}

impl Written {
    /// Reads the files that it names.
    ///
    /// # Errors
    ///
    /// A file does not exist any more, or is larger than allowed.
    pub(super) fn open(
        &self,
        manifest: &Manifest,
        fixtures: &Fixtures<'_>,
    ) -> Result<Case, DocumentError> {
        let document = Document::new(&self.file.name, &self.file.text);
        let place = CaseSource {
            document: &document,
            fixtures,
        };
        check(self.raw.clone(), place, manifest, self.span.clone())
    }
}

/// Finds all cases of a capsule, file by file in the order of their names.
pub(crate) fn find(
    project: &Project,
    fixtures: &Fixtures<'_>,
    capsule: &Beneath,
) -> Done<Vec<Written>> {
    // For messages: what is read is in the open folder.
    let folder = project.folder().join(FOLDER);
    let mut cases: Vec<Written> = Vec::new();
    let mut left = BYTES;
    for name in names(capsule, &folder)? {
        let shown = folder.join(&name).display().to_string();
        let text = capsule.text(&Path::new(FOLDER).join(&name));
        let text = text.or_fail(Code::Input, || format!("cannot read {shown}"))?;
        left = left.checked_sub(text.len()).ok_or_else(|| {
            let text = format!(
                "{}: there are more than {BYTES} bytes of cases",
                folder.display()
            );
            Failure::new(Code::Input, text)
        })?;
        let file = CaseFile { name: shown, text };
        read_file(file, fixtures, &project.manifest, &mut cases)?;
    }
    if cases.is_empty() {
        return Err(nothing(&project.manifest, &folder));
    }
    Ok(cases)
}

/// The files with cases, in order.
fn names(capsule: &Beneath, shown: &Path) -> Done<Vec<std::ffi::OsString>> {
    let listing = || format!("cannot list {}", shown.display());
    let folder = match capsule.folder(Path::new(FOLDER)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        folder => folder.or_fail(Code::Input, listing)?,
    };
    let mut names = folder.names(ENTRIES).or_fail(Code::Input, listing)?;
    names.retain(|name| Path::new(name).extension().is_some_and(|ext| ext == "toml"));
    if names.len() > FILES {
        let text = format!(
            "{}: there are more than {FILES} files with cases",
            listing()
        );
        return Err(Failure::new(Code::Input, text));
    }
    names.sort();
    Ok(names)
}

/// Returns the error for a capsule without cases, which shows how to write one.
fn nothing(manifest: &Manifest, folder: &Path) -> Failure {
    let action = manifest.default_action().or(manifest.actions.first());
    let action = action.map_or("ACTION", |action| action.name.as_str());
    Failure::new(
        Code::Input,
        format!("{} has no cases in {}", manifest.id, folder.display()),
    )
    .hint(format!(
        "write one into {}:\n\n[[case]]\nname = \"answers\"\naction = \"{action}\"\n\
         payload = \"\"\n\n[case.expect]\nreply = \"\"\n",
        folder.join(format!("{action}.toml")).display()
    ))
}

fn read_file(
    file: CaseFile,
    fixtures: &Fixtures<'_>,
    manifest: &Manifest,
    cases: &mut Vec<Written>,
) -> Result<(), DocumentError> {
    let file = Arc::new(file);
    let document = Document::new(&file.name, &file.text);
    let place = CaseSource {
        document: &document,
        fixtures,
    };
    let raw: RawFile = document.parse()?;
    document.few("case", raw.case.iter().map(|case| case.span()))?;
    for raw in raw.case {
        let span = raw.span();
        let raw = raw.into_inner();
        if raw.name.get_ref().is_empty() {
            return Err(place.error(raw.name.span(), "a case needs a name"));
        }
        let same = |case: &&Written| case.label.name == *raw.name.get_ref();
        if let Some(Written { label, .. }) = cases.iter().find(same) {
            let text = format!(
                "a case with this name already exists at {}:{}",
                label.file, label.line
            );
            return Err(place.error(raw.name.span(), text));
        }
        if cases.len() == CASES {
            return Err(place.error(span, format!("a capsule has at most {CASES} cases")));
        }
        fixtures.next_case();
        check(raw.clone(), place, manifest, span.clone())?;
        cases.push(Written {
            label: Label {
                name: raw.name.get_ref().clone(),
                file: file.name.clone(),
                line: document.line(span.start),
            },
            file: Arc::clone(&file),
            raw,
            span,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
