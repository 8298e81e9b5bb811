//! Turns what has to stay as it is into mounts that hold it.
//!
//! Pure. A mount alone does not hold a name: whoever may rename a directory
//! above it carries it away, and puts something else in its place. A directory
//! that is a mount itself cannot be renamed. So each directory between the
//! workspace and what is pinned becomes one, over itself.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How a path of a writable workspace is mounted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Over itself, as writable as it is.
    Anchor,
    /// Read-only.
    ReadOnly,
    /// Read-only, where it may be an [`Kind::EmptyDirectory`] of another host's.
    Held,
    /// An empty directory that nothing can be made in.
    EmptyDirectory,
    /// An empty file that cannot be written.
    EmptyFile,
}

/// The most mounts that a workspace may need.
pub(crate) const MOUNTS_MAX: usize = 256;

/// The mounts for these paths, in the order in which they are made. Those that
/// another covers are left out.
///
/// # Errors
///
/// How many there would be when that is more than [`MOUNTS_MAX`].
pub(crate) fn arrange(marks: &BTreeMap<PathBuf, Kind>) -> Result<Vec<(PathBuf, Kind)>, usize> {
    let mut mounts: BTreeMap<&Path, Kind> = BTreeMap::new();
    // A directory comes before what is in it.
    for (path, kind) in marks {
        let above = || {
            let parents = path.ancestors().skip(1);
            parents.filter(|parent| !parent.as_os_str().is_empty())
        };
        let covers = |kind: &Kind| *kind != Kind::Anchor;
        if above().any(|parent| mounts.get(parent).is_some_and(covers)) {
            continue;
        }
        for parent in above() {
            mounts.entry(parent).or_insert(Kind::Anchor);
        }
        mounts.insert(path, *kind);
    }
    if mounts.len() > MOUNTS_MAX {
        return Err(mounts.len());
    }
    let owned = mounts.into_iter().map(|(path, kind)| (path.into(), kind));
    Ok(owned.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arranged(paths: &[(&str, Kind)]) -> Vec<String> {
        let marks = paths.iter().map(|(path, kind)| (path.into(), *kind));
        arrange(&marks.collect())
            .unwrap()
            .into_iter()
            .map(|(path, kind)| format!("{kind:?} {}", path.display()))
            .collect()
    }

    #[test]
    fn what_lies_above_a_pin_is_held_and_comes_first() {
        assert_eq!(
            arranged(&[
                ("a/b/.git", Kind::ReadOnly),
                (".git", Kind::EmptyDirectory),
                ("a/x", Kind::Held)
            ]),
            [
                "EmptyDirectory .git",
                "Anchor a",
                "Anchor a/b",
                "ReadOnly a/b/.git",
                "Held a/x"
            ]
        );
    }

    #[test]
    fn what_is_read_only_covers_what_is_in_it() {
        assert_eq!(
            arranged(&[
                ("a", Kind::ReadOnly),
                ("a/b/c", Kind::ReadOnly),
                ("a-b", Kind::Held)
            ]),
            ["ReadOnly a", "Held a-b"]
        );
    }

    #[test]
    fn there_is_an_end_to_it() {
        let marks = (0..=MOUNTS_MAX).map(|n| (PathBuf::from(n.to_string()), Kind::ReadOnly));
        assert_eq!(arrange(&marks.collect()), Err(MOUNTS_MAX + 1));
    }
}
