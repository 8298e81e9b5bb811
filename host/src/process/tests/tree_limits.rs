//! Limits on all processes of a command together. Where the machine delegates no
//! control group, that they are refused, and why.

use super::support::{Bench, eventually, sh};
use crate::policy::Access;
use crate::process::command::{CommandSpec, Limits};
use crate::process::{Cause, ExitStatus, LimitKind, Output, ProcessError};
use crate::sandbox::{Order, TreeLimit, TreeLimits};

/// The command's output, or `None` where its limit is refused here.
#[allow(clippy::print_stderr, reason = "says what this machine does not show")]
async fn run(bench: &Bench, limit: TreeLimit, spec: CommandSpec) -> Option<Output> {
    let Some(reason) = bench.service.sandbox().refusal(limit) else {
        return Some(bench.run(spec).await);
    };
    // Shown with `--nocapture`, and when the test fails.
    eprintln!("not enforced here, only refused: {limit}: {reason}");
    assert!(reason.contains("Delegate"), "{reason}");
    let error = bench.try_run(spec).await.unwrap_err();
    let ProcessError::UnsupportedLimit(told) = error else {
        panic!("{error}");
    };
    assert!(told.contains(&reason), "{told}");
    None
}

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
        let Some(output) = run(&bench, TreeLimit::Memory, spec).await else {
            return;
        };
        assert_eq!(
            output.exit.cause,
            Cause::Limit(LimitKind::Memory),
            "{round}"
        );
        assert!(output.usage.peak_memory > 80 << 20, "{output:?}");
        assert!(output.usage.peak_memory <= 100 << 20, "{output:?}");
        for held in 1..=6 {
            let _ = std::fs::remove_file(bench.path().join(format!("held-{held}")));
        }
    }
    let alone = run(&bench, TreeLimit::Memory, limited("./hold 1 0", 100 << 20)).await;
    let alone = alone.unwrap();
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
    let told = bench.service.sandbox().refusal(TreeLimit::Pids).is_none();
    let is_limit = output.exit.cause == Cause::Limit(LimitKind::Pids);
    assert_eq!(is_limit, told, "{output:?}");
}

#[tokio::test]
async fn the_groups_go_with_the_tree() {
    let bench = Bench::new();
    let sandbox = bench.service.sandbox();
    if sandbox.refusal(TreeLimit::Memory).is_some() {
        return;
    }
    let order = Order {
        directory: "/workspace".into(),
        program: "/bin/sleep".into(),
        args: vec!["sleep".into(), "100".into()],
        tree: TreeLimits {
            memory: Some(64 << 20),
            pids: Some(8),
        },
        ..Order::default()
    };
    for _ in 0..3 {
        let prepared = sandbox.prepare(Access::default(), &order, bench.null_stdio());
        let groups = prepared.as_ref().unwrap().group_paths();
        assert!(!groups.is_empty());
        let (child, ends) = sandbox
            .launch(prepared.unwrap(), Box::new(()))
            .await
            .unwrap();
        let joined = || {
            groups.iter().all(|group| {
                let list = std::fs::read_to_string(group.join("cgroup.procs"));
                list.is_ok_and(|list| list.lines().count() == 1)
            })
        };
        eventually("it has joined, and it alone", joined);
        eventually("its memory counts", || child.usage().peak_memory > 0);
        drop((child, ends));
        eventually("the groups are removed", || {
            groups.iter().all(|group| !group.exists())
        });
    }
}
