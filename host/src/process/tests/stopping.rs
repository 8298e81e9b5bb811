//! TreeEnd process trees: by a call's end, by time, by the host's end.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::support::{Bench, eventually, processes_with, sh};
use crate::call::Deadline;
use crate::policy::WorkspaceAccess;
use crate::process::{Cause, ExitStatus, Output, ProcessError};

/// Runs a script until it has written a line, then cancels it.
async fn cancelled(script: &str) -> Output {
    let bench = Bench::new();
    let cancel = CancellationToken::new();
    let mut context = bench.context();
    context.cancel = cancel.clone();
    let command = bench.allow(sh(script), WorkspaceAccess::ReadWrite);
    let ready = bench.path().join("ready");
    let (output, ()) = tokio::join!(bench.service.run(command, context), async {
        while !ready.exists() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        cancel.cancel();
    });
    output.unwrap()
}

#[tokio::test]
async fn cancelling_interrupts_first() {
    let output = cancelled("trap 'echo bye; exit 5' INT; touch ready; while :; do :; done").await;
    assert_eq!(output.exit.status, ExitStatus::Code(5));
    assert_eq!(output.exit.cause, Cause::Cancelled);
    assert_eq!(output.stdout.bytes, b"bye\n");
}

#[tokio::test]
async fn what_does_not_listen_is_killed() {
    let output = cancelled("trap '' INT TERM; touch ready; while :; do sleep 9; done").await;
    assert_eq!(output.exit.status, ExitStatus::Signal(9));
    assert_eq!(output.exit.cause, Cause::Cancelled);
}

#[tokio::test]
async fn a_stopped_tree_dies() {
    let output = cancelled("sleep 77123 & touch ready; kill -STOP 0").await;
    assert_eq!(output.exit.cause, Cause::Cancelled);
    assert_eq!(processes_with("77123"), 0);
}

#[tokio::test]
async fn a_background_job_goes_too() {
    let output = cancelled("(trap '' INT; sleep 77124; sleep 77124) & touch ready; wait").await;
    assert_eq!(output.exit.cause, Cause::Cancelled);
    assert_eq!(processes_with("77124"), 0);
}

#[tokio::test]
async fn an_escapee_goes_with_the_main_process() {
    let bench = Bench::new();
    let script =
        "(setsid sh -c 'sleep 77125; sleep 77125' > /dev/null 2>&1 &); sleep 0.1; echo out";
    assert_eq!(bench.sh(script).await, "out\n");
    assert_eq!(processes_with("77125"), 0);
}

#[tokio::test]
async fn a_deadline_ends_the_tree() {
    let bench = Bench::new();
    let mut own = sh("sleep 77126");
    own.deadline = Some(Duration::from_millis(100));
    let mut of_call = bench.context();
    of_call.deadline = Some(Deadline::after(Duration::from_millis(100)));
    let command = bench.allow(sh("sleep 77126"), WorkspaceAccess::ReadOnly);
    let started = Instant::now();
    let (first, second) = tokio::join!(bench.run(own), bench.service.run(command, of_call));
    for output in [first, second.unwrap()] {
        assert_eq!(output.exit.status, ExitStatus::Signal(2));
        assert_eq!(output.exit.cause, Cause::TimedOut);
    }
    assert!(started.elapsed() < Duration::from_secs(5));
    assert_eq!(processes_with("77126"), 0);
}

#[tokio::test]
async fn a_cancelled_call_starts_nothing() {
    let bench = Bench::new();
    let context = bench.context();
    context.cancel.cancel();
    let command = bench.allow(sh("touch ran"), WorkspaceAccess::ReadWrite);
    let error = bench.service.run(command, context).await.unwrap_err();
    assert!(matches!(error, ProcessError::Cancelled));
    assert!(!bench.path().join("ran").exists());
}

#[tokio::test]
async fn cancelling_and_ending_at_once_gives_one_answer() {
    let bench = Bench::new();
    for delay in 0..20 {
        let cancel = CancellationToken::new();
        let mut context = bench.context();
        context.cancel = cancel.clone();
        let command = bench.allow(sh("exit 3"), WorkspaceAccess::ReadOnly);
        let (output, ()) = tokio::join!(bench.service.run(command, context), async {
            tokio::time::sleep(Duration::from_millis(delay * 2)).await;
            cancel.cancel();
        });
        let exit = match output {
            Ok(output) => output.exit,
            // It had not begun.
            Err(ProcessError::Cancelled) => continue,
            Err(other) => panic!("{other:?}"),
        };
        match exit.cause {
            Cause::Own => assert_eq!(exit.status, ExitStatus::Code(3)),
            Cause::Cancelled => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn dropping_a_run_at_any_point_leaves_nothing() {
    let bench = Bench::new();
    for delay in 0..20 {
        let run = bench.try_run(sh("sleep 77127"));
        let _ = tokio::time::timeout(Duration::from_millis(delay * 2), run).await;
    }
    eventually("the sleepers are gone", || processes_with("77127") == 0);
}

#[tokio::test]
async fn shutdown_ends_everything_and_waits() {
    let bench = Bench::new();
    let running = tokio::spawn({
        let command = bench.allow(sh("touch ready; sleep 77128"), WorkspaceAccess::ReadWrite);
        let (service, context) = (bench.service.clone(), bench.context());
        async move { service.run(command, context).await }
    });
    while !bench.path().join("ready").exists() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    bench.service.shut_down().await;
    assert_eq!(processes_with("77128"), 0);
    let output = running.await.unwrap().unwrap();
    assert_eq!(output.exit.cause, Cause::Shutdown);
    let error = bench.try_run(sh("true")).await.unwrap_err();
    assert!(matches!(error, ProcessError::ShuttingDown));
}

#[tokio::test]
async fn shutdown_waits_for_dropped_runs_too() {
    let bench = Bench::new();
    let running = tokio::spawn({
        let command = bench.allow(sh("touch ready; sleep 77129"), WorkspaceAccess::ReadWrite);
        let (service, context) = (bench.service.clone(), bench.context());
        async move { service.run(command, context).await }
    });
    while !bench.path().join("ready").exists() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    bench.service.shut_down().await;
    assert_eq!(processes_with("77129"), 0);
}
