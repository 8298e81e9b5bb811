//! How processes end, and what the host says of it.

use super::support::{Bench, code, command, sh};
use crate::process::{Cause, Exit, ExitStatus, ProcessError, ProcessLimit};

async fn exit(script: &str) -> Exit {
    Bench::new().run(sh(script)).await.exit
}

#[tokio::test]
async fn output_and_code_come_back() {
    let output = Bench::new().run(command("echo", &["hello", "you"])).await;
    assert_eq!(output.stdout.bytes, b"hello you\n");
    assert_eq!(output.stdout.dropped, 0);
    assert!(output.stderr.bytes.is_empty());
    assert_eq!(code(&output.exit), 0);
    assert_eq!(output.exit.cause, Cause::Own);
    assert!(output.usage.peak_memory > 0);
    assert!(!output.elapsed.is_zero());
}

#[tokio::test]
async fn a_code_of_127_is_a_code() {
    assert_eq!(exit("exit 127").await.status, ExitStatus::Code(127));
}

#[tokio::test]
async fn a_code_is_told_from_a_signal() {
    assert_eq!(exit("exit 139").await.status, ExitStatus::Code(139));
    assert_eq!(exit("kill -SEGV $$").await.status, ExitStatus::Signal(11));
    let terminated = exit("kill -TERM $$").await;
    assert_eq!(terminated.status, ExitStatus::Signal(15));
    assert_eq!(terminated.cause, Cause::Own);
}

#[tokio::test]
async fn the_init_cannot_be_signalled_from_inside() {
    let script = "kill -9 1; kill -STOP 1; trap '' TERM; kill -TERM -1; echo alive";
    assert_eq!(Bench::new().sh(script).await, "alive\n");
}

#[tokio::test]
async fn a_writer_to_a_closed_pipe_ends() {
    let output = Bench::new().run(sh("yes | head -n 1")).await;
    assert_eq!(output.stdout.bytes, b"y\n");
    assert!(output.stderr.bytes.is_empty());
}

#[tokio::test]
async fn what_every_process_used_counts_once() {
    let bench = Bench::new();
    // It burns time, and holds 32 MiB.
    let burn = "#!/bin/sh\ni=0; while [ $i -lt 300000 ]; do i=$((i+1)); done\n\
                x=$(head -c 33554432 /dev/zero | tr '\\0' x); touch done\n";
    bench.executable("burn", burn.as_bytes());
    let alone = bench.run(sh("exec ./burn")).await.usage;
    let wait = "while ! [ -e done ]; do sleep 0.02; done";
    // A child that is waited for, a job that is not, an orphan that is killed.
    for script in [
        "./burn; true".to_owned(),
        format!("./burn & {wait}"),
        format!("(setsid sh -c './burn; exec sleep 77134' &); {wait}"),
    ] {
        std::fs::remove_file(bench.path().join("done")).unwrap();
        let usage = bench.run(sh(&script)).await.usage;
        assert!(usage.cpu > alone.cpu / 3, "{script}: {usage:?}, {alone:?}");
        assert!(usage.cpu < alone.cpu * 3, "{script}: {usage:?}, {alone:?}");
        assert!(usage.peak_memory > 32 << 20, "{script}: {usage:?}");
    }
    assert!(alone.cpu.as_millis() > 0);
}

#[tokio::test]
async fn spent_processor_time_is_a_limit() {
    let bench = Bench::new();
    for (script, signal) in [
        ("while :; do :; done", libc::SIGXCPU),
        ("trap '' XCPU; while :; do :; done", libc::SIGKILL),
    ] {
        let mut spec = sh(script);
        spec.limits.cpu_seconds = Some(1);
        let exit = bench.run(spec).await.exit;
        assert_eq!(exit.status, ExitStatus::Signal(signal as u8));
        assert_eq!(exit.cause, Cause::Limit(ProcessLimit::CpuSeconds));
    }
}

#[tokio::test]
async fn the_processor_time_of_a_whole_tree_is_a_limit() {
    // Each process stays far below it.
    let script = "while :; do timeout 0.2 sh -c 'while :; do :; done'; done";
    let mut spec = sh(script);
    spec.limits.cpu_seconds = Some(1);
    let exit = Bench::new().run(spec).await.exit;
    assert_eq!(exit.cause, Cause::Limit(ProcessLimit::CpuSeconds));
}

#[tokio::test]
async fn a_file_that_grows_too_large_is_a_limit() {
    let mut spec = sh("exec head -c 100000 /dev/zero > /tmp/large");
    spec.limits.file_size = Some(10_000);
    let exit = Bench::new().run(spec).await.exit;
    assert_eq!(exit.cause, Cause::Limit(ProcessLimit::FileSize));
}

#[tokio::test]
async fn limits_hold_and_cannot_be_raised() {
    let bench = Bench::new();
    let mut spec = sh("ulimit -n; ulimit -c; ulimit -n 100 && ulimit -n 200 || echo refused");
    spec.limits.open_files = Some(123);
    let output = bench.run(spec).await;
    assert_eq!(output.stdout.bytes, b"123\n0\nrefused\n");
}

#[tokio::test]
async fn a_fork_bomb_meets_its_limit() {
    let bench = Bench::new();
    let mut spec = sh("i=0; while [ $i -lt 40 ]; do sleep 9 & i=$((i+1)); done; echo all");
    spec.limits.pids = Some(10);
    let output = bench.run(spec).await;
    assert!(output.stdout.bytes.is_empty(), "{output:?}");
}

#[tokio::test]
async fn a_limit_that_cannot_be_enforced_is_refused() {
    let bench = Bench::new();
    let mut spec = sh("true");
    spec.limits.open_files = Some(u32::MAX);
    let error = bench.try_run(spec).await.unwrap_err();
    assert!(
        matches!(error, ProcessError::UnsupportedLimit(_)),
        "{error}"
    );
}
