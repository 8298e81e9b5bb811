//! The folders that a capsule is granted, each opened once.
//!
//! A path is resolved when its folder is first opened: when the capsule is loaded, or at
//! the next call after the grant was added. A folder that is renamed later stays the same
//! folder; a new one at the old path is a different folder.

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use super::{git, is_remote};
use crate::locked::lock;
use crate::policy::{AbsolutePath, FileAccess, Folder};
use crate::workspace::Workspace;

/// Why a granted folder cannot be opened for a capsule.
#[derive(Debug, thiserror::Error)]
#[error("the capsule cannot have the folder `{path}` (`{place}`)")]
#[non_exhaustive]
pub struct FolderError {
    /// Its name in the capsule.
    pub path: AbsolutePath,
    /// Where it is on the host, or in the workspace.
    pub place: AbsolutePath,
    /// The reason.
    #[source]
    pub cause: FolderCause,
}

/// What is wrong with a folder.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderCause {
    /// The host was set up without a workspace.
    #[error("this host has no workspace")]
    NoWorkspace,
    /// Its path contains a symbolic link, which could be changed to lead elsewhere.
    #[error("its path contains a symbolic link: grant the path that it leads to")]
    Link,
    /// Writing there would decide what git executes.
    #[error(
        "git executes files of a `.git` and of a repository without a work tree: grant a folder \
         that has none and is in none"
    )]
    Git,
    /// Git's configuration names this path, which is in it.
    #[error(
        "git's configuration makes git execute or read files in it (`{}`): grant a folder \
         without them", .0.display()
    )]
    Obeyed(PathBuf),
    /// Git may execute or read anything in it.
    #[error("git may execute or read any file in it: {0}; grant another folder")]
    ObeyedWhole(String),
    /// It is missing, not a folder, or not readable.
    #[error("it cannot be opened")]
    Open(#[source] io::Error),
}

/// Rejects an open folder, given its path, if git's configuration names something in it.
#[derive(Clone)]
pub(crate) struct Obeyed(Arc<Tell>);

type Tell = dyn Fn(BorrowedFd<'_>, &Path) -> Result<(), FolderCause> + Send + Sync;

impl Obeyed {
    pub(crate) fn new(
        tell: impl Fn(BorrowedFd<'_>, &Path) -> Result<(), FolderCause> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(tell))
    }
}

impl fmt::Debug for Obeyed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Obeyed").finish_non_exhaustive()
    }
}

/// The open folders of one loaded capsule.
#[derive(Debug)]
pub(crate) struct Folders {
    workspace: Option<Arc<Workspace>>,
    obeyed: Obeyed,
    open: Mutex<HashMap<AbsolutePath, OpenFolder>>,
}

#[derive(Debug, Clone)]
struct OpenFolder {
    file: Arc<File>,
    is_remote: bool,
}

impl Folders {
    /// Returns whether a folder is open already and using it cannot block.
    pub(crate) fn is_at_hand(&self, folder: &Folder<'_>) -> bool {
        // The search for what git obeys runs each time.
        if folder.access == FileAccess::ReadWrite {
            return false;
        }
        let open = lock(&self.open);
        let found = open.get(&folder.place);
        found.is_some_and(|found| !found.is_remote)
    }

    pub(crate) fn new(workspace: Option<Arc<Workspace>>, obeyed: Obeyed) -> Self {
        Self {
            workspace,
            obeyed,
            open: Mutex::default(),
        }
    }

    /// Returns the open folder for one that policy grants.
    pub(crate) fn get(&self, folder: &Folder<'_>) -> Result<Arc<File>, FolderError> {
        let place = &folder.place;
        let failed = |cause| FolderError {
            path: folder.request.path.clone(),
            place: place.clone(),
            cause,
        };
        // Without a lock: opening may take time, and other calls need other folders.
        let found = match self.opened(place) {
            Some(found) => found,
            None => {
                let found = self.open(place).map_err(failed)?;
                let mut open = lock(&self.open);
                open.entry(place.clone()).or_insert(found).clone()
            }
        };
        // Checked each time: a repository may have been created there since.
        if folder.access == FileAccess::ReadWrite {
            self.judge(&found.file).map_err(failed)?;
        }
        Ok(found.file)
    }

    /// Rejects a folder that git obeys, or that has such a folder in it.
    fn judge(&self, folder: &File) -> Result<(), FolderCause> {
        // A folder that has no path, or that cannot be examined, may be one.
        let path = git::path_of(folder).ok_or(FolderCause::Git)?;
        if git::is_in_git(&path) || git::has_git(folder) || path.ancestors().any(git::is_repository)
        {
            return Err(FolderCause::Git);
        }
        (self.obeyed.0)(folder.as_fd(), &path)
    }

    fn opened(&self, place: &AbsolutePath) -> Option<OpenFolder> {
        let open = lock(&self.open);
        open.get(place).cloned()
    }

    fn open(&self, place: &AbsolutePath) -> Result<OpenFolder, FolderCause> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let opened = match place.in_workspace() {
            None => rustix::fs::openat2(
                CWD,
                place.as_str(),
                flags,
                Mode::empty(),
                ResolveFlags::NO_SYMLINKS,
            ),
            Some(inside) => {
                let workspace = self.workspace.as_ref().ok_or(FolderCause::NoWorkspace)?;
                let inside = if inside.is_empty() { "." } else { inside };
                rustix::fs::openat2(
                    workspace.directory(),
                    inside,
                    flags,
                    Mode::empty(),
                    ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS,
                )
            }
        };
        let file = File::from(opened.map_err(|errno| match errno {
            Errno::LOOP => FolderCause::Link,
            errno => FolderCause::Open(errno.into()),
        })?);
        let is_remote = is_remote(&file).map_err(|errno| FolderCause::Open(errno.into()))?;
        Ok(OpenFolder {
            file: Arc::new(file),
            is_remote,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::fd::AsFd;
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::policy::{GrantSet, Permissions, Requests, WORKSPACE};

    /// Opens the first folder of a manifest's text with a grant's text.
    fn opened(folders: &Folders, asked: &str, grant: &str) -> Result<Arc<File>, FolderCause> {
        let text = format!("[capsule]\nid = \"a\"\nversion = \"1.0.0\"\n[[files]]\n{asked}");
        let manifest = crate::capsule::Manifest::parse("Capsule.toml", &text).expect("a manifest");
        let requests: &Requests = &manifest.requests;
        let grants: GrantSet = [grant.parse().expect("a grant")].into_iter().collect();
        let permissions = Permissions::new(requests, &grants);
        let given = permissions.folders();
        folders.get(&given[0]).map_err(|error| error.cause)
    }

    fn folders(workspace: Option<Workspace>) -> Folders {
        let named = |_: BorrowedFd<'_>, path: &Path| match path.file_name() {
            Some(name) if name == "named" => Err(FolderCause::Obeyed("hooks".into())),
            Some(name) if name == "whole" => Err(FolderCause::ObeyedWhole("too much".into())),
            _ => Ok(()),
        };
        Folders::new(workspace.map(Arc::new), Obeyed::new(named))
    }

    fn number(folder: impl AsFd) -> u64 {
        rustix::fs::fstat(folder).expect("it is open").st_ino
    }

    #[test]
    fn a_renamed_folder_stays_the_same() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path().canonicalize().expect("a path");
        let (data, old) = (root.join("data"), root.join("old"));
        fs::create_dir(&data).expect("a folder");
        let grant = format!("files:/data {}", data.display());
        let held = folders(None);
        let before = number(opened(&held, "path = \"/data\"", &grant).expect("it is there"));
        fs::rename(&data, old).expect("renamed");
        fs::create_dir(&data).expect("a folder");
        let after = opened(&held, "path = \"/data\"", &grant).expect("it is open");
        assert_eq!(number(after), before);
        let anew = opened(&folders(None), "path = \"/data\"", &grant).expect("it is there");
        assert_ne!(number(anew), before);
    }

    #[test]
    fn what_is_no_plain_folder_is_not_opened() {
        let root = tempfile::tempdir().expect("a folder");
        let root = root.path().canonicalize().expect("a path");
        fs::create_dir_all(root.join("data/below")).expect("folders");
        fs::create_dir_all(root.join("repository/.git/hooks")).expect("folders");
        fs::create_dir_all(root.join("bare/refs/heads")).expect("folders");
        fs::create_dir_all(root.join("bare/objects")).expect("folders");
        fs::create_dir(root.join("named")).expect("a folder");
        fs::create_dir(root.join("whole")).expect("a folder");
        fs::write(root.join("bare/HEAD"), "").expect("written");
        fs::write(root.join("file"), "").expect("written");
        symlink("data", root.join("link")).expect("a link");
        symlink("/etc", root.join("data/away")).expect("a link");
        let workspace = Workspace::open(&root).expect("a folder");
        let held = folders(Some(workspace));
        let shown = root.display();
        let read = "path = \"/x\"";
        let write = "path = \"/x\"\naccess = \"read-write\"";
        let judged = |asked: &str, grant: &str| match opened(&held, asked, grant) {
            Ok(_) => "opened",
            Err(FolderCause::NoWorkspace) => "no workspace",
            Err(FolderCause::Link) => "link",
            Err(FolderCause::Git) => "git",
            Err(FolderCause::Obeyed(what)) => {
                assert_eq!(what, Path::new("hooks"));
                "obeyed"
            }
            Err(FolderCause::ObeyedWhole(because)) => {
                assert_eq!(because, "too much");
                "obeyed whole"
            }
            Err(FolderCause::Open(_)) => "not opened",
        };
        for (asked, place, expected) in [
            (read, format!("{shown}/data"), "opened"),
            (read, format!("{shown}/data/below"), "opened"),
            (read, format!("{shown}/missing"), "not opened"),
            (read, format!("{shown}/file"), "not opened"),
            (read, format!("{shown}/link"), "link"),
            (read, format!("{shown}/link/below"), "link"),
            (read, format!("{WORKSPACE}/data"), "opened"),
            (read, WORKSPACE.to_owned(), "opened"),
            (read, format!("{WORKSPACE}/link"), "link"),
            (read, format!("{WORKSPACE}/data/away"), "link"),
            (read, format!("{shown}/repository"), "opened"),
            (write, format!("{shown}/data"), "opened"),
            (write, format!("{shown}/named"), "obeyed"),
            (write, format!("{WORKSPACE}/named"), "obeyed"),
            (read, format!("{shown}/named"), "opened"),
            (write, format!("{shown}/whole"), "obeyed whole"),
            (read, format!("{shown}/whole"), "opened"),
            (write, format!("{shown}/repository"), "git"),
            (write, format!("{WORKSPACE}/repository"), "git"),
            (write, format!("{shown}/repository/.git/hooks"), "git"),
            (write, format!("{shown}/bare"), "git"),
            (write, format!("{shown}/bare/refs/heads"), "git"),
            (write, format!("{WORKSPACE}/bare"), "git"),
            (read, format!("{shown}/bare"), "opened"),
        ] {
            let grant = format!("files-write:/x {place}");
            assert_eq!(judged(asked, &grant), expected, "{place}");
        }
        let without = opened(&folders(None), read, "files:/x /workspace");
        assert!(matches!(without, Err(FolderCause::NoWorkspace)));
    }
}
