//! Checks who else could write the operator's file, and writes it. A link to it, its mode
//! and its line ends are kept.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::{Path, PathBuf};

use boll_host::hard_links::has_other_names;

use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::mend::mend;

/// Rejects a file that anyone but this user and root can write: writing it is granting.
pub(super) fn refuse_foreign(path: &Path) -> Done {
    let metadata =
        fs::metadata(path).or_fail(Code::Input, || format!("cannot read {}", path.display()))?;
    let owner = metadata.uid();
    let mine = owner == 0 || owner == nix::unistd::geteuid().as_raw();
    if !mine {
        let text = format!(
            "{} belongs to another user, who could grant anything",
            path.display()
        );
        let failure = Failure::new(Code::Input, text);
        let failure = match mend(path) {
            Some(mend) => failure.hint(mend),
            None => failure,
        };
        return Err(failure.hint("to use another file: --policy FILE"));
    }
    if metadata.mode() & 0o022 != 0 {
        let text = format!(
            "{} can be written by others, who could grant anything",
            path.display()
        );
        let failure = Failure::new(Code::Input, text);
        return Err(failure.hint(format!("chmod go-w {}", path.display())));
    }
    if has_other_names(path, &metadata) {
        let text = format!(
            "{} has another hard link: whoever can write there could grant anything",
            path.display()
        );
        let name = path.to_string_lossy();
        let word = shlex::try_quote(&name).unwrap_or_else(|_| name.clone());
        return Err(Failure::new(Code::Input, text).hint(format!(
            "replace it by a copy of it:\ncp -p -- {word} {word}.copy && mv -- {word}.copy {word}"
        )));
    }
    Ok(())
}

/// Replaces the whole file at `path`: a reader sees either the old one or the new one.
/// `before` is its old content. Returns its new content.
pub(super) fn replace(path: &Path, before: &str, text: &str) -> io::Result<String> {
    let real = followed(path)?;
    let folder = real.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    let text = like(before, text);
    file.write_all(text.as_bytes())?;
    if let Ok(metadata) = fs::metadata(&real) {
        let now = file.as_file().metadata()?;
        if (now.uid(), now.gid()) != (metadata.uid(), metadata.gid()) {
            // A file of another user still belongs to that user after root wrote it.
            fchown(file.as_file(), Some(metadata.uid()), Some(metadata.gid()))?;
        }
        file.as_file().set_permissions(metadata.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(&real)?;
    Ok(text)
}

/// Returns the file that links lead to, also if it does not exist yet.
fn followed(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    // The limit of the kernel.
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::from_raw_os_error(libc::ELOOP))
}

/// Returns the text with the byte order mark and the line ends of another.
fn like(before: &str, text: &str) -> String {
    const MARK: char = '\u{feff}';
    let windows = 2 * before.matches("\r\n").count() > before.matches('\n').count();
    let text = text.trim_start_matches(MARK).replace("\r\n", "\n");
    let text = if windows {
        text.replace('\n', "\r\n")
    } else {
        text
    };
    if before.starts_with(MARK) {
        format!("{MARK}{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn the_link_the_mode_and_the_line_ends_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        fs::create_dir(path("dotfiles")).expect("a folder");
        let real = path("dotfiles/boll.toml");
        let before = "a = 1\r\nb = 2\r\n";
        fs::write(&real, before).expect("written");
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).expect("chmod");
        symlink("dotfiles/boll.toml", path("second")).expect("a link");
        symlink("second", path("first")).expect("a link");
        replace(&path("first"), before, "a = 1\r\nb = 2\r\nc = 3\n").expect("written");
        assert!(path("first").is_symlink() && path("second").is_symlink());
        let text = fs::read_to_string(&real).expect("the file");
        assert_eq!(text, "a = 1\r\nb = 2\r\nc = 3\r\n");
        assert_eq!(fs::metadata(&real).expect("it").mode() & 0o7777, 0o640);
    }

    #[test]
    fn a_link_to_what_is_not_there_yet_is_followed_and_one_in_circles_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        symlink("later", path("link")).expect("a link");
        replace(&path("link"), "", "a = 1\n").expect("written");
        assert!(path("link").is_symlink());
        assert_eq!(fs::read_to_string(path("later")).expect("it"), "a = 1\n");
        symlink("round", path("round")).expect("a link");
        replace(&path("round"), "", "").expect_err("a circle");
    }
}
