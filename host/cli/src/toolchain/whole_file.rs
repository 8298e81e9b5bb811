//! Writes the files that the program makes: whole or not at all, and in the place of a link,
//! never through it; and the errors of files that builds read and write.

use std::fs::{self, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A file that cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FileError {
    #[error("cannot read {}", path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot write {}", path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl FileError {
    /// Adds the path of a file that cannot be read.
    pub(super) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Read { path, source }
    }

    /// Adds the path of a file that cannot be written.
    pub(super) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Write { path, source }
    }
}

/// Writes a file. Anything at its path other than a file or link is left as it is.
///
/// # Errors
///
/// There is something else, such as a device, or the file cannot be written.
pub(super) fn write(path: &Path, content: impl Read) -> Result<(), FileError> {
    written(path, content).map_err(FileError::write(path))
}

fn written(path: &Path, mut content: impl Read) -> io::Result<()> {
    let there = fs::symlink_metadata(path);
    if there.is_ok_and(|data| !data.is_file() && !data.is_symlink()) {
        return Err(io::Error::other("it is there already, and is no file"));
    }
    let folder = path.parent().filter(|above| *above != Path::new(""));
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    io::copy(&mut content, &mut file)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, symlink};

    use super::*;

    #[test]
    fn no_link_is_written_through_and_no_device_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("victim"), "kept").unwrap();
        symlink("victim", at("link")).unwrap();
        symlink("none", at("dangling")).unwrap();
        for name in ["link", "dangling", "new"] {
            write(&at(name), &b"made"[..]).unwrap();
            assert_eq!(fs::read_to_string(at(name)).unwrap(), "made");
            assert!(fs::symlink_metadata(at(name)).unwrap().is_file(), "{name}");
        }
        assert_eq!(fs::read_to_string(at("victim")).unwrap(), "kept");
        assert!(!at("none").exists());
        assert_eq!(fs::metadata(at("new")).unwrap().mode() & 0o111, 0);
        nix::unistd::mkfifo(&at("pipe"), nix::sys::stat::Mode::S_IRUSR).unwrap();
        for name in ["pipe", "."] {
            write(&at(name), &b"made"[..]).unwrap_err();
        }
        assert!(!fs::symlink_metadata(at("pipe")).unwrap().is_file());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
    }
}
