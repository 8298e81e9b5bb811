//! The repository of a workspace that is one of its work trees, or a submodule,
//! and lies elsewhere.
//!
//! Shown to processes only where it says itself that the workspace is its work
//! tree. Otherwise whoever writes the workspace's `.git` would choose what
//! processes see of the host.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::config;
use super::names::{self, Homes, Named};
use super::repository::{self, DotGit, Repository};
use crate::sandbox::inside::{WORKSPACE, is_free};

/// What is shown, at the paths that it has on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shown {
    /// The directory that its work trees share.
    pub(super) directory: PathBuf,
    /// Paths that lead elsewhere, each with where: the workspace's own, and the
    /// one that its `.git` names where that is relative.
    pub(super) links: Vec<(PathBuf, PathBuf)>,
    /// What it knows of other work trees, relative to the directory.
    pub(super) others: Vec<PathBuf>,
}

/// What is shown beside a workspace.
pub(super) fn of(workspace: &Path) -> Option<Shown> {
    match repository::dot_git(workspace) {
        DotGit::Repository(repository) if !repository.git_dir.starts_with(workspace) => {
            find(workspace, &repository)
        }
        _ => None,
    }
}

/// What is shown of the repository that the `.git` of a workspace leads to.
pub(super) fn find(workspace: &Path, repository: &Repository) -> Option<Shown> {
    let git_dir = repository.git_dir.canonicalize().ok()?;
    let directory = repository.common_dir.canonicalize().ok()?;
    let own = git_dir != directory;
    let mutual = if own {
        git_dir.parent()? == directory.join("worktrees")
            && repository::path_in(&git_dir.join("gitdir"))?
                .parent()?
                .canonicalize()
                .ok()?
                == workspace
    } else {
        work_tree(&git_dir)?.canonicalize().ok()? == workspace
    };
    // As whoever owns the workspace, a sandbox is built that sees it.
    let owner = |path: &Path| fs::metadata(path).map(|metadata| metadata.uid()).ok();
    let same = owner(&directory).is_some() && owner(&directory) == owner(workspace);
    if !mutual
        || !same
        || !is_free(&directory)
        || !is_free(workspace)
        || workspace.starts_with(&directory)
    {
        return None;
    }
    let others = fs::read_dir(directory.join("worktrees"))
        .into_iter()
        .flatten();
    let others = others
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| *path != git_dir)
        .filter_map(|path| path.strip_prefix(&directory).ok().map(Into::into));
    let mut links = vec![(workspace.into(), WORKSPACE.into())];
    let named = repository::target(&workspace.join(".git"))?;
    let inside = names::plain(&Path::new(WORKSPACE).join(named));
    if inside != git_dir && !inside.starts_with(&directory) {
        if !is_free(&inside) {
            return None;
        }
        links.push((inside, git_dir.clone()));
    }
    Some(Shown {
        others: others.collect(),
        directory,
        links,
    })
}

/// The work tree that the configuration of a repository names.
fn work_tree(git_dir: &Path) -> Option<PathBuf> {
    let text = repository::config(&git_dir.join("config")).ok()?;
    let entries = config::entries(&text);
    let named = entries
        .iter()
        .flat_map(|entry| names::named(entry, Homes::NONE));
    // The last one counts.
    let mut last = named.filter_map(|named| match named {
        Named::WorkTree(path) => Some(path),
        _ => None,
    });
    Some(names::plain(&git_dir.join(last.next_back()?)))
}
