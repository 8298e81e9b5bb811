//! What an earlier survey knew, where this one could not look at everything.

use std::os::fd::BorrowedFd;
use std::path::Path;

use rustix::fs::OFlags;

use super::{Survey, open};
use crate::sandbox::git::arrange::Kind;

impl Survey {
    /// Keeps what an earlier survey found and this one did not come to, as far as
    /// it is still there: many files must not hide a repository that is known.
    pub(in crate::sandbox::git) fn keep_known(
        &mut self,
        workspace: BorrowedFd<'_>,
        known: &Survey,
    ) {
        if self.cut.is_none() {
            return;
        }
        for (path, kind) in &known.marks {
            let there = |path: &Path| open(workspace, path, OFlags::PATH).is_ok();
            let kind = match kind {
                kind if there(path) => match kind {
                    Kind::EmptyDirectory | Kind::EmptyFile => Kind::Held,
                    kind => *kind,
                },
                Kind::EmptyDirectory | Kind::EmptyFile if path.parent().is_some_and(there) => *kind,
                _ => continue,
            };
            self.marks.entry(path.clone()).or_insert(kind);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::fd::AsFd;
    use std::path::PathBuf;

    use super::*;

    #[test]
    fn what_is_known_is_kept_when_there_is_too_much() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/n/.git")).unwrap();
        let marks = [
            ("a/n/.git", Kind::ReadOnly),
            ("a/n/hooks", Kind::EmptyDirectory),
            ("gone/.git", Kind::ReadOnly),
            ("gone/hooks", Kind::EmptyDirectory),
        ];
        let known = Survey {
            marks: marks.map(|(path, kind)| (path.into(), kind)).into(),
            ..Survey::default()
        };
        let workspace = fs::File::open(folder.path()).unwrap();
        let mut found = Survey::default();
        found.keep_known(workspace.as_fd(), &known);
        assert!(found.marks.is_empty());
        found.cut = Some(1);
        found.keep_known(workspace.as_fd(), &known);
        let kept: Vec<&Path> = found.marks.keys().map(PathBuf::as_path).collect();
        assert_eq!(kept, [Path::new("a/n/.git"), Path::new("a/n/hooks")]);
    }
}
