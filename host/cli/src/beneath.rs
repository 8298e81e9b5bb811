//! Access to the files below an open folder: no path and no link leads out of it, whatever
//! replaces a name meanwhile.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::{AsFd, AsRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Dir, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

use crate::foreign;

/// How often a path is looked up again while something on it is renamed.
const ATTEMPTS: u32 = 32;

/// The most names in a folder, and folders that are open at a time, where closed ones are
/// looked for.
const UNLOCKED: usize = 10_000;

/// An open folder.
#[derive(Debug)]
pub(crate) struct Beneath(OwnedFd);

impl Beneath {
    /// Opens a folder. Links on the way to it are followed here, and never again.
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Self(rustix::fs::open(folder, flags, Mode::empty())?))
    }

    /// Opens a folder in it.
    pub(crate) fn folder(&self, path: &Path) -> io::Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        self.at(path, flags, Mode::empty()).map(Self)
    }

    /// Returns its path on this machine, without links.
    pub(crate) fn path(&self) -> io::Result<PathBuf> {
        path_of(&self.0)
    }

    /// Returns the names in it; an error if there are more than `most`.
    pub(crate) fn names(&self, most: usize) -> io::Result<Vec<OsString>> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let mut names = Vec::new();
        for entry in Dir::new(self.at(Path::new("."), flags, Mode::empty())?)? {
            let name = entry?.file_name().to_bytes().to_vec();
            if name == b"." || name == b".." {
                continue;
            }
            if names.len() == most {
                let text = format!("there are more than {most} entries");
                return Err(io::Error::other(text));
            }
            names.push(OsString::from_vec(name));
        }
        Ok(names)
    }

    /// Returns the type of the file with this name in it: of a link itself, not of its target.
    pub(crate) fn kind(&self, name: &OsStr) -> io::Result<FileType> {
        let found = self.itself(Path::new(name))?;
        let mode = rustix::fs::fstat(found)?.st_mode;
        Ok(FileType::from_raw_mode(mode))
    }

    /// Returns the target of a link in it.
    pub(crate) fn target(&self, name: &OsStr) -> io::Result<OsString> {
        let found = self.itself(Path::new(name))?;
        let target = rustix::fs::readlinkat(found, "", Vec::new())?;
        Ok(OsString::from_vec(target.into_bytes()))
    }

    /// Returns whether a path exists, if only as a link that leads nowhere.
    pub(crate) fn is_there(&self, path: &Path) -> bool {
        let nothing = [ErrorKind::NotFound, ErrorKind::NotADirectory];
        self.itself(path)
            .map_or_else(|error| !nothing.contains(&error.kind()), |_| true)
    }

    /// Opens a regular file for reading, and nothing else.
    pub(crate) fn file(&self, path: &Path) -> io::Result<File> {
        foreign::regular(self.at(path, OFlags::PATH, Mode::empty())?.into())
    }

    /// Reads a text that somebody has written.
    pub(crate) fn text(&self, path: &Path) -> io::Result<String> {
        foreign::text_of(self.file(path)?)
    }

    /// Creates the folders of a path that do not exist yet. Returns the last.
    pub(crate) fn make_folders(&self, path: &Path) -> io::Result<Self> {
        let mut at = self.folder(Path::new("."))?;
        for part in path.components() {
            let part = Path::new(part.as_os_str());
            match rustix::fs::mkdirat(&at.0, part, Mode::from_raw_mode(0o777)) {
                Ok(()) | Err(Errno::EXIST) => at = at.folder(part)?,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(at)
    }

    /// Creates a file that does not exist yet.
    pub(crate) fn make_file(&self, path: &Path) -> io::Result<File> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW;
        Ok(self.at(path, flags, Mode::from_raw_mode(0o666))?.into())
    }

    /// Creates a file with this content.
    pub(crate) fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        self.make_file(path)?.write_all(bytes)
    }

    /// Creates a link, which is not followed here.
    pub(crate) fn make_link(&self, name: &OsStr, target: &OsStr) -> io::Result<()> {
        Ok(rustix::fs::symlinkat(target, &self.0, name)?)
    }

    /// Sets the permissions of a file or folder, never those of a link's target.
    pub(crate) fn set_mode(&self, path: &Path, mode: u32) -> io::Result<()> {
        let found = self.itself(path)?;
        fs::set_permissions(held(&found), fs::Permissions::from_mode(mode))
    }

    /// Removes a file, a link, or a folder with all that is in it.
    pub(crate) fn remove(&self, path: &Path) -> io::Result<()> {
        let name = path.file_name().ok_or(ErrorKind::InvalidInput)?;
        let above = path.parent().filter(|above| *above != Path::new(""));
        let above = self.folder(above.unwrap_or(Path::new(".")))?;
        // The folder is held, and no link is followed from there on.
        let place = held(&above.0).join(name);
        if fs::symlink_metadata(&place)?.is_dir() {
            fs::remove_dir_all(place)
        } else {
            fs::remove_file(place)
        }
    }

    /// Lets its owner list and change all folders in it, so that it can be removed: those
    /// that a process has closed.
    pub(crate) fn unlock(&self) -> io::Result<()> {
        let mut left = vec![self.folder(Path::new("."))?];
        while let Some(folder) = left.pop() {
            for name in folder.names(UNLOCKED)? {
                if folder.kind(&name)? == FileType::Directory {
                    folder.set_mode(Path::new(&name), 0o700)?;
                    left.push(folder.folder(Path::new(&name))?);
                }
            }
            if left.len() > UNLOCKED {
                return Err(io::Error::other("there are too many folders"));
            }
        }
        Ok(())
    }

    /// Opens the file at a path, a link itself.
    fn itself(&self, path: &Path) -> io::Result<OwnedFd> {
        self.at(path, OFlags::PATH | OFlags::NOFOLLOW, Mode::empty())
    }

    fn at(&self, path: &Path, flags: OFlags, mode: Mode) -> io::Result<OwnedFd> {
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        let flags = flags | OFlags::CLOEXEC;
        let mut attempt = 1;
        loop {
            match rustix::fs::openat2(&self.0, path, flags, mode, resolve) {
                // Something on the way was renamed meanwhile.
                Err(Errno::AGAIN | Errno::INTR) if attempt < ATTEMPTS => attempt += 1,
                Err(Errno::XDEV) => {
                    let kind = ErrorKind::CrossesDevices;
                    return Err(io::Error::new(kind, "it leads out of the folder"));
                }
                opened => return Ok(opened?),
            }
        }
    }
}

/// Returns whether a path was not opened because it leads out of the folder.
pub(crate) fn leads_out(error: &io::Error) -> bool {
    error.kind() == ErrorKind::CrossesDevices
}

/// Returns the path of an open file on this machine, without links.
pub(crate) fn path_of(open: impl AsFd) -> io::Result<PathBuf> {
    fs::read_link(held(open))
}

/// Returns the name by which this process reaches an open file, whatever replaces it at its
/// path.
fn held(open: impl AsFd) -> PathBuf {
    format!("/proc/self/fd/{}", open.as_fd().as_raw_fd()).into()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A folder with links in it, and one beside it.
    fn folders() -> (tempfile::TempDir, Beneath) {
        let all = tempfile::tempdir().expect("a folder");
        let at = |name: &str| all.path().join(name);
        fs::create_dir_all(at("own/sub")).expect("a folder");
        fs::create_dir_all(at("other/sub")).expect("a folder");
        fs::write(at("own/sub/file"), "own").expect("a file");
        fs::write(at("other/sub/file"), "other").expect("a file");
        symlink("sub", at("own/inside")).expect("a link");
        symlink("../other/sub", at("own/out")).expect("a link");
        symlink(at("other/sub"), at("own/absolute")).expect("a link");
        symlink("../other/sub/file", at("own/file-out")).expect("a link");
        symlink("nowhere", at("own/nowhere")).expect("a link");
        let own = Beneath::open(&at("own")).expect("it opens");
        (all, own)
    }

    #[test]
    fn what_lies_below_is_read_also_by_links() {
        let (_all, own) = folders();
        for path in ["sub/file", "inside/file", "sub/../sub/file"] {
            assert_eq!(own.text(Path::new(path)).expect(path), "own");
        }
        assert!(own.is_there(Path::new("nowhere")));
        assert!(!own.is_there(Path::new("none/x")) && !own.is_there(Path::new("sub/file/x")));
        assert_eq!(own.names(6).expect("names").len(), 6);
        assert!(own.names(5).is_err());
        assert_eq!(own.target(OsStr::new("inside")).expect("a link"), "sub");
    }

    #[test]
    fn nothing_leads_out() {
        let (all, own) = folders();
        let other = all.path().join("other/sub/file");
        let absolute = other.display().to_string();
        let mode = || fs::metadata(&other).expect("it").permissions().mode() & 0o777;
        let before = mode();
        for path in [
            "../other/sub/file",
            "sub/../../other/sub/file",
            "out/file",
            "absolute/file",
            &absolute,
        ] {
            let path = Path::new(path);
            assert!(leads_out(&own.file(path).expect_err("read")), "{path:?}");
            assert!(own.write(path, b"x").is_err(), "{path:?}");
            assert!(own.set_mode(path, 0o777).is_err(), "{path:?}");
            assert!(own.remove(path).is_err(), "{path:?}");
            assert!(
                own.make_folders(&path.with_file_name("new")).is_err(),
                "{path:?}"
            );
        }
        assert!(own.write(Path::new("file-out"), b"x").is_err());
        // The link itself is changed, and what it leads to is not.
        let _ = own.set_mode(Path::new("file-out"), 0o777);
        own.remove(Path::new("file-out")).expect("removed");
        own.remove(Path::new("out")).expect("removed");
        assert_eq!(fs::read_to_string(&other).expect("it"), "other");
        assert_eq!(mode(), before);
        assert!(!all.path().join("other/sub/new").exists());
    }

    #[test]
    fn what_is_made_lies_below() {
        let (all, own) = folders();
        own.make_folders(Path::new("a/b")).expect("made");
        own.write(Path::new("a/b/c"), b"x").expect("written");
        own.set_mode(Path::new("a/b/c"), 0o600).expect("set");
        let made = all.path().join("own/a/b/c");
        assert_eq!(fs::read_to_string(&made).expect("it"), "x");
        assert!(own.write(Path::new("a/b/c"), b"y").is_err());
        own.remove(Path::new("a")).expect("removed");
        assert!(!made.exists());
    }

    #[test]
    fn what_a_process_closes_is_removed_with_its_case() {
        let all = tempfile::tempdir().expect("a folder");
        let at = |name: &str| all.path().join(name);
        fs::create_dir_all(at("own/a/b")).expect("a folder");
        fs::create_dir(at("other")).expect("a folder");
        symlink(at("other"), at("own/a/b/link")).expect("a link");
        let set = |name: &str, mode| {
            fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).expect("chmod");
        };
        set("other", 0o500);
        set("own/a/b", 0o000);
        set("own/a", 0o000);
        let own = Beneath::open(&at("own")).expect("it opens");
        own.unlock().expect("unlocked");
        let mode = |name: &str| fs::metadata(at(name)).expect("it").permissions().mode() & 0o777;
        assert_eq!(
            [mode("own/a"), mode("own/a/b"), mode("other")],
            [0o700, 0o700, 0o500]
        );
        fs::remove_dir_all(at("own")).expect("removed");
    }
}
