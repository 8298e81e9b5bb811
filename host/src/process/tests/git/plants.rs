//! The ways to plant something, each tried as the workspace's every owner.

use std::fs;
use std::os::unix::fs::symlink;

use super::closed::OF_CLOSED;
use super::commands::OF_COMMANDS;
use super::computed::OF_FOLDERS;
use super::named::OF_NAMES;
use super::trees::OF_TREES;
use super::ways::{OF_REPOSITORIES, Plant};
use super::{Place, names, owners};
use crate::policy::WorkspaceAccess;

fn all() -> impl Iterator<Item = &'static Plant> {
    let named = OF_NAMES.iter().chain(OF_TREES).chain(OF_COMMANDS);
    let closed = OF_FOLDERS.iter().chain(OF_CLOSED);
    OF_REPOSITORIES.iter().chain(named).chain(closed)
}

#[tokio::test]
async fn nothing_that_is_planted_is_executed() {
    for plant in all() {
        for owner in owners() {
            let place = Place::new(plant.workspace, owner, plant.prepare);
            // A workspace swapped under it by the script is where it was.
            let said = place.inside(WorkspaceAccess::ReadWrite, plant.inside).await;
            let said = said.unwrap_or_else(|error| panic!("{}: {error}", plant.what));
            let after = place.on_host(plant.after);
            assert!(
                !place.mark().exists(),
                "{} ({owner:?}):\n{said}\n{after:?}",
                plant.what
            );
        }
    }
}

#[tokio::test]
async fn the_same_is_executed_where_it_is_granted() {
    // The tests of the plants would pass with plants that do nothing.
    for plant in all().filter(|plant| plant.after != "git status; test ! -e wrote") {
        let place = Place::new(plant.workspace, None, plant.prepare);
        let said = place
            .inside(WorkspaceAccess::ReadWriteGit, plant.inside)
            .await
            .unwrap();
        let after = place.on_host(plant.after);
        assert!(place.mark().exists(), "{}:\n{said}\n{after:?}", plant.what);
    }
}

#[tokio::test]
async fn folders_that_lie_too_deep_keep_nobody_from_writing() {
    const DEEP: &str =
        "import os\nfor _ in range(300):\n  os.mkdir('a' * 20)\n  os.chdir('a' * 20)";
    for owner in owners() {
        let place = Place::new("w", owner, "");
        let deep = format!("python3 -c \"{DEEP}\"");
        for script in [&*deep, "echo x > f; cat f"] {
            let said = place.inside(WorkspaceAccess::ReadWrite, script).await;
            let said = said.unwrap_or_else(|error| panic!("{script}: {error}"));
            assert!(said.is_empty() || said == "x\n", "{said}");
        }
        assert!(place.path().join("f").exists());
    }
}

#[tokio::test]
async fn nothing_is_left_of_what_held_a_name() {
    for owner in owners() {
        let place = Place::new("w", owner, "");
        let said = place
            .inside(WorkspaceAccess::ReadWrite, "touch mine; ls -A")
            .await
            .unwrap();
        assert_eq!(said, ".git\ncommondir\nmine\nrefs\n");
        assert_eq!(names(&place.path()), ["mine"]);
    }
}

const TAKES: &str =
    "touch .git/x refs/x mine; mkdir -p refs/heads; rm -f commondir; echo x > commondir";

#[tokio::test]
async fn what_a_killed_host_left_is_taken_again() {
    let left = "mkdir .git; touch refs commondir; touch -d @1000000000 .git refs commondir";
    let place = Place::new("w", None, left);
    place
        .inside(WorkspaceAccess::ReadWrite, TAKES)
        .await
        .unwrap();
    assert_eq!(names(&place.path()), ["mine"]);
}

#[tokio::test]
async fn what_is_empty_and_the_users_own_stays() {
    for own in [
        "mkdir .git objects; touch refs commondir",
        "mkdir .git refs; touch objects",
    ] {
        let place = Place::new("w", None, own);
        let before = names(&place.path());
        place
            .inside(WorkspaceAccess::ReadWrite, TAKES)
            .await
            .unwrap();
        let mut after = names(&place.path());
        after.retain(|name| name != "mine");
        assert_eq!(after, before);
        assert!(place.path().join("refs").metadata().unwrap().len() == 0 || own.contains("refs;"));
    }
}

#[tokio::test]
async fn a_link_that_git_follows_refuses_writing() {
    let place = Place::new("w", None, "new ../o");
    symlink("../o/.git", place.path().join(".git")).unwrap();
    let error = place
        .inside(WorkspaceAccess::ReadWrite, "true")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("`.git`") && error.contains("workspace:git"),
        "{error}"
    );
    place
        .inside(WorkspaceAccess::ReadOnly, "true")
        .await
        .unwrap();
}

#[tokio::test]
async fn too_many_repositories_refuse_writing() {
    let place = Place::new(
        "w",
        None,
        "for n in $(seq 200); do mkdir -p $n/.git; echo x > $n/.git/HEAD; done",
    );
    let error = place
        .inside(WorkspaceAccess::ReadWrite, "true")
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("at most 256") && error.contains("workspace:git"),
        "{error}"
    );
    place
        .inside(WorkspaceAccess::ReadWriteGit, "true")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_configuration_that_includes_itself_has_an_end() {
    let prepare = "git init -q n; for i in 1 2 3 4 5; do printf '[include]\\n path = config\\n' >> n/.git/config; done";
    let place = Place::new("w", None, prepare);
    let said = place.inside(WorkspaceAccess::ReadWrite, "touch x && echo done");
    assert_eq!(said.await.unwrap(), "done\n");
}

#[tokio::test]
async fn an_index_that_cannot_be_read_closes_its_work_tree_only() {
    let place = Place::new("w", None, "new a/n; echo junk > a/n/.git/index");
    let said = place.inside(
        WorkspaceAccess::ReadWrite,
        "touch a/x && echo a; touch a/n/x && echo n",
    );
    let said = said.await.unwrap();
    assert!(
        said.starts_with("a\n") && said.contains("Read-only"),
        "{said}"
    );
}

#[tokio::test]
async fn folders_that_cannot_be_listed_stay_as_they_are() {
    if rustix::process::geteuid().is_root() {
        return; // Root lists every folder.
    }
    for (name, mode) in [("a", "000"), ("a", "444"), ("a/n", "311")] {
        let place = Place::new("w", None, "new a/n; mkdir b");
        let hide = format!("chmod {mode} {name}; touch x && echo wrote");
        let said = place
            .inside(WorkspaceAccess::ReadWrite, &hide)
            .await
            .unwrap();
        assert_eq!(said, "wrote\n");
        let plant = format!(
            "chmod 755 {name}; git config -f a/n/.git/config core.fsmonitor \"$EVIL\"; touch b/y && echo wrote"
        );
        let said = place
            .inside(WorkspaceAccess::ReadWrite, &plant)
            .await
            .unwrap();
        assert!(said.ends_with("wrote\n"), "{said}");
        place
            .on_host(&format!("chmod 755 {name}; cd a/n; git status"))
            .unwrap();
        assert!(!place.mark().exists(), "{name} {mode}: {said}");
    }
}

#[tokio::test]
async fn as_many_repositories_as_can_be_are_pinned() {
    let prepare = "for n in $(seq 120); do mkdir -p $n/.git; echo x > $n/.git/HEAD; done";
    for owner in owners() {
        let place = Place::new("w", owner, prepare);
        let script = "for n in $(seq 120); do echo y > $n/.git/HEAD; touch $n/x; done";
        place
            .inside(WorkspaceAccess::ReadWrite, script)
            .await
            .unwrap();
        for n in 1..=120 {
            let head = fs::read(place.path().join(format!("{n}/.git/HEAD"))).unwrap();
            assert_eq!(head, b"x\n");
            assert!(place.path().join(format!("{n}/x")).exists());
        }
    }
}
