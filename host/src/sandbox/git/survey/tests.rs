//! Where a survey ends, and what may be written then.

use std::fs;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Mode, OFlags};

use super::{DEPTH_MAX, Limits};
use crate::policy::WorkspaceAccess;
use crate::sandbox::git::arrange::Kind;
use crate::sandbox::git::{Pin, Pins, Surveys};
use crate::sandbox::workspace_error::WorkspaceError;
use crate::workspace::Workspace;

/// A folder with repositories in these.
fn with_repositories(folders: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in folders {
        let git_dir = folder.path().join(name).join(".git");
        for part in ["objects", "refs"] {
            fs::create_dir_all(git_dir.join(part)).unwrap();
        }
        fs::write(git_dir.join("HEAD"), "ref: refs/heads/main\n").unwrap();
        fs::write(git_dir.join("index"), b"DIRC\0\0\0\x02\0\0\0\0").unwrap();
    }
    folder
}

fn pins(surveys: &Surveys, folder: &Path, access: WorkspaceAccess) -> Result<Pins, WorkspaceError> {
    let workspace = Workspace::open(folder).unwrap();
    surveys.pins(&workspace, access, None)
}

fn limited(limits: Limits) -> Surveys {
    Surveys {
        limits,
        ..Surveys::default()
    }
}

fn pinned(pins: &Pins) -> Vec<&Path> {
    pins.list.iter().map(|pin| pin.path.as_path()).collect()
}

#[test]
fn what_git_obeys_and_is_not_known_refuses_writing() {
    let folder = with_repositories(&["", "sub"]);
    let limits = Limits::default();
    for (limits, why) in [
        (
            Limits {
                time: Duration::ZERO,
                ..limits
            },
            "takes too long",
        ),
        (
            Limits {
                index_bytes: 12,
                ..limits
            },
            "too large",
        ),
    ] {
        let surveys = limited(limits);
        let refused = pins(&surveys, folder.path(), WorkspaceAccess::ReadWrite);
        let error = refused.unwrap_err().to_string();
        assert!(
            error.contains(why) && error.contains("workspace:git"),
            "{error}"
        );
        // It is refused again, and what writes nothing, or all of it, is not.
        pins(&surveys, folder.path(), WorkspaceAccess::ReadWrite).unwrap_err();
        for access in [WorkspaceAccess::ReadOnly, WorkspaceAccess::ReadWriteGit] {
            pins(&surveys, folder.path(), access).unwrap();
        }
    }
    // One index, twice: as much as that may be read.
    let index_bytes = 24;
    let surveys = limited(Limits {
        index_bytes,
        ..limits
    });
    pins(&surveys, folder.path(), WorkspaceAccess::ReadWrite).unwrap();
}

#[test]
fn of_too_many_entries_the_shallow_ones_are_looked_at() {
    let folder = with_repositories(&["near", "a/b/far"]);
    for name in 0..50 {
        fs::write(folder.path().join(format!("a/b/{name}")), "").unwrap();
    }
    let limits = Limits::default();
    let all = pins(&limited(limits), folder.path(), WorkspaceAccess::ReadWrite).unwrap();
    assert!(pinned(&all).contains(&Path::new("a/b/far/.git")));
    drop(all);
    let surveys = limited(Limits {
        entries: 20,
        ..limits
    });
    let pins = pins(&surveys, folder.path(), WorkspaceAccess::ReadWrite).unwrap();
    assert!(pinned(&pins).contains(&Path::new("near/.git")));
    assert!(!pinned(&pins).contains(&Path::new("a/b/far/.git")));
    let last = surveys.last.lock().unwrap();
    assert_eq!(last.as_ref().unwrap().survey.cut, Some(20));
}

#[test]
fn what_was_found_once_stays_pinned_when_there_is_too_much_to_look_at() {
    let folder = with_repositories(&["a/b/far"]);
    let mut surveys = Surveys::default();
    drop(pins(&surveys, folder.path(), WorkspaceAccess::ReadWrite).unwrap());
    for limits in [
        Limits {
            entries: 1,
            ..surveys.limits
        },
        Limits {
            walk: Duration::ZERO,
            ..surveys.limits
        },
    ] {
        surveys.limits = limits;
        surveys.forget();
        let pins = pins(&surveys, folder.path(), WorkspaceAccess::ReadWrite).unwrap();
        assert!(
            pinned(&pins).contains(&Path::new("a/b/far/.git")),
            "{limits:?}"
        );
    }
}

#[test]
fn too_many_work_trees_keep_the_workspace_as_it_is() {
    let folder = with_repositories(&["n"]);
    let whole = |count: usize| {
        for at in 0..count {
            let tree = folder.path().join(format!("n/.git/worktrees/{at}"));
            fs::create_dir_all(&tree).unwrap();
            fs::write(tree.join("gitdir"), format!("/nowhere/{at}/.git\n")).unwrap();
        }
        let surveys = Surveys::default();
        let pins = pins(&surveys, folder.path(), WorkspaceAccess::ReadWrite).unwrap();
        let last = surveys.last.lock().unwrap();
        let because = last.as_ref().unwrap().survey.whole.clone();
        assert_eq!(pins.whole, because.is_some());
        because
    };
    assert_eq!(whole(1000), None);
    let because = whole(1025).unwrap();
    assert!(because.contains("too many work trees"), "{because}");
}

#[test]
fn a_command_that_is_not_understood_is_told_with_its_key() {
    for (config, because) in [
        (
            "[alias]\nx = \"!cat *.sh | sh\"\n",
            Some("alias.x of git's configuration has an interpreter execute its input"),
        ),
        (
            "[core]\neditor = vim -S $1\n",
            Some(
                "core.editor of git's configuration has an option of an editor that may execute something",
            ),
        ),
        ("[alias]\nx = \"!sh run.sh\"\n", None),
    ] {
        let folder = with_repositories(&[""]);
        fs::write(folder.path().join(".git/config"), config).unwrap();
        let surveys = Surveys::default();
        let pins = pins(&surveys, folder.path(), WorkspaceAccess::ReadWrite).unwrap();
        let last = surveys.last.lock().unwrap();
        let whole = last.as_ref().unwrap().survey.whole.as_deref();
        assert_eq!(whole, because, "{config}");
        assert_eq!(pins.whole, because.is_some());
        assert_eq!(
            pinned(&pins).contains(&Path::new("run.sh")),
            because.is_none()
        );
    }
}

/// A chain of folders, each in the other, deeper than any path. Removing it takes more than
/// removing its top.
struct Chain(tempfile::TempDir);

impl Chain {
    fn new(depth: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut at = OwnedFd::from(fs::File::open(folder.path()).unwrap());
        let flags = OFlags::PATH | OFlags::DIRECTORY;
        for _ in 0..depth {
            rustix::fs::mkdirat(&at, "d", Mode::from(0o755)).unwrap();
            at = rustix::fs::openat(&at, "d", flags, Mode::empty()).unwrap();
        }
        Self(folder)
    }
}

impl Drop for Chain {
    fn drop(&mut self) {
        let at = |name: &str| self.0.path().join(name);
        while fs::rename(at("d/d"), at("next")).is_ok() {
            fs::remove_dir_all(at("d")).unwrap();
            fs::rename(at("next"), at("d")).unwrap();
        }
    }
}

#[test]
fn what_lies_too_deep_is_kept_by_a_folder_around_it() {
    let chain = Chain::new(20_000);
    let surveys = Surveys::default();
    let found = pins(&surveys, chain.0.path(), WorkspaceAccess::ReadWrite).unwrap();
    assert!(!found.whole);
    let deepest = |found: &Pins| {
        let parts = |pin: &&Pin| pin.path.components().count();
        let deepest = found.list.iter().max_by_key(parts).unwrap();
        (deepest.path.clone(), deepest.kind)
    };
    let below = |top: &str, parts| Path::new(top).join(["d"; DEPTH_MAX][..parts].join("/"));
    assert_eq!(deepest(&found), (below("", DEPTH_MAX), Kind::ReadOnly));

    // A repository that lies deep, and what is not so deep.
    let deep = |top: &str| format!("{top}/{}", ["d"; 100].join("/"));
    let folder = with_repositories(&[&deep("a"), "near"]);
    let found = pins(
        &Surveys::default(),
        folder.path(),
        WorkspaceAccess::ReadWrite,
    )
    .unwrap();
    assert!(pinned(&found).contains(&Path::new("near/.git")));
    assert_eq!(deepest(&found), (below("a", DEPTH_MAX - 1), Kind::ReadOnly));

    // Too many of them are refused, with the reason.
    let many: Vec<String> = ["a", "b", "c", "e", "f"].map(deep).into();
    let many: Vec<&str> = many.iter().map(|name| &**name).collect();
    let folder = with_repositories(&many);
    let surveys = Surveys::default();
    let error = pins(&surveys, folder.path(), WorkspaceAccess::ReadWrite).unwrap_err();
    let error = error.to_string();
    assert!(
        error.contains("too deep in each other") && error.contains("workspace:git"),
        "{error}"
    );
}
