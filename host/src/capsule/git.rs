//! Recognises what git obeys in a folder that a capsule may write: files in a `.git`, or
//! in a folder that git takes for one, decide what the user's next `git` executes.
//!
//! Names are rejected before anything is created. Where a path leads is read from the
//! opened file, after all links.

use std::os::fd::{AsFd, AsRawFd as _};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD};
use rustix::io::Errno;

/// Entries that make a folder a repository without a work tree.
const HEAD: &str = "HEAD";
const LAYOUT: [&str; 4] = [HEAD, "objects", "refs", "commondir"];

/// Returns whether a name is `.git`, or equals it in a file system that ignores case,
/// ignorable characters, or trailing dots and spaces.
pub(crate) fn is_git_name(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(|one| !is_ignorable(*one))
        .flat_map(char::to_lowercase)
        .collect();
    // Removes the name of an NTFS stream.
    let plain = plain.split(':').next().unwrap_or_default();
    let plain = plain.trim_end_matches(['.', ' ']);
    // The short name that FAT and NTFS give it.
    let is_short = || {
        let number = plain.strip_prefix("git~");
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        number.is_some_and(|number| !number.is_empty() && is_number(number))
    };
    plain == ".git" || is_short()
}

/// Returns whether file systems that fold names ignore a character in comparisons.
fn is_ignorable(one: char) -> bool {
    matches!(
        one,
        '\u{ad}'
            | '\u{34f}'
            | '\u{61c}'
            | '\u{115f}'..='\u{1160}'
            | '\u{17b4}'..='\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Returns whether a name belongs to a repository's layout.
pub(crate) fn is_of_layout(name: &str) -> bool {
    LAYOUT.iter().any(|part| part.eq_ignore_ascii_case(name))
}

/// Returns whether git takes a folder for a repository, with this name added to it if one
/// is given.
pub(crate) fn is_bare(folder: impl AsFd, with: Option<&str>) -> bool {
    let is_there = |part: &str| {
        with.is_some_and(|with| part.eq_ignore_ascii_case(with)) || exists(&folder, part)
    };
    is_there(HEAD) && (is_there("commondir") || (is_there("objects") && is_there("refs")))
}

/// Returns whether a folder has a `.git`.
pub(crate) fn has_git(folder: impl AsFd) -> bool {
    exists(folder, ".git")
}

/// Returns whether a name may exist, which is also assumed if it cannot be looked up.
fn exists(folder: impl AsFd, name: &str) -> bool {
    let looked = rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW);
    !matches!(looked, Err(Errno::NOENT | Errno::NOTDIR))
}

/// Returns whether git takes the folder at a path for a repository without a work tree;
/// `false` if it cannot be examined, since the host could not open it either.
pub(crate) fn is_repository(folder: &Path) -> bool {
    open(folder).is_ok_and(|folder| is_bare(&folder, None))
}

/// Returns where an open file is now; `None` if it has no path.
pub(crate) fn path_of(open: impl AsFd) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStringExt as _;
    let link = format!("/proc/self/fd/{}", open.as_fd().as_raw_fd());
    let path = rustix::fs::readlinkat(CWD, link, Vec::new()).ok()?;
    let path = PathBuf::from(std::ffi::OsString::from_vec(path.into_bytes()));
    path.is_absolute().then_some(path)
}

/// Returns whether a part of a path is `.git`.
pub(crate) fn is_in_git(path: &Path) -> bool {
    path.components()
        .any(|part| is_git_name(&part.as_os_str().to_string_lossy()))
}

/// Returns whether something in a capsule's folder belongs to git: whether it is in a
/// `.git`, in a repository, or is one.
pub(crate) fn belongs_to_git(root: impl AsFd, path: &Path) -> bool {
    let Some(root) = path_of(root) else {
        return true;
    };
    // Something was moved during the check.
    if !path.starts_with(&root) {
        return true;
    }
    is_in_git(path)
        || path
            .ancestors()
            .take_while(|folder| folder.starts_with(&root))
            .any(|folder| match open(folder) {
                Ok(folder) => has_git(&folder) || is_bare(&folder, None),
                Err(_) => true,
            })
}

fn open(folder: &Path) -> rustix::io::Result<rustix::fd::OwnedFd> {
    use rustix::fs::{Mode, OFlags, ResolveFlags};
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::openat2(CWD, folder, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use super::*;

    #[test]
    fn names_that_become_git_anywhere_are_known() {
        for name in [
            ".git",
            ".GIT",
            ".Git",
            ".git.",
            ".git ",
            ".git. .",
            ".git::$DATA",
            "git~1",
            "GIT~12",
            ".g\u{200c}it",
            "\u{feff}.git",
            ".gi\u{ad}t",
        ] {
            assert!(is_git_name(name), "{name:?}");
        }
        for name in [
            "git",
            ".gitignore",
            ".github",
            "a.git",
            ".gitx",
            "git~",
            "git~x",
            "",
            ".",
        ] {
            assert!(!is_git_name(name), "{name:?}");
        }
    }

    #[test]
    fn a_repository_is_known_by_its_layout() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || File::open(folder.path()).expect("it is there");
        assert!(!is_bare(open(), None));
        fs::write(folder.path().join("HEAD"), "").expect("written");
        fs::create_dir(folder.path().join("objects")).expect("a folder");
        assert!(!is_bare(open(), None));
        for (name, completes) in [
            ("refs", true),
            ("Refs", true),
            ("commondir", true),
            ("x", false),
        ] {
            assert_eq!(is_bare(open(), Some(name)), completes, "{name}");
        }
        fs::create_dir(folder.path().join("refs")).expect("a folder");
        assert!(is_bare(open(), None));
    }

    #[test]
    fn what_lies_in_a_repository_belongs_to_it_whatever_lies_above_the_root() {
        let above = tempfile::tempdir().expect("a folder");
        let root = above.path().canonicalize().expect("a path").join("root");
        for path in [
            "../.git",
            "plain/below",
            "nested/.git/hooks",
            "nested/src",
            "bare/refs/heads",
        ] {
            fs::create_dir_all(root.join(path)).expect("folders");
        }
        fs::create_dir(root.join("bare/objects")).expect("a folder");
        fs::write(root.join("bare/HEAD"), "").expect("written");
        for (path, belongs) in [
            (".", false),
            ("plain/below", false),
            ("nested", true),
            ("nested/src", true),
            ("nested/.git/hooks", true),
            ("bare", true),
            ("bare/refs/heads", true),
        ] {
            let folder = root.join(path).canonicalize().expect("it is there");
            let root = File::open(&root).expect("it is there");
            assert_eq!(belongs_to_git(root, &folder), belongs, "{path}");
        }
    }
}
