//! Where a case happens: its workspace and the folder beside it. Its files are reached
//! by the open folders, out of which no name and no link leads, whoever made it.

use std::io;
use std::path::Path;

use tempfile::TempDir;

use super::case::FileOfCase;
use super::case::reach::{self, Root};
use crate::beneath::Beneath;

/// The two folders of a case, which are removed with it.
pub(super) struct Ground {
    workspace: Folder,
    outside: Folder,
}

struct Folder {
    folder: TempDir,
    open: Beneath,
}

impl Folder {
    fn make() -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let open = Beneath::open(folder.path())?;
        Ok(Self { folder, open })
    }
}

impl Ground {
    pub(super) fn make() -> io::Result<Self> {
        Ok(Self {
            workspace: Folder::make()?,
            outside: Folder::make()?,
        })
    }

    pub(super) fn workspace(&self) -> &Path {
        self.workspace.folder.path()
    }

    /// The folder beside the workspace, as cases are given its name.
    pub(super) fn outside(&self) -> String {
        self.outside.folder.path().display().to_string()
    }

    /// Where a file of the case is: an open folder, and a path in it.
    pub(super) fn at<'a>(&self, name: &'a str) -> io::Result<(&Beneath, &'a Path)> {
        let located = reach::locate(name, &self.outside()).map_err(io::Error::other)?;
        let folder = match located.root {
            Root::Workspace => &self.workspace,
            Root::Outside => &self.outside,
        };
        Ok((&folder.open, located.path))
    }

    /// Puts a file or folder there.
    pub(super) fn place(&self, file: &FileOfCase) -> io::Result<()> {
        let (folder, path) = self.at(&file.path)?;
        match &file.text {
            None => drop(folder.make_folders(path)?),
            Some(text) => {
                folder.make_folders(path.parent().unwrap_or(Path::new("")))?;
                folder.write(path, text.as_bytes())?;
            }
        }
        match &file.mode {
            None => Ok(()),
            Some(mode) => folder.set_mode(path, reach::mode(mode).map_err(io::Error::other)?),
        }
    }

    /// Lets a folder that was closed be removed with the rest. A process may have put
    /// something else in its place.
    pub(super) fn open_again(&self, file: &FileOfCase) {
        if file.mode.is_some()
            && let Ok((folder, path)) = self.at(&file.path)
        {
            // It may be gone.
            let _ = folder.set_mode(path, 0o755);
        }
    }

    /// Something that was left beside the workspace.
    pub(super) fn left(&self) -> io::Result<Option<String>> {
        let names = self.outside.open.names(usize::MAX)?;
        let name = names.first();
        Ok(name.map(|name| self.outside.folder.path().join(name).display().to_string()))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn file(path: &str, text: Option<&str>, mode: Option<&str>) -> FileOfCase {
        FileOfCase {
            path: path.to_owned(),
            text: text.map(str::to_owned),
            mode: mode.map(str::to_owned),
        }
    }

    #[test]
    fn files_of_a_case_lie_in_its_folders_and_nowhere_else() {
        let ground = Ground::make().expect("folders");
        let victim = tempfile::tempdir().expect("a folder");
        let outside = ground.outside();
        for path in ["a/b", &format!("{outside}/c")] {
            ground
                .place(&file(path, Some("x"), Some("640")))
                .expect(path);
            let (folder, path) = ground.at(path).expect("it");
            assert_eq!(folder.text(path).expect("it"), "x");
        }
        assert!(ground.left().expect("it").expect("a file").ends_with("/c"));
        let there = victim.path().display().to_string();
        for path in [
            &format!("{there}/new") as &str,
            &format!("{outside}-too/new"),
            &format!("{outside}/../new"),
            "../new",
            "a/../../new",
            "",
        ] {
            ground.place(&file(path, Some("x"), None)).expect_err(path);
        }
        assert_eq!(fs::read_dir(victim.path()).expect("it").count(), 0);
    }

    #[test]
    fn cleaning_up_follows_no_link() {
        let ground = Ground::make().expect("folders");
        let victim = tempfile::tempdir().expect("a folder");
        fs::set_permissions(victim.path(), fs::Permissions::from_mode(0o700)).expect("set");
        let closed = file("closed", None, Some("000"));
        ground.place(&closed).expect("made");
        let path = ground.workspace().join("closed");
        ground.open_again(&closed);
        let mode = |path: &Path| fs::metadata(path).expect("it").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o755);
        // As a process does that may write the workspace.
        fs::remove_dir(&path).expect("removed");
        symlink(victim.path(), &path).expect("a link");
        ground.open_again(&closed);
        assert_eq!(mode(victim.path()), 0o700);
        let (folder, name) = ground.at("closed").expect("it");
        folder.remove(name).expect("removed");
        assert!(victim.path().is_dir());
    }
}
