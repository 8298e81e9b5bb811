//! `Capsule.toml`: what a capsule is and what it asks for.
//!
//! Pure: turns text into a [`Manifest`], or into an error with its position.

mod files;
mod instance;
mod interfaces;
mod network;
mod requires;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

use self::interfaces::RawInterface;
use self::network::RawNetwork;
use super::CapsuleId;
use super::config_key::{ConfigKey, RawConfigKey};
use crate::document::{Document, DocumentError};
use crate::policy::{FilesRequest, ProcessRequest, PublishRequest, Requests, Subscription};
pub use instance::{InstanceMode, InstanceRequest, ServiceRequest};
use instance::{RawInstance, RawService};

/// A capsule's manifest, checked.
///
/// ```
/// use boll_host::capsule::Manifest;
///
/// let manifest = Manifest::parse("Capsule.toml", r#"
///     [capsule]
///     id = "git-report"
///     version = "0.2.0"
///
///     [[process]]
///     program = "git"
///     args = ["log", "**"]
/// "#)?;
/// assert_eq!(manifest.id.as_str(), "git-report");
/// assert_eq!(manifest.requests.processes[0].args.to_string(), "log **");
/// # Ok::<(), boll_host::document::DocumentError>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Manifest {
    /// The capsule's id.
    pub id: CapsuleId,
    /// The capsule's version.
    pub version: semver::Version,
    /// What it does, in a line.
    pub description: Option<String>,
    /// The component, relative to the manifest; `None` when it is built from
    /// the manifest's folder.
    pub component: Option<PathBuf>,
    /// The tool that builds it; `None` when the folder's content decides.
    pub build: Option<BuildTool>,
    /// What it asks for, which the operator may grant.
    pub requests: Requests,
    /// The configuration that it reads, by key.
    pub config: BTreeMap<String, ConfigKey>,
    /// The actions that it offers.
    pub actions: Vec<Action>,
    /// How it is instantiated, and what an instance may use.
    pub instance: InstanceRequest,
    /// How its run loop is started, if it has one.
    pub service: ServiceRequest,
    /// The capsules that it needs, and their versions.
    pub requires: BTreeMap<CapsuleId, semver::VersionReq>,
}

/// A tool that builds a component from a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum BuildTool {
    /// `cargo build` for the target `wasm32-wasip2`.
    Cargo,
    /// `go generate` and `go build`, whose core module is turned into a component.
    Go,
    /// `make`, which writes `dist/capsule.wasm`.
    Make,
    /// `npm run build`, which writes `dist/capsule.wasm`.
    Npm,
    /// componentize-py, in a virtual environment of the project, as configured in its
    /// `pyproject.toml`.
    Python,
}

/// One `[[action]]`: something that the capsule's handler does by name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Action {
    /// The name.
    pub name: String,
    /// What it does, in a line.
    pub description: Option<String>,
    /// Whether it is called when no action is named.
    #[serde(default)]
    pub default: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    capsule: RawCapsule,
    build: Option<RawBuild>,
    #[serde(default)]
    process: Vec<Spanned<ProcessRequest>>,
    #[serde(default)]
    network: Vec<Spanned<RawNetwork>>,
    #[serde(default)]
    interface: Vec<Spanned<RawInterface>>,
    #[serde(default)]
    files: Vec<Spanned<FilesRequest>>,
    #[serde(default)]
    config: BTreeMap<Spanned<String>, RawConfigKey>,
    #[serde(default)]
    action: Vec<Spanned<Action>>,
    #[serde(default)]
    hook: Vec<Spanned<Subscription>>,
    #[serde(default)]
    publish: Vec<Spanned<PublishRequest>>,
    #[serde(default)]
    instance: RawInstance,
    #[serde(default)]
    service: RawService,
    #[serde(default)]
    requires: BTreeMap<Spanned<String>, Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCapsule {
    id: CapsuleId,
    version: semver::Version,
    description: Option<String>,
    component: Option<Spanned<PathBuf>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBuild {
    tool: Spanned<BuildTool>,
}

impl Raw {
    fn check_counts(&self, document: &Document<'_>) -> Result<(), DocumentError> {
        document.few("process", self.process.iter().map(Spanned::span))?;
        document.few("network", self.network.iter().map(Spanned::span))?;
        document.few("interface", self.interface.iter().map(Spanned::span))?;
        document.few("files", self.files.iter().map(Spanned::span))?;
        document.few("config", self.config.keys().map(Spanned::span))?;
        document.few("action", self.action.iter().map(Spanned::span))?;
        document.few("hook", self.hook.iter().map(Spanned::span))?;
        document.few("publish", self.publish.iter().map(Spanned::span))?;
        document.few("requires", self.requires.keys().map(Spanned::span))
    }
}

impl Manifest {
    /// Parses a manifest. `name` is its name in errors.
    ///
    /// # Errors
    ///
    /// Invalid TOML, unknown or missing keys, invalid values, more bytes or entries than
    /// a document may have ([`Document::BYTES`], [`Document::ENTRIES`]): each with its
    /// line and column.
    pub fn parse(name: &str, text: &str) -> Result<Self, DocumentError> {
        let document = Document::new(name, text);
        let raw: Raw = document.parse()?;
        raw.check_counts(&document)?;
        if let (Some(component), Some(build)) = (&raw.capsule.component, &raw.build) {
            return Err(document.error(
                Some(build.tool.span()),
                format!(
                    "a capsule has either a component (`{}`) or a build, not both",
                    component.get_ref().display()
                ),
            ));
        }
        Ok(Self {
            version: raw.capsule.version,
            description: raw.capsule.description,
            component: raw.capsule.component.map(Spanned::into_inner),
            build: raw.build.map(|build| build.tool.into_inner()),
            requests: Requests {
                processes: with_lines(&document, raw.process),
                publish: raw.publish.into_iter().map(Spanned::into_inner).collect(),
                subscribe: check_hooks(&document, raw.hook)?,
                files: files::check(&document, raw.files)?,
                network: network::check(&document, raw.network)?,
                interfaces: interfaces::check(&document, raw.interface)?,
            },
            config: check_config(&document, raw.config)?,
            actions: check_actions(&document, raw.action)?,
            instance: raw.instance.check(&document)?,
            service: raw.service.request(),
            requires: requires::check(&document, raw.requires, &raw.capsule.id)?,
            id: raw.capsule.id,
        })
    }

    /// Returns the action to call when none is named: the one marked as the default, or
    /// the only one.
    #[must_use]
    pub fn default_action(&self) -> Option<&Action> {
        match self.actions.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|action| action.default),
        }
    }
}

fn with_lines(
    document: &Document<'_>,
    requests: Vec<Spanned<ProcessRequest>>,
) -> Vec<ProcessRequest> {
    requests
        .into_iter()
        .map(|request| ProcessRequest {
            line: Some(document.line(request.span().start)),
            ..request.into_inner()
        })
        .collect()
}

fn check_hooks(
    document: &Document<'_>,
    raw: Vec<Spanned<Subscription>>,
) -> Result<Vec<Subscription>, DocumentError> {
    if let Some(nameless) = raw.iter().find(|hook| hook.get_ref().action.is_empty()) {
        return Err(document.error(Some(nameless.span()), "a hook needs the name of an action"));
    }
    Ok(raw.into_iter().map(Spanned::into_inner).collect())
}

fn check_config(
    document: &Document<'_>,
    raw: BTreeMap<Spanned<String>, RawConfigKey>,
) -> Result<BTreeMap<String, ConfigKey>, DocumentError> {
    raw.into_iter()
        .map(|(name, key)| {
            let key = key.check(document, &name)?;
            Ok((name.into_inner(), key))
        })
        .collect()
}

fn check_actions(
    document: &Document<'_>,
    raw: Vec<Spanned<Action>>,
) -> Result<Vec<Action>, DocumentError> {
    let mut names = BTreeSet::new();
    let mut defaults = 0;
    for action in &raw {
        let span = Some(action.span());
        let Action { name, default, .. } = action.get_ref();
        if name.is_empty() {
            return Err(document.error(span, "an action needs a name"));
        }
        if !names.insert(name) {
            return Err(document.error(span, format!("the action `{name}` is listed twice")));
        }
        defaults += usize::from(*default);
        if defaults > 1 {
            return Err(document.error(span, "only one action can be the default"));
        }
    }
    Ok(raw.into_iter().map(Spanned::into_inner).collect())
}

#[cfg(test)]
mod tests;
