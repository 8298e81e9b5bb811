//! What a process tree has used, while it runs.

use std::time::Duration;

use super::support::Bench;
use crate::policy::Access;
use crate::sandbox::{Child, Usage};

/// The use of a tree, as soon as it is as expected.
async fn usage(child: &Child, is_expected: impl Fn(&Usage) -> bool) -> Usage {
    for _ in 0..2000 {
        let usage = child.usage();
        if is_expected(&usage) {
            return usage;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("never: {:?}", child.usage());
}

#[tokio::test]
async fn the_whole_tree_counts_while_it_runs() {
    let bench = Bench::new();
    let burn = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
    for script in [
        // Those that still run: a main process, a child, an escapee.
        "while :; do :; done".to_owned(),
        "(while :; do :; done); true".to_owned(),
        "setsid sh -c 'while :; do :; done' & sleep 100".to_owned(),
        // Those that have ended: waited for, and taken by the init.
        format!("({burn}); exec sleep 100"),
        format!("(setsid sh -c '{burn}' &); exec sleep 100"),
    ] {
        let (child, ends) = bench
            .launch(Access::default(), &["/bin/sh", "-c", &script])
            .await;
        let first = usage(&child, |usage| usage.cpu >= Duration::from_millis(50)).await;
        assert!(first.peak_memory > 0, "{script}");
        assert!(child.usage().cpu >= first.cpu, "{script}");
        drop(ends);
        child.gone().await.unwrap();
    }
}

#[tokio::test]
async fn one_that_waits_uses_next_to_nothing() {
    let bench = Bench::new();
    let (child, _ends) = bench
        .launch(Access::default(), &["/bin/sleep", "100"])
        .await;
    usage(&child, |usage| usage.peak_memory > 0).await;
    assert!(child.usage().cpu < Duration::from_millis(500));
}
