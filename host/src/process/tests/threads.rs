//! What a child costs the host in threads: none.

use super::host_process::{command, tell, told};
use super::support::{Bench, piped, until};

/// Runs in a host process of its own, so that nobody else's threads are counted.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_that_counts_its_threads() {
    let bench = Bench::new();
    // What all children share is there from the first one on.
    let first = bench.spawn(piped("cat")).await;
    let before = threads();
    let mut children = Vec::new();
    for _ in 0..2 {
        children.push(bench.spawn(piped("cat")).await);
    }
    for child in children.iter().chain([&first]) {
        child
            .write(b"x", std::time::Duration::from_secs(20))
            .await
            .unwrap();
    }
    assert_eq!(threads(), before);
    drop(children);
    until("they are gone", || {
        bench.service.list(&bench.context()).len() == 1
    })
    .await;
    tell("as before");
}

#[test]
fn no_child_has_a_thread() {
    let output = command("threads::host_that_counts_its_threads")
        .output()
        .unwrap();
    assert_eq!(told(&output), "as before");
}

/// The names of all but those that prepare starts, which do not stay for a child: one
/// more of them comes when two starts follow closely.
pub(super) fn threads() -> Vec<String> {
    let threads = std::fs::read_dir("/proc/self/task").unwrap().flatten();
    let name = |path: std::path::PathBuf| std::fs::read_to_string(path.join("comm"));
    let mut names: Vec<String> = threads.flat_map(|one| name(one.path())).collect();
    names.retain(|name| !["boll-prepare", "boll-lookout"].contains(&name.trim_end()));
    names.sort();
    names
}
