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

/// The purpose for which consent is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Build,
    /// To run the cases of a component that is there already.
    Cases,
}

/// The words in which consent is asked for.
struct Words {
    done: &'static str,
    effect: &'static str,
    question: &'static str,
    /// The hint before the command that does it, and consents.
    to: &'static str,
    command: &'static str,
    flag: Option<&'static str>,
}

impl Purpose {
    fn words(self) -> Words {
        match self {
            Self::Build => Words {
                done: "built",
                effect: "building it runs its own build scripts as you, and they can do \
                         whatever you can",
                question: "Build it?",
                to: "to build it",
                command: "boll build",
                flag: Some("or add --build"),
            },
            Self::Cases => Words {
                done: "tested",
                effect: "its cases let its component do all that its manifest asks for, on the \
                         network too",
                question: "Run its cases?",
                to: "to run them",
                command: "boll test --trust",
                flag: None,
            },
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
    let (words, shown) = (purpose.words(), folder.display());
    let why = others.why_asked(words.done);
    let mine = matches!(others, Others::None);
    let text = format!("{shown} {why}: {}", words.effect);
    let refusal = || {
        let failure = Failure::new(Code::NotGranted, &*text);
        let name = shlex::try_quote(&folder.to_string_lossy())
            .map_or_else(|_| shown.to_string(), |name| name.into_owned());
        let (to, command) = (words.to, words.command);
        if !mine || !home::keeps_state() {
            // What another command consents to is forgotten before this one comes again.
            let failure = match purpose {
                Purpose::Build => {
                    failure.hint("to build it this once: add --build, or --trust to `boll test`")
                }
                Purpose::Cases => failure,
            };
            return failure.hint(format!("{to} this once:\n{command} {name}"));
        }
        let failure = failure.hint(format!(
            "{to}, and to trust it from then on:\n{command} {name}"
        ));
        match words.flag {
            Some(flag) => failure.hint(flag),
            None => failure,
        }
    };
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        return Err(refusal());
    }
    question::tell(&text)?;
    let yes = match mine {
        true => "yes, and whenever its sources change",
        false => "yes, this once",
    };
    match question::ask(words.question, &["no", yes])? {
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
    fn why_asked(&self, done: &str) -> String {
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

/// Returns the records in a folder, one after the other, of at most `each` bytes, and `left`
/// together. An
/// entry that is not a file, or not a record, means nothing to Boll.
fn records(
    built: &Path,
    each: u64,
    mut left: u64,
) -> io::Result<impl Iterator<Item = io::Result<Option<Record>>> + use<>> {
    let mut read = move |path: PathBuf| {
        match fs::metadata(&path) {
            Ok(data) if data.is_file() => {}
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(about(&path, &error)),
        }
        let text = foreign::bytes(&path, left.min(each)).map_err(|error| about(&path, &error))?;
        left = left.saturating_sub(text.len() as u64);
        Ok(serde_json::from_slice(&text).ok())
    };
    let entries = match is_missing(built) {
        true => None,
        false => Some(fs::read_dir(built).map_err(|error| about(built, &error))?),
    };
    Ok(entries
        .into_iter()
        .flatten()
        .map(move |entry| read(entry?.path())))
}

/// Returns all folders that this user agreed to build, except those that are gone or that
/// another folder has replaced: Boll asks again before it builds there.
pub(crate) fn folders() -> Vec<PathBuf> {
    let built = home::state_folder().map(|state| state.join("built"));
    let all = built.map(|built| {
        records(&built, RECORD_BYTES, u64::MAX)
            .into_iter()
            .flatten()
    });
    let all = all.into_iter().flatten().flatten().flatten();
    all.filter_map(|record| {
        let folder = PathBuf::from(record.folder);
        may_be_there(&folder, record.identity).then_some(folder)
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
    let refused = |text: String| Err(about(&built, &io::Error::other(text)));
    let (mut found, mut lookups) = (Vec::new(), LOOKUPS);
    for (count, record) in records(&built, RECORDS_BYTES, RECORDS_BYTES)?.enumerate() {
        if count == RECORDS {
            return refused(format!("there are more than {RECORDS} records"));
        }
        let folder = record?.map(|record| PathBuf::from(record.folder));
        // No folder has a longer path.
        let is_path =
            |folder: &PathBuf| folder.as_os_str().len() <= PATH_BYTES && folder.is_absolute();
        if let Some(folder) = folder.filter(is_path) {
            let steps = folder.components().count();
            let Some(rest) = lookups.checked_sub(steps * steps) else {
                return refused("the folders in the records lie too deep".to_owned());
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
