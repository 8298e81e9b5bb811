//! The work trees of a repository: what its configuration names relative to a work
//! tree, it names in each of them, wherever they lie.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::Surveyor;
use crate::sandbox::git::arrange::Kind;
use crate::sandbox::git::config::Entry;
use crate::sandbox::git::names::{self, Named};
use crate::sandbox::git::pieces::Hold;
use crate::sandbox::git::repository::{self, Repository};

/// How many work trees are looked at, of all repositories.
const TREES_MAX: usize = 1024;

/// Where git works, and so where what a configuration names is looked for.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The tops of work trees.
    pub(super) tops: Vec<PathBuf>,
    /// The directories of repositories, where git works when it receives a push.
    pub(super) directories: Vec<PathBuf>,
    /// There is a work tree whose top is not known, or none.
    pub(super) unknown: bool,
}

impl Places {
    /// Those of a folder that may become a work tree.
    pub(super) fn of(top: PathBuf) -> Self {
        Self {
            tops: vec![top],
            ..Self::default()
        }
    }

    /// Those of one work tree. `entries` are of the file with the settings of this
    /// work tree alone, or, for the main one, of all.
    pub(super) fn of_tree(tree: &Repository, entries: &[Named]) -> Self {
        let mut tops: Vec<PathBuf> = tree.top.iter().cloned().collect();
        for named in entries {
            if let Named::WorkTree(path) = named {
                tops.push(names::plain(&tree.git_dir.join(path)));
            }
        }
        let unknown = tops.is_empty();
        if unknown {
            // A repository without one is worked in itself.
            tops.push(tree.git_dir.clone());
        }
        Self {
            tops,
            directories: vec![tree.git_dir.clone()],
            unknown,
        }
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.tops.extend(other.tops.iter().cloned());
        self.directories.extend(other.directories.iter().cloned());
    }

    /// Where git may look for this.
    pub(super) fn for_name(&self, named: &Named) -> impl Iterator<Item = &PathBuf> {
        // Remotes are none of who receives.
        let directories = match named {
            Named::Programs(_) => &self.directories[..],
            _ => &[],
        };
        self.tops.iter().chain(directories)
    }

    /// Whether this may lie in the workspace, seen from a work tree that is not known.
    pub(super) fn is_lost(&self, named: &Named) -> bool {
        // Below its top there is nothing of a workspace that it is not found in.
        let leads_out = |path: &PathBuf| {
            path.is_relative() && path.components().any(|part| part.as_os_str() == "..")
        };
        let is_out = match named {
            Named::Programs(path) | Named::Repository(path) => leads_out(path),
            Named::Command(command) => {
                let mut paths = command.paths.iter();
                paths.any(|(path, hold)| *hold == Hold::Always && leads_out(path))
            }
            _ => false,
        };
        self.unknown && is_out
    }
}

impl Surveyor<'_> {
    /// The work trees of a repository, the main one first, as git lists them.
    pub(super) fn work_trees(&mut self, common_dir: &Path) -> Vec<Repository> {
        let tree = |top, git_dir| Repository {
            top,
            git_dir,
            common_dir: common_dir.into(),
        };
        let is_plain = common_dir.file_name() == Some(OsStr::new(".git"));
        let main = common_dir.parent().filter(|_| is_plain);
        let mut trees = vec![tree(main.map(Into::into), common_dir.into())];
        let folder = common_dir.join("worktrees");
        let listed = match fs::read_dir(&folder) {
            Ok(listed) => listed,
            Err(error) => {
                if !repository::is_missing(&error) {
                    let because = format!("{} cannot be listed: {error}", folder.display());
                    self.found.whole = Some(because);
                }
                return trees;
            }
        };
        for entry in listed.flatten() {
            self.trees += 1;
            if self.trees > TREES_MAX {
                let because = "its repositories have too many work trees";
                self.found.whole = Some(because.into());
                break;
            }
            let git_dir = entry.path();
            trees.push(tree(repository::work_tree(&git_dir), git_dir));
        }
        trees
    }

    /// What a repository in the workspace knows of its work trees elsewhere,
    /// which seem to be gone to whoever does not see them.
    pub(super) fn other_worktrees(&mut self, trees: &[Repository]) {
        for tree in trees.iter().filter(|tree| tree.is_linked()) {
            for inside in self.inside(&tree.git_dir) {
                self.found.worktrees.insert(inside, Kind::ReadOnly);
            }
        }
    }

    /// Keeps linked work trees in the workspace as they are, also those that are gone:
    /// what is made in their place has a repository already.
    pub(super) fn linked_trees(&mut self, trees: &[Repository]) {
        for tree in trees.iter().filter(|tree| tree.is_linked()) {
            let top = tree.top.as_ref();
            for inside in top.map(|top| self.inside(top)).unwrap_or_default() {
                self.submodule(&inside);
            }
        }
    }

    /// Whether something of the workspace may lie in a work tree.
    pub(super) fn concerns(&self, top: &Path) -> bool {
        self.real.starts_with(names::plain(top)) || !self.inside(top).is_empty()
    }
}

/// Whether a configuration says that its repository has no main work tree.
pub(super) fn is_bare(entries: &[Entry]) -> bool {
    let bare = |entry: &&Entry| entry.section == "core" && entry.key == "bare";
    let yes = |entry: &Entry| {
        ["true", "yes", "on", "1"]
            .iter()
            .any(|yes| entry.value.eq_ignore_ascii_case(yes.as_bytes()))
    };
    entries.iter().rfind(bare).is_some_and(yes)
}
