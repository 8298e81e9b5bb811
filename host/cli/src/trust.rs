//! Which folders this user agreed to build. A build runs code from the folder: build
//! scripts, Makefiles, plug-ins of the tools. A folder is built once its user has agreed,
//! for the manifest that it has.

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use boll_host::Digest;
use boll_host::hard_links::has_other_names;
use serde::{Deserialize, Serialize};

use crate::failure::{Code, Done, Failure};
use crate::foreign::{self, about};
use crate::home;
use crate::kept::{changeable_in, is_shared, replaceable_in};
use crate::question;
use crate::users::{User, is_missing};
use crate::way::without_links;

/// Whether the user has to be asked before a build.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Consent {
    /// The user named the folder to be built.
    Given,
    /// The user named it for something else.
    Ask,
}

impl Consent {
    /// Returns the consent that the flag `--build` gives.
    pub(crate) fn by_flag(build: bool) -> Self {
        if build { Self::Given } else { Self::Ask }
    }
}

/// The most records of another user that are read, and their most bytes in total:
/// otherwise that user could have root read without end. A record has some hundred bytes.
const RECORDS: usize = 10_000;
/// The largest record.
const RECORD_BYTES: u64 = 64 << 10;
const RECORDS_BYTES: u64 = 16 << 20;

/// How often the kernel may be asked for a part of a path, to see where the folders in
/// another user's records lead: for each part, it looks up all parts before it again.
const LOOKUPS: usize = 10_000_000;

/// The longest path that the kernel accepts.
const PATH_BYTES: usize = 4096;

/// The record of a folder that was built.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    /// For people who read the record.
    folder: String,
    /// The digest of its manifest.
    manifest: String,
    /// The component, if one was built.
    component: Option<PathBuf>,
    /// The identity of the folder that had that name. Records of earlier versions lack
    /// it.
    #[serde(default)]
    identity: Option<Identity>,
}

/// The identity of a folder, whatever replaces it later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Identity {
    device: u64,
    inode: u64,
    owner: u32,
    /// When it was made, in nanoseconds since 1970, where the file system keeps that: the
    /// number of a folder that is gone may be the next one's.
    #[serde(default)]
    born: Option<u64>,
}

impl Identity {
    fn of(folder: &Path) -> io::Result<Self> {
        let data = fs::symlink_metadata(folder)?;
        Ok(Self {
            device: data.dev(),
            inode: data.ino(),
            owner: data.uid(),
            born: data.created().ok().and_then(nanoseconds),
        })
    }
}

/// What consent to a folder is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Build,
    /// To run the cases of a component that is there already.
    Cases,
}

impl Purpose {
    /// Returns what comes of it.
    fn effect(self) -> &'static str {
        match self {
            Self::Build => "building it runs its own build scripts as you",
            Self::Cases => {
                "its cases let its component do all that its manifest asks for, on the network too"
            }
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Build => "built",
            Self::Cases => "tested",
        }
    }

    /// Returns the hint with the command that does it, and consents.
    fn line(self, folder: &str) -> String {
        match self {
            Self::Build => {
                format!("to build it, and to trust it from then on:\nboll build {folder}")
            }
            Self::Cases => {
                format!("to run them, and to trust it from then on:\nboll test --trust {folder}")
            }
        }
    }

    /// Returns the same for a folder that another user may change.
    fn line_once(self, folder: &str) -> String {
        match self {
            Self::Build => format!("to build it this once:\nboll build {folder}"),
            Self::Cases => format!("to run them this once:\nboll test --trust {folder}"),
        }
    }
}

/// Asks for a folder that was not consented to before with this manifest; without a
/// terminal, that is refused. Returns whether the user agreed just now.
pub(crate) fn require(
    folder: &Path,
    manifest: &str,
    purpose: Purpose,
    consent: Consent,
) -> Done<bool> {
    let others = Others::of(folder);
    if matches!(others, Others::None) && is_trusted(folder, manifest) {
        return Ok(false);
    }
    if consent == Consent::Given {
        return Ok(true);
    }
    let shown = folder.display();
    let why = others.why_asked(purpose);
    let mine = matches!(others, Others::None);
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    let refusal = || {
        let text = format!("{shown} {why}: {}", purpose.effect());
        let word = shlex::try_quote(&folder.to_string_lossy())
            .map_or_else(|_| shown.to_string(), |word| word.into_owned());
        let failure = Failure::new(Code::NotGranted, text);
        if !mine {
            return failure.hint(purpose.line_once(&word));
        }
        let failure = failure.hint(purpose.line(&word));
        match purpose {
            Purpose::Build => failure.hint("or add --build"),
            Purpose::Cases => failure,
        }
    };
    if !terminal {
        return Err(refusal());
    }
    let (more, question) = match purpose {
        Purpose::Build => (
            "Building it runs the project's own build scripts as you: they can do whatever you can.",
            "Build it?",
        ),
        Purpose::Cases => (
            "Its cases have its component do all that its manifest asks for, on the network too.",
            "Run its cases?",
        ),
    };
    question::tell(&format!("{shown} {why}.\n{more}"))?;
    let yes = match mine {
        true => "yes, and whenever its sources change",
        false => "yes, this once",
    };
    match question::ask(question, &["no", yes])? {
        Some(1) => Ok(true),
        _ => Err(refusal()),
    }
}

/// Who else may change what is in a folder: consent says nothing about what another user
/// puts there later.
enum Others {
    None,
    /// The owner.
    Owner,
    /// Whoever may change or replace this.
    At(PathBuf),
    /// That cannot be found out.
    Unknown(io::Error),
}

impl Others {
    fn of(folder: &Path) -> Self {
        if !is_mine(folder) {
            return Self::Owner;
        }
        match changeable_in(folder) {
            Ok(None) => Self::None,
            Ok(Some(path)) => Self::At(path),
            Err(error) => Self::Unknown(error),
        }
    }

    /// Returns why the folder is not used without a question.
    fn why_asked(&self, purpose: Purpose) -> String {
        let done = purpose.done();
        match self {
            Self::None => {
                format!("was not {done} here before, or its Capsule.toml has changed since")
            }
            Self::Owner => "belongs to another user, who may change its files".to_owned(),
            Self::At(path) => format!(
                "can be changed by other users of this machine, who may write {}",
                path.display()
            ),
            Self::Unknown(error) => {
                format!("may be changed by other users of this machine: {error}")
            }
        }
    }
}

/// Records that a folder was built. If that fails, the user is asked again next time.
pub(crate) fn remember(folder: &Path, manifest: &str, component: Option<&Path>) {
    let write = || -> io::Result<()> {
        let path = record_path(folder).ok_or(io::ErrorKind::NotFound)?;
        // Under another name it would not be protected from running processes.
        let name = folder.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
        let record = Record {
            folder: name.to_owned(),
            manifest: Digest::of(manifest.as_bytes()).to_string(),
            component: component.map(Path::to_owned),
            identity: Some(Identity::of(folder)?),
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

/// Returns all folders that this user agreed to build, except those that are gone or that
/// another folder has replaced: Boll asks again before it builds there.
pub(crate) fn folders() -> Vec<PathBuf> {
    let records = home::state_folder().map(|state| state.join("built"));
    let records = records.map(|folder| fs::read_dir(folder).into_iter().flatten());
    let records = records.into_iter().flatten().flatten();
    records
        .filter_map(|entry| {
            let text = foreign::bytes(&entry.path(), RECORD_BYTES).ok()?;
            let record: Record = serde_json::from_slice(&text).ok()?;
            let folder = PathBuf::from(record.folder);
            let counts = may_be_there(&folder, record.identity);
            counts.then_some(folder)
        })
        .collect()
}

/// Returns whether a folder is the one that was recorded, or could become it: no folder that
/// is made later has its time of birth.
fn may_be_there(folder: &Path, recorded: Option<Identity>) -> bool {
    let Some(recorded) = recorded else {
        // Nothing is consented to without an identity.
        return false;
    };
    match Identity::of(folder) {
        Ok(identity) => identity == recorded || recorded.born.is_none(),
        Err(error) => error.kind() != io::ErrorKind::NotFound || recorded.born.is_none(),
    }
}

fn nanoseconds(time: SystemTime) -> Option<u64> {
    let since = time.duration_since(UNIX_EPOCH).ok()?;
    u64::try_from(since.as_nanos()).ok()
}

/// Returns all folders that another user agreed to build.
///
/// # Errors
///
/// That user's records cannot be read, or are more than the limit.
pub(crate) fn folders_of(user: &User) -> io::Result<Vec<PathBuf>> {
    let built = user.state().join("built");
    if is_missing(&built) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let (mut left, mut lookups) = (RECORDS_BYTES, LOOKUPS);
    let entries = fs::read_dir(&built).map_err(|error| about(&built, &error))?;
    for (count, entry) in entries.enumerate() {
        if count == RECORDS {
            let text = format!("there are more than {RECORDS} records");
            return Err(about(&built, &io::Error::other(text)));
        }
        let path = entry.map_err(|error| about(&built, &error))?.path();
        // An entry that is not a file, or not a record, means nothing to that user's Boll
        // either.
        match fs::metadata(&path) {
            Ok(data) if data.is_file() => {}
            Ok(_) => continue,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(about(&path, &error)),
        }
        let text = foreign::bytes(&path, left).map_err(|error| about(&path, &error))?;
        left = left.saturating_sub(text.len() as u64);
        let record = serde_json::from_slice::<Record>(&text).ok();
        // No folder has a longer path.
        let record = record.filter(|record| record.folder.len() <= PATH_BYTES);
        let Some(folder) = record.map(|record| PathBuf::from(record.folder)) else {
            continue;
        };
        if folder.is_absolute() {
            let steps = folder.components().count();
            let Some(rest) = lookups.checked_sub(steps * steps) else {
                let error = io::Error::other("the folders in the records lie too deep");
                return Err(about(&built, &error));
            };
            lookups = rest;
            found.push(folder);
        }
    }
    Ok(found)
}

/// Returns the folders that another user agreed to build and also owns.
///
/// Others count only if the user is concerned anyway: an account writes its records
/// itself, and with a record alone could keep root from writing in any folder of root's.
/// A user who builds a folder of root's accepts what root does to it.
///
/// # Errors
///
/// That user's records cannot be read.
pub(crate) fn own_folders_of(user: &User) -> io::Result<Vec<PathBuf>> {
    let mut folders = folders_of(user)?;
    folders.retain(|folder| is_own_folder_of(user, folder));
    Ok(folders)
}

/// Returns whether a user owns the recorded folder. Records have paths without links: a
/// path that leads elsewhere by now, perhaps by a link of that user, gives no consent.
fn is_own_folder_of(user: &User, folder: &Path) -> bool {
    let plain = without_links(folder) == folder;
    let data = fs::symlink_metadata(folder);
    plain && data.is_ok_and(|data| data.is_dir() && data.uid() == user.uid)
}

/// Returns the component that was last built from a folder.
pub(crate) fn component(folder: &Path) -> Option<PathBuf> {
    record(folder)?.component
}

fn is_trusted(folder: &Path, manifest: &str) -> bool {
    is_consented(record(folder).as_ref(), folder, manifest) || is_own(folder)
}

/// Returns whether a record is about this very folder: another user may have replaced the
/// folder that the consent was for.
fn is_consented(record: Option<&Record>, folder: &Path, manifest: &str) -> bool {
    let digest = Digest::of(manifest.as_bytes()).to_string();
    let identity = Identity::of(folder).ok();
    record.is_some_and(|record| {
        record.manifest == digest && identity.is_some() && record.identity == identity
    }) && is_mine(folder)
}

/// Returns whether a folder is part of the checkout that this program was built from: a
/// user who runs the program has run that checkout's build scripts.
fn is_own(folder: &Path) -> bool {
    let checkouts = trusted_checkouts();
    let inside = checkouts.iter().any(|own| {
        folder
            .strip_prefix(own)
            .is_ok_and(|inside| !inside.starts_with("target"))
    });
    inside && is_kept(folder)
}

/// The paths that identify a checkout of Boll.
const MARKS: [&str; 3] = ["host/cli/Cargo.toml", "guest-sdk/Cargo.toml", "wit"];

/// Returns the folders that look like checkouts of Boll and that this program comes from:
/// where it was built, and where it is. Others may have made one of them.
pub(crate) fn own_checkouts() -> Vec<PathBuf> {
    let program = std::env::current_exe().and_then(|path| path.canonicalize());
    checkouts(&program.unwrap_or_default())
}

/// Returns those of them in which nobody else can have put anything.
pub(crate) fn trusted_checkouts() -> Vec<PathBuf> {
    let mut found = own_checkouts();
    found.retain(|folder| is_trusted_checkout(folder));
    found
}

fn checkouts(program: &Path) -> Vec<PathBuf> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .and_then(|folder| folder.canonicalize().ok());
    let around = program.ancestors().map(Path::to_owned);
    let mut found: Vec<PathBuf> = built.into_iter().chain(around).collect();
    found.retain(|folder| MARKS.iter().all(|name| folder.join(name).exists()));
    found.dedup();
    found
}

fn is_trusted_checkout(folder: &Path) -> bool {
    is_kept(folder) && MARKS.iter().all(|name| is_kept(&folder.join(name)))
}

/// Returns whether a file or folder, whose path has no links, belongs to this user or
/// root, and whether others can neither move nor change it.
fn is_kept(path: &Path) -> bool {
    let shared = fs::symlink_metadata(path).is_ok_and(|data| is_shared(path, &data));
    is_mine(path) && !shared && matches!(replaceable_in(path, None), Ok(None))
}

/// Returns whether a file or folder belongs to this user or root.
fn is_mine(path: &Path) -> bool {
    let me = nix::unistd::geteuid().as_raw();
    fs::symlink_metadata(path).is_ok_and(|data| [0, me].contains(&data.uid()))
}

/// Returns the record of a folder. A record that others could have written does not
/// count.
fn record(folder: &Path) -> Option<Record> {
    let path = record_path(folder)?;
    let metadata = path.metadata().ok()?;
    let me = nix::unistd::geteuid().as_raw();
    let mine = [0, me].contains(&metadata.uid()) && metadata.mode() & 0o022 == 0;
    let mine = mine && !has_other_names(&path, &metadata);
    let text = mine
        .then(|| foreign::bytes(&path, RECORD_BYTES).ok())
        .flatten()?;
    serde_json::from_slice(&text).ok()
}

/// Returns the path of a folder's record. The folder's path has no links.
fn record_path(folder: &Path) -> Option<PathBuf> {
    let name = Digest::of(folder.as_os_str().as_bytes()).to_string();
    let name = name.replace("blake3:", "");
    Some(
        home::state_folder()
            .ok()?
            .join("built")
            .join(name + ".json"),
    )
}

#[cfg(test)]
mod tests;
