//! The folders of one case: a workspace and what else the capsule asks for, all
//! copies that are removed afterwards.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use boll_host::capsule::Manifest;
use boll_host::policy::{AbsolutePath, Confinement, Grant, GrantSet, InvalidPath, Permissions};
use tempfile::TempDir;

use super::case::Case;

/// The folders of one case.
pub(super) struct Folders {
    root: TempDir,
    /// The path without links on its way.
    path: PathBuf,
}

impl Folders {
    /// Makes those that the case needs.
    pub(super) fn make(case: &Case, manifest: &Manifest) -> io::Result<Self> {
        let root = tempfile::Builder::new().prefix("boll-test-").tempdir()?;
        let path = root.path().canonicalize()?;
        let folders = Self { root, path };
        fs::create_dir(folders.workspace())?;
        if let Some(fixture) = &case.workspace {
            copy(fixture, &folders.workspace())?;
        }
        for request in &manifest.requests.files {
            let folder = folders.of(&request.path);
            fs::create_dir_all(&folder)?;
            if let Some(fixture) = case.files.get(&request.path) {
                copy(fixture, &folder)?;
            }
        }
        Ok(folders)
    }

    pub(super) fn workspace(&self) -> PathBuf {
        self.path.join("workspace")
    }

    /// Where the host keeps its record of what was installed.
    pub(super) fn records(&self) -> PathBuf {
        self.path.join("installed")
    }

    /// Where a folder that the manifest asks for is.
    fn of(&self, path: &AbsolutePath) -> PathBuf {
        match path.in_workspace() {
            Some(inside) => self.workspace().join(inside),
            None => self.path.join("files").join(&path.as_str()[1..]),
        }
    }

    /// What the capsule is granted: what the case says, or else all that the
    /// manifest asks for. Folders are the case's own, and none of the machine's.
    pub(super) fn grants(&self, case: &Case, manifest: &Manifest) -> Result<GrantSet, InvalidPath> {
        let granted = case.grants.clone().unwrap_or_else(|| {
            let nothing = GrantSet::default();
            Permissions::new(&manifest.requests, &nothing).missing(Confinement::Sandboxed)
        });
        granted.into_iter().map(|grant| self.moved(grant)).collect()
    }

    fn moved(&self, grant: Grant) -> Result<Grant, InvalidPath> {
        Ok(match grant {
            Grant::Files(mut files) if files.path.in_workspace().is_none() => {
                let place = self.of(&files.path).display().to_string();
                files.at = Some(AbsolutePath::try_from(place)?);
                Grant::Files(files)
            }
            grant => grant,
        })
    }

    /// Removes them.
    pub(super) fn remove(self) -> io::Result<()> {
        self.root.close()
    }
}

/// What `.git` is called in a fixture: no repository takes in another one's.
const GIT: &str = "dot-git";

/// Copies what is in a folder. Links are copied as links.
fn copy(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name();
        let name = if name == GIT { ".git".into() } else { name };
        let (source, target) = (entry.path(), to.join(name));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            fs::create_dir_all(&target)?;
            copy(&source, &target)?;
        } else if kind.is_symlink() {
            symlink(fs::read_link(&source)?, &target)?;
        } else if !kind.is_file() {
            let text = format!("{} is neither a file nor a folder", source.display());
            return Err(io::Error::other(text));
        } else {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}
