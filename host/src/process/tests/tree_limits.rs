//! Limits on all processes of a command together: those that it asks for, and those
//! that every one has.

use super::support::{Bench, eventually, sh};
use super::users::while_running;
use crate::policy::Access;
use crate::policy::command::{CommandSpec, Limits};
use crate::process::{
    Cause, ExitStatus, ProcessError, ProcessLimit, ProcessService, ProcessSettings, TreeBound,
};
use crate::sandbox::{Order, TreeLimit, TreeLimits};

fn limited(script: &str, memory: u64) -> CommandSpec {
    CommandSpec {
        limits: Limits {
            memory: Some(memory),
            ..Limits::default()
        },
        ..sh(script)
    }
}

#[tokio::test]
async fn memory_is_limited_for_all_processes_together() {
    let bench = Bench::new();
    // Each has a part of what is too much only together.
    bench.executable(
        "hold",
        b"#!/bin/sh\nx=$(head -c 25000000 /dev/zero | tr '\\0' x)\ntouch held-$1; sleep $2\n",
    );
    let wait = "while ! [ -e held-$i ]; do kill -0 $! || exit 9; sleep 0.01; done";
    let script = format!("for i in 1 2 3 4 5 6; do ./hold $i 1000 & {wait}; done; exit 0");
    for round in 0..2 {
        let spec = limited(&script, 100 << 20);
        let Some(output) = bench.run_limited(TreeLimit::Memory, spec).await else {
            return;
        };
        assert_eq!(
            output.exit.cause,
            Cause::Limit(ProcessLimit::Memory),
            "{round}"
        );
        assert!(output.usage.peak_memory > 80 << 20, "{output:?}");
        assert!(output.usage.peak_memory <= 100 << 20, "{output:?}");
        for held in 1..=6 {
            let _ = std::fs::remove_file(bench.path().join(format!("held-{held}")));
        }
    }
    let alone = bench.run(limited("./hold 1 0", 100 << 20)).await;
    assert_eq!(alone.exit.status, ExitStatus::Code(0));
    assert_eq!(alone.exit.cause, Cause::Own);
}

#[tokio::test]
async fn the_number_is_limited_and_told() {
    let bench = Bench::new();
    let mut spec = sh("i=0; while [ $i -lt 40 ]; do sleep 9 & i=$((i+1)); done; echo all");
    spec.limits.pids = Some(10);
    let output = bench.run(spec).await;
    assert!(output.stdout.bytes.is_empty(), "{output:?}");
    // Where only the kernel's own count limits it, nobody tells that it did.
    if bench.has_cgroup(TreeLimit::Pids) {
        assert_eq!(output.exit.cause, Cause::Limit(ProcessLimit::Pids));
    }
}

#[tokio::test]
async fn the_groups_are_left_by_the_tree_and_go_with_the_host() {
    let bench = Bench::new();
    let sandbox = bench.service.sandbox();
    if !bench.has_cgroup(TreeLimit::Memory) {
        return;
    }
    let order = Order {
        directory: "/workspace".into(),
        program: "/bin/sleep".into(),
        args: vec!["sleep".into(), "100".into()],
        tree: TreeLimits {
            memory: Some(64 << 20),
            pids: Some(8),
            weight: Some(20),
        },
        ..Order::default()
    };
    let mut all = Vec::new();
    for _ in 0..3 {
        let prepared = sandbox.prepare(Access::default(), &order, bench.null_stdio());
        let (child, ends) = sandbox
            .launch(prepared.unwrap(), Box::new(()))
            .await
            .unwrap();
        let groups = child.group_paths();
        assert!(!groups.is_empty());
        let joined = || {
            groups.iter().all(|group| {
                let list = std::fs::read_to_string(group.join("cgroup.procs"));
                list.is_ok_and(|list| list.lines().count() == 1)
            })
        };
        eventually("it has joined, and it alone", joined);
        eventually("its memory counts", || child.usage().peak_memory > 0);
        drop((child, ends));
        eventually("nobody is in the groups", || {
            let mut lists = groups
                .iter()
                .map(|group| std::fs::read_to_string(group.join("cgroup.procs")));
            lists.all(|list| list.map_or(true, |list| list.is_empty()))
        });
        all.extend(groups);
    }
    drop(bench);
    eventually("the groups are removed", || {
        all.iter().all(|group| !group.exists())
    });
}

/// A bench whose processes are held to other limits.
fn bound(set: impl FnOnce(&mut ProcessSettings)) -> Bench {
    let mut bench = Bench::new();
    let mut settings = *bench.service.settings();
    set(&mut settings);
    bench.service = ProcessService::new(bench.service.sandbox().clone(), settings);
    bench
}

const HOLD_60_MB: &str = "x=$(head -c 60000000 /dev/zero | tr '\\0' x); echo held";

#[tokio::test]
async fn a_tree_that_asks_for_nothing_has_the_memory_of_the_host() {
    let bench = bound(|settings| settings.memory = TreeBound::WherePossible(40 << 20));
    if !bench.has_cgroup(TreeLimit::Memory) {
        return;
    }
    // From a sandbox that is built for it, and from ones that were built ahead.
    for _ in 0..3 {
        let output = bench.run(sh(HOLD_60_MB)).await;
        assert_eq!(
            output.exit.cause,
            Cause::Limit(ProcessLimit::Memory),
            "{output:?}"
        );
        assert!(output.stdout.bytes.is_empty(), "{output:?}");
        assert!(output.usage.peak_memory <= 40 << 20, "{output:?}");
    }
    // Asking for less helps, and asking for more is refused.
    let output = bench.run(limited(
        "head -c 20000000 /dev/zero | tr '\\0' x | wc -c",
        30 << 20,
    ));
    assert_eq!(output.await.stdout.bytes, b"20000000\n");
    let error = bench.try_run(limited("true", 50 << 20)).await.unwrap_err();
    assert!(error.to_string().contains("at most"), "{error}");
    // The next is not held to what the one before asked for.
    let room = bound(|settings| settings.memory = TreeBound::WherePossible(200 << 20));
    assert_eq!(room.run(sh(HOLD_60_MB)).await.stdout.bytes, b"held\n");
}

#[tokio::test]
async fn by_default_a_tree_has_less_memory_than_the_machine() {
    let bench = Bench::new();
    let settings = ProcessSettings::default();
    assert_eq!(settings.memory.most(), Some(2 << 30));
    assert_eq!(settings.pids.most(), Some(1024));
    if !bench.has_cgroup(TreeLimit::Memory) {
        return;
    }
    let all = bench.service.sandbox().memory_of_all().unwrap();
    let info = std::fs::read_to_string("/proc/meminfo").unwrap();
    let total = info.split_whitespace().nth(1).unwrap();
    assert!(all < total.parse::<u64>().unwrap() * 1024);
}

#[tokio::test]
async fn a_fork_bomb_of_a_tree_that_asks_for_nothing_is_bounded() {
    let bench = bound(|settings| settings.pids = TreeBound::WherePossible(40));
    let script = "i=0; while [ $i -lt 80 ]; do sleep 9 & i=$((i+1)); done; echo all";
    let output = bench.run(sh(script)).await;
    assert!(output.stdout.bytes.is_empty(), "{output:?}");
}

#[tokio::test]
async fn a_file_of_a_tree_that_asks_for_nothing_is_bounded() {
    let bench = bound(|settings| settings.file_size = Some(1 << 20));
    let exit = bench
        .run(sh("exec head -c 2000000 /dev/zero > large"))
        .await
        .exit;
    assert_eq!(exit.cause, Cause::Limit(ProcessLimit::FileSize));
    assert_eq!(
        std::fs::metadata(bench.path().join("large")).unwrap().len(),
        1 << 20
    );
}

#[tokio::test]
async fn a_tree_weighs_less_than_the_host() {
    let bench = bound(|settings| settings.cpu_weight = TreeBound::Required(20));
    if !bench.has_cgroup(TreeLimit::Weight) {
        return;
    }
    let group = while_running(&bench, "77142", |process| {
        let own = std::fs::read_to_string(process.join("cgroup")).unwrap();
        let has_cpu = |list: &str| list.is_empty() || list.split(',').any(|name| name == "cpu");
        let mut lines = own
            .lines()
            .filter_map(|line| line.split_once(':')?.1.split_once(':'));
        let (_, path) = lines
            .find(|(list, path)| has_cpu(list) && path.contains("boll-"))
            .unwrap();
        path.to_owned()
    })
    .await;
    // The group of all trees is right above the tree's own.
    let (top, _) = group.rsplit_once('/').unwrap();
    let places = [
        "/sys/fs/cgroup/cpu",
        "/sys/fs/cgroup/cpu,cpuacct",
        "/sys/fs/cgroup",
    ];
    let weight = places.iter().find_map(|place| {
        let read = |file| std::fs::read_to_string(format!("{place}{top}/{file}")).ok();
        read("cpu.shares").or_else(|| read("cpu.weight"))
    });
    assert!(["204", "20"].contains(&weight.unwrap().trim()));
}

#[tokio::test]
async fn what_the_operator_sets_and_the_machine_cannot_enforce_is_refused() {
    for limit in [TreeLimit::Memory, TreeLimit::Weight] {
        let bench = bound(|settings| match limit {
            TreeLimit::Memory => settings.memory = TreeBound::Required(1 << 30),
            _ => settings.cpu_weight = TreeBound::Required(20),
        });
        match (
            bench.try_run(sh("true")).await,
            bench.service.sandbox().refusal(limit),
        ) {
            (Ok(_), None) => {}
            (Err(ProcessError::UnsupportedLimit(_)), Some(_)) => {}
            other => panic!("{other:?}"),
        }
    }
    // What is so by default refuses nothing.
    Bench::new().run(sh("true")).await;
}
