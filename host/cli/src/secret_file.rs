//! A file that holds one secret: who may read it, and its text.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use boll_host::hard_links::has_other_names;

/// The longest secret, in bytes.
pub(crate) const MAX_SECRET: u64 = 64 << 10;

/// Why a secret cannot be read from a file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SecretFileError {
    /// It cannot be opened or read.
    #[error("cannot read the secret")]
    Read(#[from] io::Error),
    /// It is a folder, a pipe or a device.
    #[error("the secret is not in a regular file")]
    NotAFile,
    /// Other users can read or write it.
    #[error("other users can read the secret, or replace it")]
    Shared,
    /// It has another hard link, through which others may write it.
    #[error("the file of the secret has another hard link: use a copy of it")]
    Linked,
    /// It is too long.
    #[error("the secret is longer than {MAX_SECRET} bytes")]
    TooLong,
    /// It is not text.
    #[error("the secret is not UTF-8")]
    NotText,
}

/// Returns whether only this user and root can read or write a file.
pub(crate) fn is_private(metadata: &Metadata) -> bool {
    let owner = metadata.uid();
    let mine = owner == 0 || owner == nix::unistd::geteuid().as_raw();
    mine && metadata.mode() & 0o077 == 0
}

/// Reads a secret. One newline at its end, which editors add, is not part of it.
pub(crate) fn read(path: &Path) -> Result<String, SecretFileError> {
    // Opening a pipe without a writer would block.
    let file: File = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK)
        .open(path)?;
    // Of the opened file, whatever the path leads to later.
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(SecretFileError::NotAFile);
    }
    if !is_private(&metadata) {
        return Err(SecretFileError::Shared);
    }
    if has_other_names(path, &metadata) {
        return Err(SecretFileError::Linked);
    }
    let mut bytes = Vec::new();
    file.take(MAX_SECRET + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_SECRET {
        return Err(SecretFileError::TooLong);
    }
    let mut text = String::from_utf8(bytes).map_err(|_| SecretFileError::NotText)?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;

    use super::*;

    fn file(folder: &Path, content: &[u8], mode: u32) -> PathBuf {
        let path = folder.join(format!("secret-{mode:o}-{}", content.len()));
        fs::write(&path, content).expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("chmod");
        path
    }

    #[test]
    fn one_newline_at_the_end_is_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        for (content, expected) in [
            ("hunter2", "hunter2"),
            ("hunter2\n", "hunter2"),
            ("hunter2\r\n", "hunter2"),
            ("two\nlines\n\n", "two\nlines\n"),
            ("\n", ""),
            ("", ""),
        ] {
            let path = file(folder.path(), content.as_bytes(), 0o600);
            assert_eq!(read(&path).expect("it is private"), expected);
        }
    }

    #[test]
    fn what_others_can_read_or_what_is_no_text_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        for mode in [0o640, 0o604, 0o620, 0o602, 0o644, 0o666] {
            let path = file(folder.path(), b"hunter2", mode);
            assert!(matches!(read(&path), Err(SecretFileError::Shared)));
        }
        let path = file(folder.path(), b"\xff", 0o400);
        assert!(matches!(read(&path), Err(SecretFileError::NotText)));
        let long = vec![b'x'; MAX_SECRET as usize + 1];
        let path = file(folder.path(), &long, 0o600);
        assert!(matches!(read(&path), Err(SecretFileError::TooLong)));
        assert!(matches!(
            read(folder.path()),
            Err(SecretFileError::NotAFile)
        ));
        let path = file(folder.path(), b"linked", 0o600);
        fs::hard_link(&path, folder.path().join("second")).expect("a link");
        assert!(matches!(read(&path), Err(SecretFileError::Linked)));
        fs::remove_file(folder.path().join("second")).expect("removed");
        assert_eq!(read(&path).expect("one name"), "linked");
        let pipe = folder.path().join("pipe");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::from_bits_truncate(0o600))
            .expect("a pipe");
        assert!(matches!(read(&pipe), Err(SecretFileError::NotAFile)));
        assert!(matches!(
            read(&folder.path().join("missing")),
            Err(SecretFileError::Read(_))
        ));
    }
}
