//! The operator's file: what each capsule is granted, and its configuration. The settings
//! of the host itself are in `settings` and `log`.
//!
//! ```toml
//! [capsule.git-report]
//! digest = "blake3:…"          # of the component; "any" matches every build
//! allow = ["process:git log **"]
//!
//! [capsule.git-report.config]
//! limit = 100
//! ```

mod changing;
mod config;
mod edit;
mod file;
mod folders;
mod form;
mod judging;
mod lock;
mod log;
mod mounts;
#[cfg(test)]
mod mutations;
mod pin;
mod private;
mod settings;
mod shown;
mod surroundings;
mod tools;
mod variables;
mod write;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use boll_host::capsule::{CapsuleId, Manifest};
use boll_host::document::{Document, DocumentError};
use boll_host::policy::{Confinement, Grant, GrantSet, Surroundings};
use boll_host::process::ProcessSettings;
use boll_host::sandbox::SandboxSettings;
use boll_host::services::log::LogRate;
use boll_host::{Digest, RuntimeLimits};
use serde::Deserialize;
use toml::Spanned;

use self::config::{OperatorConfig, RawConfig};
pub(crate) use self::folders::Unfit;
pub(crate) use self::log::LogFiles;
use self::log::{Log, RawLog};
use self::pin::Pin;
use self::settings::{RawGuest, RawProcess, RawSandbox, Settings};
pub(crate) use self::shown::how_to_show;
pub(crate) use self::tools::{Found, Tool};
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::foreign;
use crate::home;
use crate::mend::{mend, with_mend};
use crate::others::Others;
use crate::way::without_links;

/// The parsed operator's file. A missing file grants nothing.
pub(crate) struct Operator {
    path: PathBuf,
    text: String,
    capsules: BTreeMap<CapsuleId, CapsuleEntry>,
    settings: Settings,
    log: Log,
    /// The context that folders are judged in.
    host: Surroundings,
    /// Other users who are concerned, and whose folders count as well.
    others: Others,
    /// The folder that capsules see as their workspace, without links.
    workspace: Option<PathBuf>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    capsule: BTreeMap<CapsuleId, CapsuleEntry>,
    #[serde(default)]
    sandbox: RawSandbox,
    #[serde(default)]
    process: RawProcess,
    #[serde(default)]
    guest: RawGuest,
    #[serde(default)]
    log: RawLog,
}

impl RawFile {
    /// Adds the paths of the host's own that the file at `path` names.
    fn add_own(&self, path: &Path, host: &mut Surroundings) {
        if let Some(directory) = self.log.directory() {
            surroundings::add(host, directory, "the folder of the logs", true);
        }
        let folder = path.parent().unwrap_or(Path::new(""));
        let secrets = self.capsule.values().flat_map(|entry| &entry.secret_files);
        for (_, file) in secrets {
            let file = folder.join(file.get_ref());
            surroundings::add(host, &file, "a file with a secret", true);
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CapsuleEntry {
    digest: Spanned<Pin>,
    #[serde(default)]
    allow: Vec<Spanned<Grant>>,
    /// Grants that hold only where the workspace is the folder with this path.
    #[serde(default)]
    folders: BTreeMap<Spanned<String>, Vec<Spanned<Grant>>>,
    #[serde(default)]
    config: config::Values,
    #[serde(default)]
    fixed: config::Values,
    #[serde(default, rename = "secret-files")]
    secret_files: config::Files,
}

impl RawFile {
    fn check_counts(&self, document: &Document<'_>) -> Result<(), DocumentError> {
        let entries = self.capsule.values();
        document.few("capsule", entries.map(|entry| entry.digest.span()))?;
        for entry in self.capsule.values() {
            document.few("allow", entry.allow.iter().map(Spanned::span))?;
            document.few("folders", entry.folders.keys().map(Spanned::span))?;
            for (folder, grants) in &entry.folders {
                document.few(folder.get_ref(), grants.iter().map(Spanned::span))?;
                if !Path::new(folder.get_ref()).is_absolute() {
                    let text = format!("`{}` is not an absolute path", folder.get_ref());
                    return Err(document.error(Some(folder.span()), text));
                }
            }
            document.few("config", entry.config.keys().map(Spanned::span))?;
            document.few("fixed", entry.fixed.keys().map(Spanned::span))?;
            document.few("secret-files", entry.secret_files.keys().map(Spanned::span))?;
        }
        Ok(())
    }
}

impl CapsuleEntry {
    fn config(&self) -> RawConfig<'_> {
        RawConfig {
            config: &self.config,
            fixed: &self.fixed,
            secret_files: &self.secret_files,
        }
    }
}

/// The grants and the configuration that the operator gives to one capsule.
pub(crate) struct Given {
    pub(crate) allowed: Vec<Allowed>,
    pub(crate) config: OperatorConfig,
    /// Set if there are grants, but for another component.
    pub(crate) stale: Option<String>,
}

/// A grant in the operator's file.
pub(crate) struct Allowed {
    pub(crate) grant: Grant,
    /// The line that it is in.
    pub(crate) line: usize,
    /// The only workspace that it holds in, if there is one.
    pub(crate) folder: Option<String>,
}

/// An entry of the operator's file.
pub(crate) struct Entry {
    pub(crate) id: CapsuleId,
    /// The digest of the component that it applies to, or "any".
    pub(crate) digest: String,
    pub(crate) allow: Vec<Allowed>,
}

impl Given {
    /// Returns the grants in the file's order.
    pub(crate) fn grants(&self) -> GrantSet {
        let grants = self.allowed.iter().map(|allowed| allowed.grant.clone());
        grants.collect()
    }
}

impl Operator {
    /// Reads the given file, or the user's own. `exposed` are folders that are allowed in
    /// this run although they expose much.
    pub(crate) fn read(named: Option<&Path>, exposed: &[PathBuf]) -> Done<Self> {
        let path = match named {
            Some(path) => path.to_owned(),
            None => default_path(),
        };
        let text = match foreign::text(&path) {
            Err(error) if named.is_none() && is_nothing(&path, &error) => String::new(),
            Err(error) => {
                let text = format!("cannot read {}: {error}", path.display());
                let failure = Failure::new(Code::Input, text);
                return Err(match mend(&path) {
                    Some(mend) => failure.hint(mend),
                    None => failure,
                });
            }
            Ok(text) => text,
        };
        if !text.is_empty() {
            file::refuse_foreign(&path)?;
        }
        Self::parse(path, text, exposed)
    }

    /// Parses its text.
    fn parse(path: PathBuf, text: String, exposed: &[PathBuf]) -> Done<Self> {
        let name = path.display().to_string();
        let document = Document::new(&name, &text);
        let hide = |error| private::hide(&text, error);
        let file: RawFile = document.parse().map_err(config::without_values)?;
        file.check_counts(&document).map_err(hide)?;
        let mut host = surroundings::of(&path).or_fail(Code::Machine, || {
            "cannot find out which folders may be given".to_owned()
        })?;
        host.exposed = file.sandbox.exposed(&document).map_err(hide)?;
        host.exposed
            .extend(exposed.iter().map(|path| without_links(path)));
        file.add_own(&path, &mut host);
        let settings = Settings::check(&document, &host, file.sandbox, file.process, file.guest)
            .map_err(hide)?;
        let log = Log::check(&document, file.log).map_err(hide)?;
        Ok(Self {
            capsules: file.capsule,
            settings,
            log,
            host,
            others: Others::default(),
            workspace: None,
            path,
            text,
        })
    }

    /// Returns how the sandboxes of a workspace are built. The workspace's path has no
    /// links.
    pub(crate) fn sandbox(&self, workspace: &Path, protected: &[PathBuf]) -> Done<SandboxSettings> {
        let name = self.path.display().to_string();
        let document = Document::new(&name, &self.text);
        let settings = &self.settings;
        let sandbox = settings.sandbox(&document, &self.host, workspace, protected);
        Ok(sandbox.map_err(|error| private::hide(&self.text, error))?)
    }

    /// Returns how the sandboxes that are set up here confine processes.
    pub(crate) fn confinement(&self) -> Confinement {
        self.settings.confinement()
    }

    /// Returns the toolchains that processes may use, with what each consists of.
    pub(crate) fn tools(&self) -> &[(Tool, Found)] {
        self.settings.tools()
    }

    /// Returns how processes are run and ended.
    pub(crate) fn processes(&self) -> ProcessSettings {
        self.settings.processes()
    }

    /// Returns what calls may use.
    pub(crate) fn limits(&self) -> RuntimeLimits {
        self.settings.limits()
    }

    /// Returns how fast a capsule may log.
    pub(crate) fn log_rate(&self) -> LogRate {
        self.log.rate()
    }

    /// Returns the log files, if any are wanted, for a workspace whose path has no links.
    pub(crate) fn log_files(&self, workspace: &Path) -> Done<Option<LogFiles>> {
        let name = self.path.display().to_string();
        let document = Document::new(&name, &self.text);
        let shown = self.settings.read_only().chain([workspace]);
        let files = self.log.files(&document, shown);
        Ok(files.map_err(|error| private::hide(&self.text, error))?)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the entries of all capsules.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let entries = self.capsules.iter().map(|(id, entry)| Entry {
            id: id.clone(),
            digest: entry.digest.get_ref().text(),
            allow: self.allowed(entry),
        });
        entries.collect()
    }

    /// Has grants hold that are for one workspace only, whose path has no links.
    pub(crate) fn in_workspace(&mut self, workspace: &Path) {
        self.workspace = Some(workspace.to_owned());
    }

    /// Returns the workspace, if the file can name it.
    pub(crate) fn workspace(&self) -> Option<&str> {
        self.workspace.as_deref().and_then(Path::to_str)
    }

    /// Returns all grants of an entry.
    fn allowed(&self, entry: &CapsuleEntry) -> Vec<Allowed> {
        let name = self.path.display().to_string();
        let document = Document::new(&name, &self.text);
        let of_folders = entry.folders.iter().flat_map(|(folder, grants)| {
            let folder = folder.get_ref();
            grants.iter().map(move |grant| (grant, Some(folder)))
        });
        let everywhere = entry.allow.iter().map(|grant| (grant, None));
        let allowed = everywhere.chain(of_folders);
        let allowed = allowed.map(|(grant, folder)| Allowed {
            grant: grant.get_ref().clone(),
            line: document.line(grant.span().start),
            folder: folder.cloned(),
        });
        allowed.collect()
    }

    /// Returns whether a grant holds in the workspace.
    fn holds(&self, allowed: &Allowed) -> bool {
        let folder = allowed.folder.as_deref().map(Path::new);
        folder.is_none() || folder == self.workspace.as_deref()
    }

    /// Returns the grants to a capsule, whatever its component.
    pub(crate) fn expected_grants(&self, id: &CapsuleId) -> GrantSet {
        let entry = self.capsules.get(id);
        let mut allowed = entry.map_or_else(Vec::new, |entry| self.allowed(entry));
        allowed.retain(|allowed| self.holds(allowed));
        allowed.into_iter().map(|allowed| allowed.grant).collect()
    }

    /// Returns whether the entry for a capsule applies to one component only.
    pub(crate) fn is_pinned(&self, id: &CapsuleId) -> bool {
        let entry = self.capsules.get(id);
        entry.is_some_and(|entry| *entry.digest.get_ref() != Pin::Any)
    }

    /// Returns whether the entry for a capsule applies to every component.
    pub(crate) fn is_for_every_build(&self, id: &CapsuleId) -> bool {
        let entry = self.capsules.get(id);
        entry.is_some_and(|entry| *entry.digest.get_ref() == Pin::Any)
    }

    /// Returns a message if there are grants for a capsule, but not for this component.
    pub(crate) fn stale(&self, manifest: &Manifest, digest: Digest) -> Option<String> {
        let entry = self.capsules.get(&manifest.id)?;
        let pinned = *entry.digest.get_ref();
        let fits = pinned.fits(digest);
        let has_grants = !entry.allow.is_empty() || !entry.folders.is_empty();
        let withheld = has_grants || !entry.config().secrets(manifest).is_empty();
        (!fits && withheld).then(|| {
            format!(
                "{} has grants for it, but for another component: this one is {digest}",
                self.path.display()
            )
        })
    }

    /// Returns what this component of a capsule is given; without a component, what any
    /// component would get.
    pub(crate) fn given(&self, manifest: &Manifest, digest: Option<Digest>) -> Done<Given> {
        let Some(entry) = self.capsules.get(&manifest.id) else {
            return Ok(Given {
                allowed: Vec::new(),
                config: OperatorConfig::default(),
                stale: None,
            });
        };
        let pinned = *entry.digest.get_ref();
        let fits = pinned == Pin::Any || digest.is_some_and(|one| pinned.fits(one));
        let stale = digest.and_then(|digest| self.stale(manifest, digest));
        let name = self.path.display().to_string();
        let document = Document::new(&name, &self.text);
        let file = config::File {
            path: &self.path,
            document,
        };
        let config = entry.config().check(&file, manifest, fits)?;
        let mut allowed = self.allowed(entry);
        allowed.retain(|allowed| fits && self.holds(allowed));
        Ok(Given {
            allowed,
            config,
            stale,
        })
    }
}

/// Returns whether there is no file, as an error of reading it tells. In a folder that this user
/// may not enter there is none of this user's.
fn is_nothing(path: &Path, error: &io::Error) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound, PermissionDenied};
    match error.kind() {
        NotFound | NotADirectory => true,
        PermissionDenied if path.symlink_metadata().is_err() => {
            let text = format!("cannot read {}: {error}", path.display());
            tracing::warn!("no operator's file is read: {}", with_mend(&text, path));
            true
        }
        _ => false,
    }
}

/// Returns where the user's own file is. A user without a home folder has none.
fn default_path() -> PathBuf {
    match home::configuration_folder() {
        Ok(folder) => folder.join("boll.toml"),
        Err(failure) => {
            tracing::warn!(
                "no operator's file is read: {}; name one with --policy FILE",
                failure.message()
            );
            PathBuf::new()
        }
    }
}
