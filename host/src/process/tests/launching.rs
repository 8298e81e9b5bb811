//! What cannot be started, and where processes start.

use std::fs;
use std::os::unix::fs::symlink;
use std::thread;
use std::time::Duration;

use super::support::{Bench, code, command, failure, scope, sh};
use crate::policy::WorkspaceAccess;
use crate::policy::command::{CommandError, CommandSizes, CommandSpec, Input, Keep};
use crate::process::{OutputStream, ProcessError, ProcessService, ProcessSettings, RunContext};
use crate::sandbox::{LaunchStep, ProgramError, Sandbox, SandboxSettings, SandboxStatus};

#[tokio::test]
async fn the_longest_argument_passes_and_a_longer_one_is_told() {
    let bench = Bench::new();
    let output = bench.run(command("true", &[&"x".repeat(131_071)])).await;
    assert_eq!(code(&output.exit), 0);

    let output = bench.run(command("true", &[&"x".repeat(131_072)])).await;
    let failure = failure(output.exit);
    assert_eq!(
        (failure.step, failure.errno),
        (LaunchStep::Exec, libc::E2BIG)
    );
}

#[tokio::test]
async fn too_many_arguments_are_told() {
    let long = "x".repeat(100_000);
    let output = Bench::new()
        .run(command("true", &[long.as_str(); 32]))
        .await;
    let failure = failure(output.exit);
    assert_eq!(
        (failure.step, failure.errno),
        (LaunchStep::Exec, libc::E2BIG)
    );
}

#[test]
fn a_nul_is_refused() {
    let error = command("echo", &["a\0b"]).check(&CommandSizes::default());
    assert_eq!(
        error.unwrap_err(),
        CommandError::Nul {
            what: "argument 1".into()
        }
    );
}

#[tokio::test]
async fn a_garbage_file_is_not_tried_as_a_script() {
    let bench = Bench::new();
    let program = bench.executable("garbage", b"echo ran\n");
    let failure = failure(bench.run(command(&program, &[])).await.exit);
    assert_eq!(
        (failure.step, failure.errno),
        (LaunchStep::Exec, libc::ENOEXEC)
    );
    assert!(failure.message.contains("garbage"), "{}", failure.message);
}

#[test]
fn what_cannot_be_executed_is_not_resolved() {
    let bench = Bench::new();
    fs::write(bench.path().join("data"), "x").unwrap();
    fs::create_dir(bench.path().join("directory")).unwrap();
    let resolve = |name: &str| bench.service.sandbox().resolve(name).unwrap_err();
    for name in ["/workspace/data", "/workspace/directory", "/usr"] {
        assert_eq!(resolve(name), ProgramError::NotExecutable(name.into()));
    }
    for name in [
        "no-such-program",
        "--dev-bind",
        "data",
        "/workspace/none",
        "..",
    ] {
        assert_eq!(resolve(name), ProgramError::NotFound(name.into()));
    }
    assert!(matches!(resolve("/root/x"), ProgramError::NotShown { .. }));
}

#[tokio::test]
async fn processes_start_in_the_workspace_or_below() {
    let bench = Bench::new();
    fs::create_dir_all(bench.path().join("a/b")).unwrap();
    for (cwd, expected) in [
        (None, "/workspace\n"),
        (Some("a/b"), "/workspace/a/b\n"),
        (Some("a/../a"), "/workspace/a\n"),
        (Some("/workspace/a"), "/workspace/a\n"),
    ] {
        let mut spec = sh("pwd -P");
        spec.cwd = cwd.map(Into::into);
        let output = bench.run(spec).await;
        assert_eq!(String::from_utf8_lossy(&output.stdout.bytes), expected);
    }
}

#[tokio::test]
async fn a_bad_directory_is_refused() {
    let bench = Bench::new();
    fs::write(bench.path().join("file"), "").unwrap();
    symlink("/etc", bench.path().join("link")).unwrap();
    symlink("../..", bench.path().join("up")).unwrap();
    for cwd in [
        "../../..",
        "/etc",
        "link",
        "up",
        "missing",
        "file",
        "a\nb",
        "/workspace/../etc",
    ] {
        let mut spec = sh("pwd");
        spec.cwd = Some(cwd.into());
        let error = bench.try_run(spec).await.unwrap_err();
        assert!(matches!(error, ProcessError::BadCwd(_)), "{cwd}: {error}");
    }
}

#[tokio::test]
async fn streams_of_spawned_children_are_refused() {
    let bench = Bench::new();
    let piped = CommandSpec {
        stdin: Input::Pipe,
        ..sh("true")
    };
    let streamed = CommandSpec {
        stdout: Keep::Stream,
        ..sh("true")
    };
    for spec in [piped, streamed] {
        let error = bench.try_run(spec).await.unwrap_err();
        assert!(matches!(error, ProcessError::Invalid(_)), "{error}");
    }
}

#[tokio::test]
async fn a_capsule_has_only_so_many_processes() {
    let bench = Bench::new();
    let sleep = || {
        let command = bench.allow(sh("sleep 100"), WorkspaceAccess::ReadOnly);
        tokio::spawn({
            let (service, context) = (bench.service.clone(), bench.context());
            async move { service.run(command, context).await }
        })
    };
    let (first, second) = (sleep(), sleep());
    tokio::task::yield_now().await;
    let error = bench.try_run(sh("true")).await.unwrap_err();
    assert!(matches!(error, ProcessError::TooMany(2)), "{error}");

    let other = RunContext {
        scope: scope("other"),
        ..bench.context()
    };
    let command = bench.allow(sh("true"), WorkspaceAccess::ReadOnly);
    bench.service.run(command, other).await.unwrap();

    // A dropped run gives its place back when its process is gone.
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    while let Err(error) = bench.try_run(sh("true")).await {
        assert!(matches!(error, ProcessError::TooMany(2)), "{error}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    second.abort();
}

#[tokio::test]
async fn without_a_sandbox_nothing_runs() {
    let bench = Bench::new();
    let settings = SandboxSettings::new(bench.path());
    let missing = Sandbox::with_programs(settings, vec!["/nonexistent/bwrap".into()]).unwrap();
    let service = ProcessService::new(missing.clone(), ProcessSettings::default());
    let command = bench.allow(sh("touch ran"), WorkspaceAccess::ReadWrite);
    let error = service.run(command, bench.context()).await.unwrap_err();
    assert!(matches!(error, ProcessError::SandboxUnavailable(_)));
    assert!(error.to_string().contains("install"), "{error}");
    assert_eq!(missing.probe().status, SandboxStatus::Missing);
    assert!(!bench.path().join("ran").exists());
}

#[tokio::test]
async fn a_program_that_builds_no_sandbox_does_not_pass() {
    let bench = Bench::new();
    let settings = SandboxSettings::new(bench.path());
    // It exits with 0, as if all were well.
    let sandbox = Sandbox::with_programs(settings, vec!["/usr/bin/true".into()]).unwrap();
    assert!(!sandbox.probe().works());
    let service = ProcessService::new(sandbox, ProcessSettings::default());
    let command = bench.allow(sh("touch ran"), WorkspaceAccess::ReadWrite);
    let error = service.run(command, bench.context()).await.unwrap_err();
    assert!(matches!(error, ProcessError::SandboxUnavailable(_)));
}

#[tokio::test]
async fn names_that_look_like_options_are_names() {
    let bench = Bench::new();
    let program = bench.executable("--dev-bind", b"#!/bin/sh\necho \"$@\"\n");
    let args = ["--dev-bind", "/", "/", "--", "--share-net"];
    let output = bench.run(command(&program, &args)).await;
    let expected = args.join(" ") + "\n";
    assert_eq!(String::from_utf8_lossy(&output.stdout.bytes), expected);
}

#[tokio::test]
async fn a_program_that_is_only_in_the_working_directory_is_not_found() {
    let bench = Bench::new();
    bench.executable("planted", b"#!/bin/sh\ntouch ran\n");
    let error = bench.service.sandbox().resolve("planted").unwrap_err();
    assert_eq!(error, ProgramError::NotFound("planted".into()));
    // Nor do the programs inside look there.
    let output = bench.run(sh("planted")).await;
    assert_eq!(code(&output.exit), 127);
    assert!(!bench.path().join("ran").exists());
}

#[tokio::test]
async fn what_is_to_be_shown_and_has_gone_is_told() {
    let shown = tempfile::tempdir().unwrap();
    let bench = Bench::with_settings(|settings| settings.read_only.push(shown.path().into()));
    let path = shown.path().display().to_string();
    shown.close().unwrap();
    let failure = failure(bench.run(sh("touch ran")).await.exit);
    assert_eq!(failure.step, LaunchStep::Sandbox);
    assert!(failure.message.contains(&path), "{}", failure.message);
    assert!(!bench.path().join("ran").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_child_outlives_the_threads_that_started_it() {
    // The sandbox is opened by one thread and the child spawned by another.
    let bench = thread::spawn(Bench::new).join().unwrap();
    let runtime = tokio::runtime::Handle::current();
    let (child, bench) = tokio::task::spawn_blocking(move || {
        let starting = thread::spawn(move || {
            let spec = CommandSpec {
                stdin: Input::Pipe,
                ..command("cat", &[])
            };
            let command = bench.allow(spec, WorkspaceAccess::ReadOnly);
            let spawning = bench.service.spawn(command, bench.context());
            (runtime.block_on(spawning).unwrap(), bench)
        });
        starting.join().unwrap()
    })
    .await
    .unwrap();
    // Long enough for a signal of the kernel's to arrive.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let patience = Duration::from_secs(20);
    child.write(b"alive", patience).await.unwrap();
    let said = child.read(OutputStream::Stdout, 0, 5, patience).await;
    assert_eq!(said.unwrap().bytes, b"alive");
    drop((child, bench));
}
