//! Where links lead: git follows them, so each on the way has to stay, and what
//! the last one leads to.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::path::{Component, Path, PathBuf};

use super::Surveyor;
use crate::sandbox::git::arrange::Kind;
use crate::sandbox::git::names;
use crate::sandbox::git::repository::Repository;

/// How many links are followed on the way of one path, as the kernel does.
const LINKS_MAX: usize = 40;
/// How many entries of git's own folders are looked at.
const LISTED_MAX: usize = 100_000;
/// How deep the folders of submodules lie in each other.
const MODULES_MAX: usize = 32;
/// The folders of a repository's directory that have more than data in them.
const FOLDERS: [&str; 5] = ["hooks", "info", "rebase-apply", "rebase-merge", "sequencer"];

impl Surveyor<'_> {
    /// Keeps what a path of the host leads to as it is, with each link on the
    /// way; `absent` says what takes the place of what is not there.
    pub(super) fn keep(&mut self, path: &Path, absent: Option<Kind>) {
        if !self.goes_on() || !self.kept.insert((path.into(), absent)) {
            return;
        }
        self.has_names(path);
        for inside in self.inside(path) {
            if !inside.as_os_str().is_empty() {
                self.mark_named(&inside, absent);
            } else if absent.is_some() {
                self.found.whole = Some("git's configuration has programs run from it".into());
            }
        }
    }

    /// Keeps a folder whose programs git runs, with what its links lead to.
    pub(super) fn programs(&mut self, folder: &Path) {
        self.keep(folder, Some(Kind::EmptyDirectory));
        self.links_in(folder);
    }

    /// Keeps the directory of a repository, with what its links lead to.
    pub(super) fn directory(&mut self, directory: &Path) {
        if !self.followed.insert(directory.into()) {
            return;
        }
        for inside in self.inside(directory) {
            let real = self.real.join(&inside);
            if fs::symlink_metadata(real).is_ok_and(|metadata| metadata.is_symlink()) {
                self.mark_link(inside);
            } else if !inside.as_os_str().is_empty() {
                self.mark(inside, Kind::ReadOnly);
            }
        }
        self.links_in(directory);
        for folder in FOLDERS {
            self.links_in(&directory.join(folder));
        }
        self.links_in(&directory.join("worktrees"));
        self.modules(&directory.join("modules"), 0);
    }

    /// The repositories of submodules, checked out or not.
    fn modules(&mut self, folder: &Path, depth: usize) {
        if depth > MODULES_MAX {
            self.found.whole = Some("its submodules lie too deep in each other".into());
            return;
        }
        for below in self.links_in(folder) {
            match Repository::of(below.clone(), None) {
                Some(repository) => self.look_into(repository),
                None => self.modules(&below, depth + 1),
            }
        }
    }

    /// Keeps what the links in a folder lead to. Gives the folders in it.
    fn links_in(&mut self, folder: &Path) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            self.listed += 1;
            if self.listed > LISTED_MAX {
                self.found.whole = Some("git's own folders in it have too many files".into());
                return Vec::new();
            }
            let path = entry.path();
            let kind = entry.file_type();
            if kind.as_ref().is_ok_and(fs::FileType::is_symlink) {
                self.keep(&path, Some(Kind::EmptyFile));
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                self.has_names(&path);
            }
        }
        folders
    }

    /// Keeps a link. It cannot be mounted itself, so the folder that it lies in is
    /// read-only; of one at the top the mount says what has to change.
    pub(super) fn mark_link(&mut self, link: PathBuf) {
        match link.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => {
                self.mark(folder.into(), Kind::ReadOnly);
            }
            _ => self.mark(link, Kind::ReadOnly),
        }
    }

    /// Where a path of the host is in the workspace: as it is written, each link
    /// on its way, and where it leads.
    pub(super) fn inside(&self, path: &Path) -> Vec<PathBuf> {
        let mut inside: Vec<PathBuf> = std::iter::once(names::plain(path))
            .chain(trail(path, self.real))
            .filter_map(|path| path.strip_prefix(self.real).ok().map(Into::into))
            .collect();
        inside.dedup();
        inside
    }
}

/// Each link on the way of a path, and where it leads in the end, whether that is
/// there or not. No part of `real` is a link.
fn trail(path: &Path, real: &Path) -> Vec<PathBuf> {
    let parts = |path: &Path| -> Vec<OsString> {
        let named = |part: &Component<'_>| !matches!(part, Component::RootDir | Component::CurDir);
        let parts = path.components().filter(named);
        parts.map(|part| part.as_os_str().into()).collect()
    };
    let (mut at, mut rest) = match path.strip_prefix(real) {
        Ok(below) => (real.to_path_buf(), VecDeque::from(parts(below))),
        Err(_) => (PathBuf::from("/"), VecDeque::from(parts(path))),
    };
    let mut trail = Vec::new();
    while let Some(part) = rest.pop_front() {
        if part == ".." {
            at.pop();
            continue;
        }
        at.push(part);
        let Ok(target) = fs::read_link(&at) else {
            continue;
        };
        if trail.len() == LINKS_MAX {
            break;
        }
        trail.push(at.clone());
        at.pop();
        if target.is_absolute() {
            at = PathBuf::from("/");
        }
        for part in parts(&target).into_iter().rev() {
            rest.push_front(part);
        }
    }
    trail.push(at);
    trail
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_link_on_the_way_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        fs::create_dir_all(real.join("w/d")).unwrap();
        symlink(real.join("w/a"), real.join("out")).unwrap();
        symlink("d/b", real.join("w/a")).unwrap();
        symlink("../c", real.join("w/d/b")).unwrap();
        let found = trail(&real.join("out/x"), &real.join("w"));
        let expected = ["out", "w/a", "w/d/b", "w/c/x"].map(|path| real.join(path));
        assert_eq!(found, expected);
        symlink("loop", real.join("w/loop")).unwrap();
        assert!(trail(&real.join("w/loop"), &real).len() <= LINKS_MAX + 1);
    }
}
