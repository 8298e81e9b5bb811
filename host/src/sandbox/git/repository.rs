//! Finds repositories on the host, as git does, without running git.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::names;

/// The most that is read of a configuration.
const CONFIG_MAX: u64 = 1 << 20;
/// The most that is read of an index: some hundred thousand files.
const INDEX_MAX: u64 = 64 << 20;
/// The most that is read of a file that names a path.
const NAME_MAX: u64 = 16 << 10;

/// A repository with the directories that git reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Repository {
    /// The top of its work tree; `None` for one that has none.
    pub(super) top: Option<PathBuf>,
    /// The directory of this work tree.
    pub(super) git_dir: PathBuf,
    /// The directory that its work trees share; often the same.
    pub(super) common_dir: PathBuf,
}

/// What `.git` of a folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DotGit {
    /// Not there, or an empty directory, which git passes over.
    Nothing,
    /// A directory that is no repository, or what is neither file nor directory; git
    /// passes over it, too.
    Invalid,
    /// A file that leads to no repository; git stops at it.
    Broken,
    /// The repository.
    Repository(Repository),
}

/// What `.git` of this folder is.
pub(super) fn dot_git(folder: &Path) -> DotGit {
    let path = folder.join(".git");
    let Ok(metadata) = fs::metadata(&path) else {
        return DotGit::Nothing;
    };
    if metadata.is_dir() {
        return match Repository::of(path.clone(), Some(folder.into())) {
            Some(repository) => DotGit::Repository(repository),
            None if is_empty(&path) => DotGit::Nothing,
            None => DotGit::Invalid,
        };
    }
    if !metadata.is_file() {
        return DotGit::Invalid;
    }
    let directory = target(&path).map(|target| names::plain(&folder.join(target)));
    directory
        .and_then(|directory| Repository::of(directory, Some(folder.into())))
        .map_or(DotGit::Broken, DotGit::Repository)
}

impl Repository {
    /// The repository whose directory this is, if it is one.
    pub(super) fn of(git_dir: PathBuf, top: Option<PathBuf>) -> Option<Self> {
        if !has_head(&git_dir) {
            return None;
        }
        let common_dir = match read(&git_dir.join("commondir"), NAME_MAX) {
            Some(text) => names::plain(&git_dir.join(names::line(&text)?)),
            None => git_dir.clone(),
        };
        let has = |name| common_dir.join(name).is_dir();
        (has("objects") && has("refs")).then_some(Self {
            top,
            git_dir,
            common_dir,
        })
    }

    /// Whether it is that of a linked work tree.
    pub(super) fn is_linked(&self) -> bool {
        self.git_dir != self.common_dir
    }
}

/// Whether there is a `HEAD` that a repository could have.
pub(super) fn has_head(directory: &Path) -> bool {
    let path = directory.join("HEAD");
    match fs::read_link(&path) {
        Ok(target) => target.as_os_str().as_bytes().starts_with(b"refs/"),
        Err(_) => read(&path, NAME_MAX).is_some_and(|text| names::is_head(&text)),
    }
}

pub(super) fn is_empty(directory: &Path) -> bool {
    fs::read_dir(directory).is_ok_and(|mut entries| entries.next().is_none())
}

/// Whether nothing is at a path, or only what holds the name.
pub(super) fn is_nothing(path: &Path) -> bool {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => is_empty(path),
        Ok(metadata) => metadata.is_file() && metadata.len() == 0,
        Err(_) => true,
    }
}

/// The directories that a `.git` leads to, whether they are there or not.
pub(super) fn led_to(folder: &Path) -> Vec<PathBuf> {
    let path = folder.join(".git");
    let led = target(&path).map(|target| names::plain(&folder.join(target)));
    let git_dir = led.clone().unwrap_or(path);
    let common = path_to(&git_dir, &git_dir.join("commondir"));
    led.into_iter().chain(common).collect()
}

/// Where a `.git` that is a file leads, as it says.
pub(super) fn target(file: &Path) -> Option<PathBuf> {
    names::gitfile(&read(file, NAME_MAX)?)
}

/// A configuration; of one that is not there, nothing.
pub(super) fn config(path: &Path) -> io::Result<Vec<u8>> {
    match read_all(path, CONFIG_MAX) {
        Err(error) if is_missing(&error) => Ok(Vec::new()),
        read => read,
    }
}

/// An index.
pub(super) fn index(path: &Path) -> io::Result<Vec<u8>> {
    read_all(path, INDEX_MAX)
}

/// Whether nothing is there that git would read.
pub(super) fn is_missing(error: &io::Error) -> bool {
    use io::ErrorKind::{IsADirectory, NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory | IsADirectory)
}

/// All of a regular file, which is not larger than `most`.
fn read_all(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let file = open(path)?;
    let mut text = Vec::new();
    file.take(most + 1).read_to_end(&mut text)?;
    if text.len() as u64 > most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

/// A file of a remote, as git had them before its configuration.
pub(super) fn old_remote(file: &Path) -> Option<Vec<u8>> {
    read(file, NAME_MAX)
}

/// The top of a linked work tree, as its directory in the repository says, whether it
/// is there or not.
pub(super) fn work_tree(git_dir: &Path) -> Option<PathBuf> {
    let path = path_in(&git_dir.join("gitdir"))?;
    match path.file_name() == Some(OsStr::new(".git")) {
        true => path.parent().map(Into::into),
        false => Some(path),
    }
}

/// A path that a file names, relative to the file's directory.
pub(super) fn path_in(file: &Path) -> Option<PathBuf> {
    path_to(file.parent()?, file)
}

fn path_to(base: &Path, file: &Path) -> Option<PathBuf> {
    let target = names::line(&read(file, NAME_MAX)?)?;
    Some(names::plain(&base.join(target)))
}

/// The beginning of a regular file. Never waits: it may be a FIFO.
fn read(path: &Path, most: u64) -> Option<Vec<u8>> {
    let mut text = Vec::new();
    let file = open(path).ok()?;
    file.take(most).read_to_end(&mut text).ok()?;
    Some(text)
}

fn open(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_file() {
        Ok(file)
    } else if metadata.is_dir() {
        Err(io::ErrorKind::IsADirectory.into())
    } else {
        Err(io::ErrorKind::InvalidInput.into())
    }
}
