//! Where a case happens: its workspace and the folder beside it.

use std::io;
use std::path::Path;

use super::case::FileOfCase;
use super::case::reach::{self, Root};
use crate::beneath::Beneath;
use crate::cases::scratch::Scratch;

/// The two folders of a case, which are removed with it.
pub(super) struct Ground {
    workspace: Scratch,
    outside: Scratch,
}

impl Ground {
    pub(super) fn make() -> io::Result<Self> {
        Ok(Self {
            workspace: Scratch::make()?,
            outside: Scratch::make()?,
        })
    }

    pub(super) fn workspace(&self) -> &Path {
        self.workspace.path()
    }

    /// The folder beside the workspace, as cases are given its name.
    pub(super) fn outside(&self) -> String {
        self.outside.path().display().to_string()
    }

    /// Where a file of the case is: an open folder, and a path in it.
    pub(super) fn at<'a>(&self, name: &'a str) -> io::Result<(&Beneath, &'a Path)> {
        let located = reach::locate(name, &self.outside()).map_err(io::Error::other)?;
        let folder = match located.root {
            Root::Workspace => &self.workspace,
            Root::Outside => &self.outside,
        };
        Ok((folder.open(), located.path))
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

    /// Something that was left beside the workspace.
    pub(super) fn left(&self) -> io::Result<Option<String>> {
        let names = self.outside.open().names(usize::MAX)?;
        let name = names.first();
        Ok(name.map(|name| self.outside.path().join(name).display().to_string()))
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
        let workspace = ground.workspace().to_owned();
        let path = workspace.join("closed");
        let mode = |path: &Path| fs::metadata(path).expect("it").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o000);
        // As a process does that may write the workspace.
        fs::remove_dir(&path).expect("removed");
        symlink(victim.path(), &path).expect("a link");
        let (folder, name) = ground.at("closed").expect("it");
        folder.remove(name).expect("removed");
        assert!(victim.path().is_dir());
        symlink(victim.path(), &path).expect("a link");
        ground
            .place(&file("other", None, Some("000")))
            .expect("made");
        drop(ground);
        assert!(!workspace.exists());
        assert_eq!(mode(victim.path()), 0o700);
        assert!(victim.path().is_dir());
    }
}
