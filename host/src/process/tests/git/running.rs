//! What the host's user does while a process runs.

use super::super::support::{sh, until};
use super::{Place, names};
use crate::policy::WorkspaceAccess;

#[tokio::test]
async fn what_git_replaces_on_the_host_stays_pinned() {
    let place = Place::new("w", None, "new .");
    let bench = place.bench();
    let script = "touch ready; while [ ! -e go ]; do sleep 0.01; done; git config core.fsmonitor evil; \
                  touch .git/hooks/x; mv .git x; mkdir -p .git; touch .git/y; touch done; sleep 9";
    let command = bench.allow(sh(script), WorkspaceAccess::ReadWrite);
    let child = bench.service.spawn(command, bench.context()).await.unwrap();
    until("it runs", || place.path().join("ready").exists()).await;
    place
        .on_host(
            "git config user.name b; git pack-refs --all; git gc -q; git config x.y z; touch go",
        )
        .unwrap();
    until("it has tried", || place.path().join("done").exists()).await;
    drop(child);
    assert!(!place.path().join(".git/y").exists() && !place.path().join("x").exists());
    let config = std::fs::read_to_string(place.path().join(".git/config")).unwrap();
    assert!(!config.contains("evil"), "{config}");
}

#[tokio::test]
async fn a_name_is_held_until_the_last_sandbox_that_needs_it_is_gone() {
    let place = Place::new("w", None, "new .; git config core.hooksPath .husky");
    // Two hosts: the second finds what the first has put there.
    let (first, second) = (place.bench(), place.bench());
    let command = first.allow(
        sh("touch one; while [ ! -e end ]; do sleep 0.01; done"),
        WorkspaceAccess::ReadWrite,
    );
    let one = first.service.spawn(command, first.context()).await.unwrap();
    until("the first runs", || place.path().join("one").exists()).await;
    let plant = "touch two; while [ ! -e go ]; do sleep 0.01; done; mkdir -p .husky; \
                 touch .husky/pre-commit; mv .husky x; mkdir .husky; touch .husky/y; touch done; sleep 9";
    let command = second.allow(sh(plant), WorkspaceAccess::ReadWrite);
    let other = second
        .service
        .spawn(command, second.context())
        .await
        .unwrap();
    until("the second runs", || place.path().join("two").exists()).await;
    std::fs::write(place.path().join("end"), "").unwrap();
    drop(one);
    first.service.shut_down().await;
    assert!(place.path().join(".husky").exists(), "it was given back");
    std::fs::write(place.path().join("go"), "").unwrap();
    until("it has tried", || place.path().join("done").exists()).await;
    for planted in [".husky/pre-commit", ".husky/y", "x"] {
        assert!(!place.path().join(planted).exists(), "{planted}");
    }
    drop(other);
    second.service.shut_down().await;
    assert!(!place.path().join(".husky").exists(), "it was left behind");
}

#[tokio::test]
async fn what_holds_names_is_not_in_the_way_of_the_users_git() {
    let place = Place::new("w/sub", None, "new ..");
    let bench = place.bench();
    let script = "touch ready; while [ ! -e go ]; do sleep 0.01; done";
    let command = bench.allow(sh(script), WorkspaceAccess::ReadWrite);
    let child = bench.service.spawn(command, bench.context()).await.unwrap();
    until("it runs", || place.path().join("ready").exists()).await;
    let said = place.on_host("git log --format=%s HEAD; git status --short . > /dev/null");
    std::fs::write(place.path().join("go"), "").unwrap();
    drop(child);
    bench.service.shut_down().await;
    assert_eq!(said, Ok("one\n".to_owned()));
}

#[tokio::test]
async fn what_the_user_makes_meanwhile_stays() {
    let place = Place::new("w", None, "");
    let (first, second) = (place.bench(), place.bench());
    let wait = "touch one; while [ ! -e end ]; do sleep 0.01; done";
    let command = first.allow(sh(wait), WorkspaceAccess::ReadWrite);
    let one = first.service.spawn(command, first.context()).await.unwrap();
    until("the first runs", || place.path().join("one").exists()).await;
    // The user takes what holds the names for leftovers, and puts its own there.
    place
        .on_host(
            "mkdir ../git objects; touch ../refs ../commondir; mv -T ../git .git; \
             mv ../refs ../commondir .",
        )
        .unwrap();
    let command = second.allow(sh("true"), WorkspaceAccess::ReadWrite);
    second.service.run(command, second.context()).await.unwrap();
    second.service.shut_down().await;
    let own = [".git", "commondir", "objects", "refs"];
    let left = |place: &Place| {
        let mut names = names(&place.path());
        names.retain(|name| own.contains(&name.as_str()));
        names
    };
    assert_eq!(left(&place), own);
    std::fs::write(place.path().join("end"), "").unwrap();
    drop(one);
    first.service.shut_down().await;
    assert_eq!(left(&place), own);
}
