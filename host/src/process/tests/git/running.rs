//! What the host's user does while a process runs.

use super::super::support::{sh, until};
use super::Place;
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
