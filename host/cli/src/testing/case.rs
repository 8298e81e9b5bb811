//! One case, checked against the capsule's manifest.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use boll_host::capsule::{ConfigSource, ConfigValue, Manifest};
use boll_host::document::DocumentError;
use boll_host::policy::{AbsolutePath, Grant, Topic};
use toml::Spanned;

use super::ProcessMode;
use super::content::{CaseSource, Content, Forms};
use super::expect::Expect;
use super::hook::ScriptedHook;
use super::process::Processes;
use super::raw::RawCase;

/// The time limit of a case that sets none.
pub(super) const DEFAULT_TIME: Duration = Duration::from_secs(60);

/// One `[[case]]`, checked.
pub(crate) struct Case {
    pub(super) call: Called,
    pub(super) payload: Vec<u8>,
    pub(super) principal: Option<String>,
    pub(super) config: Vec<(String, ConfigValue)>,
    /// `None` for everything that the manifest asks for.
    pub(super) grants: Option<Vec<Grant>>,
    /// The folder to copy as the workspace, from the capsule's folder; `None` for an empty one.
    pub(super) workspace: Option<PathBuf>,
    /// The folders to copy as other folders of the capsule.
    pub(super) files: BTreeMap<AbsolutePath, PathBuf>,
    pub(super) time: Duration,
    /// Whether processes are real; `None` if the user decides.
    pub(crate) mode: Option<ProcessMode>,
    pub(super) processes: Processes,
    pub(super) hooks: Vec<ScriptedHook>,
    pub(super) expect: Expect,
}

/// The call.
pub(super) enum Called {
    Action(String),
    /// A topic is published to.
    Topic {
        topic: Topic,
        /// The action of the subscription that is meant, where several match.
        action: Option<String>,
    },
}

/// Checks a case, and reads the files that it names.
pub(super) fn check(
    raw: RawCase,
    place: CaseSource<'_>,
    manifest: &Manifest,
    whole: std::ops::Range<usize>,
) -> Result<Case, DocumentError> {
    let payload = Forms::of("payload", raw.payload, raw.payload_json, raw.payload_file);
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
            .map(|grants| check_grants(place, grants))
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
    })
}

fn called(
    place: CaseSource<'_>,
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
        (None, None) => {
            let hint = "give it an `action`, or a `topic` that is published to";
            let message = "the manifest has no default action to call";
            let error = place.error(whole.clone(), message);
            Err(error.with_hint(Some(hint.to_owned())))
        }
    }
}

fn config(
    place: CaseSource<'_>,
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

fn check_grants(
    place: CaseSource<'_>,
    grants: Vec<Spanned<String>>,
) -> Result<Vec<Grant>, DocumentError> {
    let grants = grants.into_iter().map(|text| {
        let refused = |why: &str| Err(place.error(text.span(), why));
        let grant: Grant = match text.get_ref().parse() {
            Ok(grant) => grant,
            Err(error) => return refused(&error.to_string()),
        };
        match &grant {
            Grant::Files(files) if files.at.is_some() => refused(
                "a case has folders of its own: grant the path, and name what is in it in \
                 [case.files]",
            ),
            Grant::SandboxNone => refused("no case runs processes without a sandbox"),
            Grant::Files(_)
            | Grant::Process { .. }
            | Grant::WorkspaceWrite
            | Grant::WorkspaceGit
            | Grant::NetworkHost
            | Grant::Network(_)
            | Grant::Publish(_)
            | Grant::Subscribe(_) => Ok(grant),
            // Until it is judged here, a kind that is added later is refused.
            _ => refused("no case grants this"),
        }
    });
    grants.collect()
}

fn files(
    place: CaseSource<'_>,
    raw: BTreeMap<Spanned<AbsolutePath>, Spanned<PathBuf>>,
    manifest: &Manifest,
) -> Result<BTreeMap<AbsolutePath, PathBuf>, DocumentError> {
    let files = raw.into_iter().map(|(path, fixture_path)| {
        let (span, path) = (path.span(), path.into_inner());
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

/// Returns the place of a folder to copy for a case.
fn fixture(place: CaseSource<'_>, path: &Spanned<PathBuf>) -> Result<PathBuf, DocumentError> {
    let folder = place.fixtures.folder(path.get_ref());
    folder.map_err(|unfit| place.unfit(path.span(), unfit))
}
