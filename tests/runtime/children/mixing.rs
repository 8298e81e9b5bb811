//! Many trees of every kind at once: waited for by a call, driven by one, left
//! behind by one. Whatever ends them ends exactly those that it means.

use std::path::Path;
use std::time::Duration;

use boll_host::{CallError, Outcome};
use serde_json::json;
use tokio::task::JoinHandle;

use super::{named as child_named, spawn_sh, step, until_said, writing};
use crate::bench::{Bench, named, reply, sh, until};
use crate::support::{eventually, marker, processes_with};

type Call = JoinHandle<Result<Outcome, CallError>>;

/// All that was started under one call id.
struct Group {
    id: &'static str,
    marker: String,
    calls: Vec<Call>,
}

/// A tree with an escapee, which notes in the workspace that it runs and, when
/// it is asked, that it was. Its name is in its command lines.
fn script(name: &str) -> String {
    format!(
        "(setsid sleep {name} &); trap 'touch asked-{name}; exit 7' INT; touch up-{name}; \
         echo up; while :; do sleep 0.05; done"
    )
}

/// How many files in the workspace start like this.
fn files(workspace: &Path, start: &str) -> usize {
    let entries = std::fs::read_dir(workspace).expect("the workspace");
    let names = entries.flatten().map(|entry| entry.file_name());
    names
        .filter(|name| name.to_string_lossy().starts_with(start))
        .count()
}

/// Starts two commands that a call waits for, a child that a call drives, and
/// one that a call has left behind.
async fn group(bench: &Bench, id: &'static str) -> Group {
    let marker = marker();
    let tree = |name: &str| script(&format!("{marker}{name}"));
    let mut calls: Vec<Call> = ["1", "2"]
        .map(|name| bench.begin("run", sh(&tree(name)).to_string(), named(id)))
        .into();
    let driven = json!([spawn_sh(&tree("3")), until_said("up\n"), step("wait")]);
    calls.push(bench.begin("children", driven.to_string(), named(id)));
    let left = json!([spawn_sh(&tree("4")), until_said("up\n"), step("detach")]);
    reply(bench.call("children", &left.to_string(), named(id)).await);
    let up = format!("up-{marker}");
    until("all are up", || files(bench.workspace(), &up) == 4).await;
    until("so are the escapees", || processes_with(&marker) >= 8).await;
    Group { id, marker, calls }
}

impl Group {
    fn is_whole(&self) -> bool {
        processes_with(&self.marker) >= 8 && !self.calls.iter().any(JoinHandle::is_finished)
    }

    /// Each was asked, each is gone, and each call has ended.
    async fn has_ended(self, bench: &Bench) {
        eventually("no process is left", || processes_with(&self.marker) == 0);
        let asked = format!("asked-{}", self.marker);
        assert_eq!(files(bench.workspace(), &asked), 4, "all were asked first");
        for call in self.calls {
            assert!(call.await.expect("no panic").is_err());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelling_ids_ends_their_trees_of_every_kind_and_no_others() {
    let bench = writing("sh").start().await;
    let mut groups = Vec::new();
    for id in ["a", "b", "c", "d"] {
        groups.push(group(&bench, id).await);
    }
    // Two commands and two children each.
    assert_eq!(bench.runtime.cancel(["a", "c", "unknown"]), 8);
    let is_cancelled = |group: &Group| ["a", "c"].contains(&group.id);
    let (cancelled, others): (Vec<_>, Vec<_>) = groups.into_iter().partition(is_cancelled);
    for group in cancelled {
        group.has_ended(&bench).await;
    }
    assert!(others.iter().all(Group::is_whole), "they go on");
    assert_eq!(bench.runtime.cancel(["a", "c"]), 0);
    assert_eq!(bench.runtime.cancel(["b", "d"]), 8);
    for group in others {
        group.has_ended(&bench).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unloading_asks_every_tree_and_leaves_none() {
    let bench = writing("sh").start().await;
    let group = group(&bench, "a").await;
    assert!(bench.runtime.unload(&bench.id));
    group.has_ended(&bench).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_replaced_keeps_its_trees_until_its_calls_have_ended() {
    let bench = writing("sh").start().await;
    let group = group(&bench, "a").await;
    bench.also(&writing("sh"), "guests").await.expect("loaded");
    // What the old one has detached is not the new one's.
    let listed = bench.steps(json!([step("list")])).await;
    assert_eq!(listed, [json!({"ok": []})]);
    assert_eq!(bench.sh("echo new").await, "new\n");
    assert!(group.is_whole(), "they go on");
    assert_eq!(bench.runtime.cancel(["a"]), 4);
    group.has_ended(&bench).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shutting_down_asks_every_tree_and_waits_for_its_end() {
    let bench = writing("sh").start().await;
    let group = group(&bench, "a").await;
    bench.runtime.shut_down().await;
    assert_eq!(processes_with(&group.marker), 0);
    group.has_ended(&bench).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_runtime_leaves_none() {
    let bench = writing("sh").start().await;
    let group = group(&bench, "a").await;
    // Each call under way holds the runtime.
    for call in group.calls {
        call.abort();
        assert!(call.await.expect_err("aborted").is_cancelled());
    }
    drop(bench);
    eventually("no process is left", || processes_with(&group.marker) == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_reaches_what_its_call_is_just_leaving_behind() {
    let bench = writing("sh").start().await;
    let marker = marker();
    for round in 0..40u64 {
        let up = format!("up-{round}");
        let first = spawn_sh(&format!("touch {up}"));
        let second = child_named(spawn_sh(&format!("sleep {marker}; :")), "second");
        let detach = child_named(step("detach"), "second");
        let steps = json!([first, step("wait"), second, detach]).to_string();
        let call = bench.begin("children", steps, named("a"));
        until("the call is under way", || {
            bench.workspace().join(&up).exists()
        })
        .await;
        tokio::time::sleep(Duration::from_micros(round * 500)).await;
        bench.runtime.cancel(["a"]);
        // It may have ended before, and may not; its child has to end.
        let _ = call.await.expect("no panic");
        eventually("its child is gone", || processes_with(&marker) == 0);
    }
}
