//! The cases of a capsule: read from `cases/*.toml` beside its manifest, and
//! checked against it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use boll_host::capsule::{ConfigSource, ConfigValue, Manifest};
use boll_host::document::{Document, DocumentError};
use boll_host::policy::{AbsolutePath, Grant, Topic};
use toml::Spanned;

use super::content::{Content, Forms, Place};
use super::expect::Expect;
use super::hook::ScriptedHook;
use super::process::Processes;
use super::raw::{RawCase, RawFile};
use crate::args::ProcessMode;
use crate::failure::{Code, Done, Failure};
use crate::foreign;
use crate::project::Project;

/// The folder with the cases, beside the manifest.
pub(crate) const FOLDER: &str = "cases";

/// The time of a case that names none.
const DEFAULT_TIME: Duration = Duration::from_secs(60);

/// One `[[case]]`, checked.
pub(crate) struct Case {
    pub(crate) name: String,
    /// The file, as it is shown.
    pub(crate) file: String,
    pub(crate) line: usize,
    pub(super) call: Called,
    pub(super) payload: Vec<u8>,
    pub(super) principal: Option<String>,
    pub(super) config: Vec<(String, ConfigValue)>,
    /// `None`: all that the manifest asks for.
    pub(super) grants: Option<Vec<Grant>>,
    /// What the workspace is a copy of; `None` for an empty one.
    pub(super) workspace: Option<PathBuf>,
    /// What other folders of the capsule's are copies of.
    pub(super) files: BTreeMap<AbsolutePath, PathBuf>,
    pub(super) time: Duration,
    /// Whether processes are real; `None` where that is left to whoever runs it.
    pub(crate) mode: Option<ProcessMode>,
    pub(super) processes: Processes,
    pub(super) hooks: Vec<ScriptedHook>,
    pub(super) expect: Expect,
}

/// What is called.
pub(super) enum Called {
    Action(String),
    /// A topic is published to.
    Topic {
        topic: Topic,
        /// The action of the subscription that is meant, where several match.
        action: Option<String>,
    },
}

/// Reads all cases of a capsule, file by file in the order of their names.
pub(crate) fn read(project: &Project) -> Done<Vec<Case>> {
    let folder = project.folder().join(FOLDER);
    let mut files = case_files(&folder)?;
    files.sort();
    let mut cases: Vec<Case> = Vec::new();
    for file in files {
        let name = file.display().to_string();
        let text = foreign::text(&file)
            .map_err(|error| Failure::new(Code::Input, format!("cannot read {name}: {error}")))?;
        let document = Document::new(&name, &text);
        let place = Place {
            document: &document,
            folder: &folder,
        };
        read_file(place, &name, &project.manifest, &mut cases)?;
    }
    if cases.is_empty() {
        return Err(nothing(&project.manifest, &folder));
    }
    Ok(cases)
}

fn case_files(folder: &Path) -> Done<Vec<PathBuf>> {
    let failed = |error: &std::io::Error| {
        let text = format!("cannot list {}: {error}", folder.display());
        Failure::new(Code::Input, text)
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|error| failed(&error))?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| failed(&error))?.path();
        if path.extension().is_some_and(|ext| ext == "toml") {
            files.push(path);
        }
    }
    Ok(files)
}

/// There are no cases: how one is written.
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
    place: Place<'_>,
    file: &str,
    manifest: &Manifest,
    cases: &mut Vec<Case>,
) -> Result<(), DocumentError> {
    let raw: RawFile = place.document.parse()?;
    place
        .document
        .few("case", raw.case.iter().map(|case| case.span()))?;
    for raw in raw.case {
        let span = raw.span();
        let name = raw.get_ref().name.clone();
        if name.get_ref().is_empty() {
            return Err(place.error(name.span(), "a case needs a name"));
        }
        if let Some(same) = cases.iter().find(|case| case.name == *name.get_ref()) {
            let text = format!(
                "a case with this name stands at {}:{} already",
                same.file, same.line
            );
            return Err(place.error(name.span(), text));
        }
        let line = place.document.line(span.start);
        let case = check(raw.into_inner(), place, manifest, span)?;
        cases.push(Case {
            file: file.to_owned(),
            line,
            ..case
        });
    }
    Ok(())
}

fn check(
    raw: RawCase,
    place: Place<'_>,
    manifest: &Manifest,
    whole: std::ops::Range<usize>,
) -> Result<Case, DocumentError> {
    let payload = Forms {
        key: "payload",
        text: raw.payload,
        json: raw.payload_json,
        file: raw.payload_file,
    };
    let payload = payload.read(place)?.map(|(content, _)| content);
    let hooks = raw.hook.into_iter().map(|hook| {
        let span = hook.span();
        hook.into_inner().check(place, &manifest.id, span)
    });
    Ok(Case {
        call: called(place, raw.action, raw.topic, manifest, &whole)?,
        payload: payload.map(Content::into_bytes).unwrap_or_default(),
        principal: raw.principal,
        config: config(place, raw.config, manifest)?,
        grants: raw
            .grants
            .map(|grants| read_grants(place, grants))
            .transpose()?,
        workspace: raw
            .workspace
            .map(|path| fixture(place, &path))
            .transpose()?,
        files: files(place, raw.files, manifest)?,
        time: raw
            .timeout_ms
            .map_or(DEFAULT_TIME, |ms| Duration::from_millis(ms.get().into())),
        mode: raw.processes,
        processes: Processes::check(place, raw.process)?,
        hooks: hooks.collect::<Result<_, _>>()?,
        expect: raw.expect.check(place)?,
        name: raw.name.into_inner(),
        file: String::new(),
        line: 0,
    })
}

fn called(
    place: Place<'_>,
    action: Option<Spanned<String>>,
    topic: Option<Spanned<String>>,
    manifest: &Manifest,
    whole: &std::ops::Range<usize>,
) -> Result<Called, DocumentError> {
    if let Some(topic) = topic {
        let parsed: Result<Topic, _> = topic.get_ref().parse();
        return Ok(Called::Topic {
            topic: parsed.map_err(|error| place.error(topic.span(), error.to_string()))?,
            action: action.map(Spanned::into_inner),
        });
    }
    match (action, manifest.default_action()) {
        (Some(action), _) => Ok(Called::Action(action.into_inner())),
        (None, Some(default)) => Ok(Called::Action(default.name.clone())),
        (None, None) => Err(DocumentError {
            hint: Some("give it an `action`, or a `topic` that is published to".to_owned()),
            ..place.error(whole.clone(), "the manifest has no default action to call")
        }),
    }
}

fn config(
    place: Place<'_>,
    raw: BTreeMap<Spanned<String>, Spanned<toml::Value>>,
    manifest: &Manifest,
) -> Result<Vec<(String, ConfigValue)>, DocumentError> {
    let values = raw.into_iter().map(|(key, value)| {
        let Some(declared) = manifest.config.get(key.get_ref()) else {
            let text = format!(
                "the manifest declares no configuration key `{}`",
                key.get_ref()
            );
            return Err(place.error(key.span(), text));
        };
        let text = declared.value_type.check_toml(value.get_ref());
        let text = text.map_err(|unfit| place.error(value.span(), unfit.to_string()))?;
        Ok((key.into_inner(), ConfigValue::new(text, ConfigSource::Host)))
    });
    values.collect()
}

fn read_grants(
    place: Place<'_>,
    grants: Vec<Spanned<String>>,
) -> Result<Vec<Grant>, DocumentError> {
    let grants = grants.into_iter().map(|text| {
        let grant: Result<Grant, _> = text.get_ref().parse();
        let grant = grant.map_err(|error| place.error(text.span(), error.to_string()))?;
        match &grant {
            Grant::Files(files) if files.at.is_some() => Err(place.error(
                text.span(),
                "a case has folders of its own: grant the path, and name what is in it in \
                 [case.files]",
            )),
            Grant::SandboxNone => {
                Err(place.error(text.span(), "no case runs processes without a sandbox"))
            }
            _ => Ok(grant),
        }
    });
    grants.collect()
}

fn files(
    place: Place<'_>,
    raw: BTreeMap<Spanned<String>, Spanned<PathBuf>>,
    manifest: &Manifest,
) -> Result<BTreeMap<AbsolutePath, PathBuf>, DocumentError> {
    let files = raw.into_iter().map(|(path, fixture_path)| {
        let span = path.span();
        let path = AbsolutePath::try_from(path.into_inner());
        let path = path.map_err(|error| place.error(span.clone(), error.to_string()))?;
        let mut asked = manifest.requests.files.iter();
        if path.in_workspace().is_some() {
            return Err(place.error(
                span,
                "this is in the workspace: give the case a `workspace`",
            ));
        }
        if !asked.any(|request| request.path == path) {
            let text = format!("the manifest has no [[files]] for `{path}`");
            return Err(place.error(span, text));
        }
        Ok((path, fixture(place, &fixture_path)?))
    });
    files.collect()
}

/// A folder that is copied for a case.
fn fixture(place: Place<'_>, path: &Spanned<PathBuf>) -> Result<PathBuf, DocumentError> {
    let folder = place.path(path.get_ref());
    if folder.is_dir() {
        return Ok(folder);
    }
    let text = format!("there is no folder {}", folder.display());
    Err(place.error(path.span(), text))
}

#[cfg(test)]
mod tests;
