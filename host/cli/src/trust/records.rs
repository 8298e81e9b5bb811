//! The records of the folders that a user agreed to build, one file each in the user's state
//! folder.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use boll_host::Digest;
use boll_host::hard_links::has_other_names;
use serde::{Deserialize, Serialize};

use crate::foreign::{self, about};
use crate::home;
use crate::mend::with_mend;
use crate::users::{User, is_missing};
use crate::way::without_links;

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
pub(super) struct Record {
    /// For people who read the record.
    pub(super) folder: String,
    /// The digest of its manifest.
    pub(super) manifest: String,
    /// The component, if one was built.
    pub(super) component: Option<PathBuf>,
    /// The identity of the folder that had that name. Records of earlier versions lack
    /// it.
    #[serde(default)]
    pub(super) identity: Option<Identity>,
}

/// The identity of a folder, whatever replaces it later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
    pub(super) owner: u32,
    /// When it was made, in nanoseconds since 1970, where the file system keeps that: the
    /// number of a folder that is gone may be the next one's.
    #[serde(default)]
    pub(super) born: Option<u64>,
}

impl Identity {
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        let data = fs::symlink_metadata(folder)?;
        Ok(Self {
            device: data.dev(),
            inode: data.ino(),
            owner: data.uid(),
            born: data.created().ok().and_then(nanoseconds),
        })
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
        let text = format!(
            "cannot remember that {} was built: {error}",
            folder.display()
        );
        let path = record_path(folder);
        let path = path.as_deref().and_then(Path::parent);
        let text = path.map_or_else(|| text.clone(), |path| with_mend(&text, path));
        tracing::warn!("{text}");
    }
}

/// Returns the records in a folder, one after the other, of at most `each` bytes, and `left`
/// together. An entry that is not a file, or not a record, means nothing to Boll.
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
    home::state_folder().map_or_else(|_| Vec::new(), |state| folders_by(&state))
}

/// Returns the same for the account that this program runs as, whose home is another one than
/// this run's.
pub(crate) fn folders_elsewhere(account: &User) -> Vec<PathBuf> {
    folders_by(&account.state())
}

/// Returns the same by the records in a state folder. What cannot be read gives no consent.
fn folders_by(state: &Path) -> Vec<PathBuf> {
    let all = records(&state.join("built"), RECORD_BYTES, u64::MAX);
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

/// Returns the record of a folder. A record that others could have written does not
/// count.
pub(super) fn record(folder: &Path) -> Option<Record> {
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

/// Returns the file in which consent to a folder is kept, if it is.
pub(crate) fn kept_in(folder: &Path) -> Option<PathBuf> {
    record_path(folder).filter(|path| path.is_file())
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
