//! The `.git` of a folder, and what would make the folder a repository itself.

use std::fs;
use std::path::Path;

use super::Surveyor;
use crate::sandbox::git::arrange::Kind;
use crate::sandbox::git::repository::{self, DotGit};

impl Surveyor<'_> {
    /// Keeps the `.git` of a folder as it is.
    pub(super) fn dot_git(&mut self, folder: &Path, found: &DotGit) {
        let path = folder.join(".git");
        match found {
            DotGit::Nothing => {
                self.mark(path, Kind::EmptyDirectory);
                self.no_bare(folder);
            }
            DotGit::Invalid => {
                self.hold(folder, found);
                self.no_bare(folder);
            }
            DotGit::Broken | DotGit::Repository(_) => self.hold(folder, found),
        }
    }

    /// Keeps a `.git` that is there as it is.
    pub(super) fn hold(&mut self, folder: &Path, found: &DotGit) {
        let path = folder.join(".git");
        let link =
            fs::symlink_metadata(self.real.join(&path)).is_ok_and(|metadata| metadata.is_symlink());
        // A folder whose `.git` is a link is read-only itself: a link cannot be
        // mounted. Of the workspace's own the mount says so.
        if link && !folder.as_os_str().is_empty() {
            return self.mark(folder.into(), Kind::ReadOnly);
        }
        let kind = match found {
            DotGit::Nothing => Kind::Held,
            _ => Kind::ReadOnly,
        };
        self.has_names(&self.real.join(&path));
        self.mark(path, kind);
        if matches!(found, DotGit::Broken | DotGit::Invalid) {
            // What it leads to must not become a repository.
            for path in repository::led_to(&self.real.join(folder)) {
                self.keep(&path, Some(Kind::EmptyDirectory));
            }
        }
    }

    /// Keeps a folder without a valid `.git` from becoming a repository itself,
    /// for which git needs a file `HEAD` in it, and either `objects` and `refs` or a
    /// `commondir` that leads to them.
    fn no_bare(&mut self, folder: &Path) {
        let head = folder.join("HEAD");
        if folder.as_os_str().is_empty() && repository::has_head(self.real) {
            self.found.whole = Some("its top has the HEAD of a repository".into());
        }
        let real = self.real.join(folder);
        if real.join("HEAD").is_file() || !repository::is_nothing(&real.join("HEAD")) {
            return self.mark(head, Kind::ReadOnly);
        }
        let is_there = |name: &str| !repository::is_nothing(&real.join(name));
        // A directory is one to git also when it is empty.
        let lacks = |name: &&str| !is_there(name) && !real.join(name).is_dir();
        match ["refs", "objects"].into_iter().find(lacks) {
            // A place for `HEAD` would be in the way of git's own name for a commit.
            Some(name) if !is_there("commondir") => {
                for name in ["commondir", name] {
                    let path = folder.join(name);
                    let kind = match real.join(name).is_dir() {
                        true => Kind::EmptyDirectory,
                        false => Kind::EmptyFile,
                    };
                    self.mark(path, kind);
                }
            }
            _ => self.mark(head, Kind::EmptyDirectory),
        }
    }
}
