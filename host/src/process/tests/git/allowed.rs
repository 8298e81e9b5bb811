//! What git does where it is allowed to, and where the workspace is a linked
//! work tree.

use super::{Place, names, owners};
use crate::policy::WorkspaceAccess::{self, ReadOnly, ReadWrite, ReadWriteGit};

const USER: &str =
    "export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a; ";

/// A script that stops at the first failure and says `done`.
async fn does(place: &Place, access: WorkspaceAccess, script: &str) {
    let said = place
        .inside(access, &format!("set -ex; {USER}{script}; echo done"))
        .await
        .unwrap();
    assert!(said.ends_with("done\n"), "{said}");
}

#[tokio::test]
async fn git_works_where_it_is_granted() {
    for owner in owners() {
        let place = Place::new(
            "w",
            owner,
            "new ../o; git -C ../o branch x; git clone -q ../o .; git clone -q ../o o",
        );
        does(
            &place,
            ReadWriteGit,
            "git switch -q -c x origin/x; test $(git rev-parse --abbrev-ref @{u}) = origin/x; \
             echo y > f; git commit -qam two; git remote add r o; git fetch -q r; git config a.b c; \
             git gc -q; git worktree add -q ../home/capsule/t 2> /dev/null || git worktree add -q t; \
             git submodule -q add /workspace/o s; git commit -qm s; git stash list; git rebase -q HEAD~1",
        )
        .await;
        assert_eq!(place.on_host("git log --format=%s -2").unwrap(), "s\ntwo\n");
    }
}

#[tokio::test]
async fn a_repository_is_made_where_it_is_granted() {
    for owner in owners() {
        let place = Place::new("w", owner, "");
        does(
            &place,
            ReadWriteGit,
            "git init -q .; git commit -q --allow-empty -m one",
        )
        .await;
        assert_eq!(place.on_host("git log --format=%s").unwrap(), "one\n");
    }
}

#[tokio::test]
async fn git_reads_where_it_may_not_write() {
    for owner in owners() {
        for access in [ReadOnly, ReadWrite] {
            let place = Place::new("w", owner, "new .");
            let said = place.inside(
                access,
                "git log --format=%s; git status --short; git commit --allow-empty -m two",
            );
            let said = said.await.unwrap();
            assert!(said.starts_with("one\n"), "{said}");
            assert!(said.contains("Read-only file system"), "{said}");
        }
    }
}

#[tokio::test]
async fn a_branch_that_cannot_track_is_not_said_to() {
    for owner in owners() {
        let place = Place::new(
            "w",
            owner,
            "new ../o; git -C ../o branch x; git clone -q ../o .",
        );
        let script = "git switch -c x origin/x && echo switched; git rev-parse --abbrev-ref HEAD";
        let said = place.inside(ReadWrite, script).await.unwrap();
        assert!(said.contains("Read-only file system"), "{said}");
        assert!(
            !said.contains("switched") && !said.contains("tracking"),
            "{said}"
        );
        assert!(said.ends_with("main\n"), "{said}");
        assert_eq!(place.on_host("git branch --list x").unwrap(), "");
    }
}

#[tokio::test]
async fn a_linked_work_tree_is_a_workspace() {
    for owner in owners() {
        let place = Place::new(
            "w",
            owner,
            "cd ..; rmdir w; new o; git -C o worktree add -q ../w; git -C o worktree add -q ../v",
        );
        let said = place.inside(ReadWrite, "git log --format=%s; git commit --allow-empty -m two; echo x > f; git diff --stat | wc -l");
        let said = said.await.unwrap();
        assert!(
            said.starts_with("one\n") && said.contains("Read-only"),
            "{said}"
        );
        assert!(said.ends_with("0\n"), "{said}");
        does(
            &place,
            ReadWriteGit,
            "git commit -q --allow-empty -m two; git worktree prune; git gc -q",
        )
        .await;
        assert_eq!(place.on_host("git log --format=%s").unwrap(), "two\none\n");
        // The other one is not seen inside, and is still there.
        assert_eq!(
            place.on_host("git -C ../v log --format=%s").unwrap(),
            "one\n"
        );
    }
}

#[tokio::test]
async fn work_trees_elsewhere_are_never_pruned() {
    for owner in owners() {
        let place = Place::new(
            "w",
            owner,
            "new .; git worktree add -q ../v; echo y > ../v/f; git -C ../v add f",
        );
        place
            .inside(
                ReadWriteGit,
                "git worktree prune; git worktree prune -v --expire now; rm -rf .git/worktrees; \
             mv .git/worktrees/v .git/worktrees/x; mv .git/worktrees x; git gc -q --prune=now",
            )
            .await
            .unwrap();
        assert_eq!(
            place.on_host("git -C ../v status --short").unwrap(),
            "M  f\n"
        );
    }
}

#[tokio::test]
async fn a_submodule_is_a_workspace() {
    for owner in owners() {
        let place = Place::new(
            "w/s",
            owner,
            "cd ..; rmdir s; new ../o; new .; git submodule -q add ../o s; git commit -qm s",
        );
        does(&place, ReadWrite, "test $(git log --format=%s) = one").await;
        does(&place, ReadWriteGit, "git commit -q --allow-empty -m two").await;
        assert_eq!(place.on_host("git log --format=%s -1").unwrap(), "two\n");
    }
}

#[tokio::test]
async fn a_file_that_leads_elsewhere_shows_nothing_of_it() {
    // A repository that does not know the workspace, and one that only says so.
    for planted in [
        "echo \"gitdir: $PWD/../o/.git\" > .git",
        "mkdir -p ../e; echo \"$PWD/.git\" > ../e/gitdir; echo ../o > ../e/commondir; echo ref: refs/heads/x > ../e/HEAD; \
         mkdir ../o/objects ../o/refs; echo \"gitdir: $PWD/../e\" > .git",
    ] {
        let place = Place::new(
            "w",
            None,
            &format!("new ../o; echo secret > ../o/secret; {planted}"),
        );
        for access in [ReadOnly, ReadWrite, ReadWriteGit] {
            let path = place.folder.path().join("o").display().to_string();
            let said = place
                .inside(access, &format!("ls {path}; cat {path}/secret; true"))
                .await
                .unwrap();
            assert!(
                !said.contains("secret\n") || said.contains("No such"),
                "{said}"
            );
            assert!(!said.lines().any(|line| line == "secret"), "{said}");
        }
        assert!(names(&place.path()).contains(&".git".to_owned()));
    }
}
