//! Which folders this user builds. Building runs what a folder brings: build
//! scripts, Makefiles, plug-ins of the tools. A folder is built when its user has
//! said so once, for the manifest that it has.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use boll_host::Digest;
use serde::{Deserialize, Serialize};

use crate::failure::{Code, Done, Failure};
use crate::question;
use crate::session;

/// Whether a build has to be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// The user named the folder to be built.
    Given,
    /// The user named it for something else.
    Ask,
}

impl Consent {
    /// By the flag `--build`.
    pub(crate) fn by_flag(build: bool) -> Self {
        if build { Self::Given } else { Self::Ask }
    }
}

/// What is kept of a folder that was built.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    /// For whoever looks at the record.
    folder: String,
    /// The digest of its manifest.
    manifest: String,
    /// The component, where one was made.
    component: Option<PathBuf>,
}

/// Asks for a folder that was not built before with this manifest; off a
/// terminal that is refused. Gives whether it was consented to just now.
pub(crate) fn require(folder: &Path, manifest: &str, consent: Consent) -> Done<bool> {
    if is_trusted(folder, manifest) {
        return Ok(false);
    }
    if consent == Consent::Given {
        return Ok(true);
    }
    let shown = folder.display();
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    let refusal = || {
        let text = format!(
            "{shown} was not built here before, or its Capsule.toml has changed since: building it \
             runs its own build scripts as you"
        );
        let word = shlex::try_quote(&folder.to_string_lossy())
            .map_or_else(|_| shown.to_string(), |word| word.into_owned());
        Failure::new(Code::NotGranted, text)
            .hint(format!(
                "to build it, and to trust it from then on: boll build {word}"
            ))
            .hint("or add --build")
    };
    if !terminal {
        return Err(refusal());
    }
    question::tell(&format!(
        "{shown} was not built here before, or its Capsule.toml has changed since.\nBuilding it \
         runs the project's own build scripts as you: they can do whatever you can."
    ))?;
    match question::ask("Build it?", &["no", "yes, and whenever its sources change"])? {
        Some(1) => Ok(true),
        _ => Err(refusal()),
    }
}

/// Keeps that a folder was built. What cannot be kept is asked for again.
pub(crate) fn remember(folder: &Path, manifest: &str, component: Option<&Path>) {
    let write = || -> io::Result<()> {
        let path = record_path(folder).ok_or(io::ErrorKind::NotFound)?;
        let record = Record {
            folder: folder.display().to_string(),
            manifest: Digest::of(manifest.as_bytes()).to_string(),
            component: component.map(Path::to_owned),
        };
        let parent = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent)?;
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        file.write_all(&serde_json::to_vec(&record)?)?;
        file.persist(&path)?;
        Ok(())
    };
    if let Err(error) = write() {
        tracing::warn!(
            "cannot remember that {} was built: {error}",
            folder.display()
        );
    }
}

/// All folders whose building was consented to.
pub(crate) fn folders() -> Vec<PathBuf> {
    let records = session::state_folder().map(|state| state.join("built"));
    let records = records.map(|folder| fs::read_dir(folder).into_iter().flatten());
    let records = records.into_iter().flatten().flatten();
    let texts = records.filter_map(|record| fs::read(record.path()).ok());
    let folders = texts.filter_map(|text| serde_json::from_slice::<Record>(&text).ok());
    folders.map(|record| PathBuf::from(record.folder)).collect()
}

/// The component that was built of a folder last.
pub(crate) fn component(folder: &Path) -> Option<PathBuf> {
    record(folder)?.component
}

fn is_trusted(folder: &Path, manifest: &str) -> bool {
    let digest = Digest::of(manifest.as_bytes()).to_string();
    record(folder).is_some_and(|record| record.manifest == digest) || is_own(folder)
}

/// Whether a folder is part of the checkout that this program was built from:
/// whoever runs the program has run that checkout's build scripts.
fn is_own(folder: &Path) -> bool {
    own_checkouts().iter().any(|own| {
        folder
            .strip_prefix(own)
            .is_ok_and(|inside| !inside.starts_with("target"))
    })
}

/// The checkouts of Boll that this program comes from: where it was built, and
/// where it is.
pub(crate) fn own_checkouts() -> Vec<PathBuf> {
    let program = std::env::current_exe().and_then(|path| path.canonicalize());
    let program = program.unwrap_or_default();
    let built = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .and_then(|folder| folder.canonicalize().ok())
        // Another user may have made a folder of this name here.
        .filter(|folder| program.starts_with(folder) || is_mine(folder));
    let around = program.ancestors().map(Path::to_owned);
    let mut found: Vec<PathBuf> = built.into_iter().chain(around).collect();
    found.retain(|folder| {
        ["host/cli/Cargo.toml", "guest-sdk/Cargo.toml", "wit"]
            .iter()
            .all(|name| folder.join(name).exists())
    });
    found.dedup();
    found
}

fn is_mine(path: &Path) -> bool {
    let me = nix::unistd::geteuid().as_raw();
    path.metadata()
        .is_ok_and(|data| [0, me].contains(&data.uid()) && data.mode() & 0o002 == 0)
}

/// The record of a folder. One that others could have written says nothing.
fn record(folder: &Path) -> Option<Record> {
    let path = record_path(folder)?;
    let metadata = path.metadata().ok()?;
    let me = nix::unistd::geteuid().as_raw();
    let mine = [0, me].contains(&metadata.uid()) && metadata.mode() & 0o022 == 0;
    let text = mine.then(|| fs::read(&path).ok()).flatten()?;
    serde_json::from_slice(&text).ok()
}

/// Where the record of a folder is, whose path has no links.
fn record_path(folder: &Path) -> Option<PathBuf> {
    let name = Digest::of(folder.as_os_str().as_bytes()).to_string();
    let name = name.replace("blake3:", "");
    Some(
        session::state_folder()
            .ok()?
            .join("built")
            .join(name + ".json"),
    )
}
