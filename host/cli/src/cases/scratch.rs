//! A folder that is made for a case and removed with it, whatever processes did to it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::beneath::Beneath;

/// A folder of a case. Its files are reached by the open folder, out of which no name and
/// no link leads, whoever made it.
pub(crate) struct Scratch {
    /// `None` once it is removed.
    made: Option<TempDir>,
    /// The path without links.
    path: PathBuf,
    open: Beneath,
}

impl Scratch {
    pub(crate) fn make() -> io::Result<Self> {
        let made = tempfile::Builder::new().prefix("boll-test-").tempdir()?;
        let path = made.path().canonicalize()?;
        let open = Beneath::open(&path)?;
        Ok(Self {
            made: Some(made),
            path,
            open,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn open(&self) -> &Beneath {
        &self.open
    }

    /// Removes it, including folders that a process or the case has closed.
    fn remove(&mut self) -> io::Result<()> {
        match self.made.take().map(TempDir::close) {
            None | Some(Ok(())) => Ok(()),
            Some(Err(_)) => {
                self.open.unlock()?;
                fs::remove_dir_all(&self.path)
            }
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = self.remove() {
            tracing::warn!("{} is left: {error}", self.path.display());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn closed_folders_are_removed_and_links_are_not_followed() {
        let victim = tempfile::tempdir().expect("a folder");
        let mode = |path: &Path| fs::metadata(path).expect("it").permissions().mode() & 0o777;
        fs::set_permissions(victim.path(), fs::Permissions::from_mode(0o500)).expect("set");
        let scratch = Scratch::make().expect("a folder");
        let path = scratch.path().to_owned();
        for closed in ["closed", "open/closed"] {
            let closed = path.join(closed);
            fs::create_dir_all(closed.join("below")).expect("folders");
            symlink(victim.path(), closed.join("link")).expect("a link");
            fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("set");
        }
        symlink(victim.path(), path.join("link")).expect("a link");
        drop(scratch);
        assert!(fs::symlink_metadata(&path).is_err());
        assert_eq!(mode(victim.path()), 0o500);
    }
}
