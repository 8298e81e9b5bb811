//! Writes the files that the program makes: whole or not at all, and never through a link.

use std::fs::{self, File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// Writes a file that is made again and again, in the place of a link, too. Everything else
/// but a file or link at its path is left as it is.
///
/// # Errors
///
/// There is something else, such as a device, or the file cannot be written.
pub(crate) fn write(path: &Path, mut content: impl Read) -> io::Result<()> {
    let there = fs::symlink_metadata(path);
    if there.is_ok_and(|data| !data.is_file() && !data.is_symlink()) {
        return Err(io::Error::other("it is there already, and is no file"));
    }
    replace(path, |file| io::copy(&mut content, file).map(drop))
}

/// Writes the file that the user named for a result. A link stays, too: it is the user's, or
/// somebody else has put it there.
///
/// # Errors
///
/// Something other than a file is there, or the file cannot be written.
pub(crate) fn write_named(
    path: &Path,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    match fs::symlink_metadata(path) {
        Ok(data) if data.is_symlink() => {
            let text = "it is a link, which is neither followed nor replaced";
            Err(io::Error::other(text))
        }
        Ok(data) if !data.is_file() => Err(io::Error::other("it is there already, and is no file")),
        _ => replace(path, fill),
    }
}

/// Puts a new file in the place of the one that has the name. What takes the name meanwhile
/// is replaced, and not written to.
fn replace(path: &Path, fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|above| *above != Path::new(""));
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    fill(file.as_file_mut())?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
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

    #[test]
    fn a_result_replaces_nothing_but_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let write = |name: &str| write_named(&at(name), |file| file.write_all(b"made"));
        fs::write(at("victim"), "kept").unwrap();
        symlink("victim", at("link")).unwrap();
        symlink("none", at("dangling")).unwrap();
        symlink("/dev/null", at("device")).unwrap();
        nix::unistd::mkfifo(&at("pipe"), nix::sys::stat::Mode::S_IRUSR).unwrap();
        for name in ["link", "dangling", "device", "pipe", "."] {
            write(name).unwrap_err();
        }
        assert_eq!(fs::read_to_string(at("victim")).unwrap(), "kept");
        for name in ["link", "dangling", "device"] {
            assert!(fs::symlink_metadata(at(name)).unwrap().is_symlink());
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 5);
        for name in ["new", "new"] {
            write(name).unwrap();
            assert_eq!(fs::read_to_string(at(name)).unwrap(), "made");
        }
        // Half a file is none.
        write_named(&at("new"), |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("full"))
        })
        .unwrap_err();
        assert_eq!(fs::read_to_string(at("new")).unwrap(), "made");
    }
}
