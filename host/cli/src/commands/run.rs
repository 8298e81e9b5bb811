//! `boll run`: one call to a capsule.

use std::env;
use std::path::{Path, PathBuf};

use boll_host::Outcome;
use boll_host::capsule::Manifest;
use clap::Args;
use serde::Serialize;

use super::{Verb, one_among};
use crate::args::{App, HostArgs, SessionArgs};
use crate::complete;
use crate::denials::Denials;
use crate::failure::{Code, Done, Failure};
use crate::host::setup::set_up;
use crate::operator::Operator;
use crate::payload::{self, Shown};
use crate::project::{MANIFEST, Project};
use crate::report;

/// Run a capsule: build it if it is stale, call an action, print the reply
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The capsule's folder, or its Capsule.toml [default: the current folder]
    #[arg(value_name = "CAPSULE", add = complete::capsule())]
    capsule: Option<PathBuf>,

    /// The action to call [default: the manifest's default action]. In a capsule's folder, it may
    /// be the only word, if there is no file of that name
    #[arg(add = complete::action())]
    action: Option<String>,

    #[command(flatten)]
    pub(super) session: SessionArgs,
}

impl Verb for Run {
    fn host(&self) -> Option<&HostArgs> {
        Some(&self.session.host)
    }

    fn run(&self, app: &App) -> Done {
        let (capsule, action) = self.named(Path::new(""));
        self.call(Project::open(&capsule)?, action, app.operator()?, app)
    }
}

impl Run {
    /// Returns a run of a capsule with nothing else given.
    pub(super) fn of(capsule: PathBuf) -> Self {
        Self {
            capsule: Some(capsule),
            action: None,
            session: SessionArgs::default(),
        }
    }

    /// Returns the capsule and the action: a single word that names no file is an action of the
    /// capsule in the current folder.
    fn named(&self, here: &Path) -> (PathBuf, Option<String>) {
        let current = || PathBuf::from(".");
        let Some(first) = &self.capsule else {
            return (current(), None);
        };
        let is_word = first.components().count() == 1 && !first.has_root();
        let is_action = self.action.is_none()
            && is_word
            && here.join(MANIFEST).is_file()
            && here.join(first).symlink_metadata().is_err();
        match first.to_str().filter(|_| is_action) {
            Some(action) => (current(), Some(action.to_owned())),
            None => (first.clone(), self.action.clone()),
        }
    }

    /// Returns the words of a command line that explains what this run denies, up to the capsule.
    fn explain(&self, project: &Project, app: &App) -> Vec<String> {
        let HostArgs {
            workspace, allow, ..
        } = &self.session.host;
        let mut words = vec![env::args().next().unwrap_or_default(), "explain".to_owned()];
        words.extend(app.flags(workspace.as_deref()));
        for allow in allow.iter().filter(|allow| allow.capsule.is_none()) {
            words.extend(["--allow".to_owned(), allow.grant.to_string()]);
        }
        words.push(project.folder().display().to_string());
        words
    }

    /// Grants, loads, calls, and prints the reply.
    pub(super) fn call(
        &self,
        project: Project,
        action: Option<String>,
        mut operator: Operator,
        app: &App,
    ) -> Done {
        let SessionArgs {
            with,
            config,
            call,
            host,
        } = &self.session;
        let action = chosen(action, &project.manifest)?;
        let actions = actions(&project.manifest);
        let payload = payload::read(call)?;
        let (id, explain) = (project.manifest.id.clone(), self.explain(&project, app));
        let capsules = one_among(project, with)?;
        let host = set_up(capsules, &mut operator, host, config, &app.reporter)?;
        let denials = Denials::default();
        let outcome = host.audit(denials.clone()).run(async |runtime, capsules| {
            let id = capsules[0].wanted.id();
            Ok(runtime.invoke(id, &action, payload, call.options()).await?)
        })?;
        let unknown = matches!(outcome, Outcome::UnknownAction(_));
        let denied = denials.of(&id, &explain);
        let reply = match reply(outcome) {
            Ok(reply) => reply,
            Err(failure) if unknown => return Err(failure.hint(actions)),
            Err(failure) => return Err(denied.into_iter().fold(failure, Failure::hint)),
        };
        for denied in denied {
            app.reporter.note(&denied);
        }
        if app.is_json() {
            report::json(&json(reply))
        } else {
            report::reply(&reply.1, call.raw)
        }
    }
}

/// Returns the action to call: the one that was named, which the manifest lists if it lists
/// any, or the default one.
pub(super) fn chosen(named: Option<String>, manifest: &Manifest) -> Done<String> {
    let default = || Some(manifest.default_action()?.name.clone());
    let action = named.or_else(default).ok_or_else(|| {
        let text = format!("{} has no default action: name one", manifest.id);
        Failure::new(Code::Input, text).hint(actions(manifest))
    })?;
    let mut listed = manifest.actions.iter();
    if manifest.actions.is_empty() || listed.any(|listed| listed.name == action) {
        return Ok(action);
    }
    let text = format!("the manifest of {} lists no action `{action}`", manifest.id);
    Err(Failure::new(Code::Input, text).hint(actions(manifest)))
}

/// Returns which actions a manifest lists.
fn actions(manifest: &Manifest) -> String {
    if manifest.actions.is_empty() {
        return "the manifest lists no [[action]]".to_owned();
    }
    let names = manifest.actions.iter().map(|action| action.name.as_str());
    format!("it has: {}", names.collect::<Vec<_>>().join(", "))
}

/// Returns the kind of a reply and its payload; other outcomes are failures.
pub(super) fn reply(outcome: Outcome) -> Done<(&'static str, Vec<u8>)> {
    let (code, reason) = match outcome {
        Outcome::Continue(payload) => return Ok(("continue", payload.unwrap_or_default())),
        Outcome::Final(payload) => return Ok(("final", payload)),
        Outcome::Deny(reason) => (Code::Capsule, format!("the capsule denied: {reason}")),
        Outcome::UnknownAction(action) => (
            Code::Input,
            format!("the capsule knows no action `{action}`"),
        ),
        Outcome::InvalidPayload(reason) => (
            Code::Input,
            format!("the capsule cannot use the payload: {reason}"),
        ),
        Outcome::Failed(reason) => (Code::Capsule, format!("the capsule failed: {reason}")),
    };
    Err(Failure::new(code, reason))
}

/// A reply as JSON.
#[derive(Debug, Serialize)]
pub(super) struct Reply {
    outcome: &'static str,
    #[serde(flatten)]
    payload: Shown,
}

/// Returns a reply as it is shown as JSON.
pub(super) fn json((outcome, payload): (&'static str, Vec<u8>)) -> Reply {
    Reply {
        outcome,
        payload: Shown::of(&payload),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_single_word_is_an_action_only_where_it_can_be_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let named = |words: &[&str]| {
            let run = Run {
                capsule: words.first().map(PathBuf::from),
                action: words.get(1).map(|&word| word.to_owned()),
                session: SessionArgs::default(),
            };
            let (capsule, action) = run.named(folder.path());
            (capsule.display().to_string(), action)
        };
        let is =
            |capsule: &str, action: Option<&str>| (capsule.to_owned(), action.map(str::to_owned));
        assert_eq!(named(&[]), is(".", None));
        assert_eq!(named(&["greet"]), is("greet", None), "no capsule is here");
        fs::write(folder.path().join(MANIFEST), "").expect("written");
        fs::create_dir(folder.path().join("other")).expect("a folder");
        assert_eq!(named(&["greet"]), is(".", Some("greet")));
        assert_eq!(named(&["other"]), is("other", None));
        assert_eq!(named(&["other", "greet"]), is("other", Some("greet")));
        for path in [".", "..", "./greet", "/greet", "a/b"] {
            assert_eq!(named(&[path]), is(path, None));
        }
    }
}
