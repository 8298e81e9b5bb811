//! Processes in no namespaces: what the backends `landlock` and `none` have in
//! common, which is that everything a command starts ends with it.

mod landlock;
mod unconfined;
mod waiting;

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::chown;
use std::process;
use std::time::Duration;

use rustix::process::geteuid;
use tokio_util::sync::CancellationToken;

use super::code::Code;
use super::host_process;
use super::support::{
    Bench, code, command, end, eventually, failure, processes_with, sh, until as until_so,
};
use crate::policy::command::{CommandSpec, Input, Keep, Limits};
use crate::policy::{Access, WorkspaceAccess};
use crate::process::{Cause, ExitStatus, Output, ProcessError, ProcessLimit};
use crate::sandbox::{
    End, LaunchStep, Sandbox, SandboxBackend, SandboxSettings, SandboxStatus, TreeLimit,
};
use crate::without;

const BOTH: [SandboxBackend; 2] = [SandboxBackend::Landlock, SandboxBackend::None];

fn bench(backend: SandboxBackend) -> Bench {
    Bench::with_settings(|settings| settings.backend = backend)
}

/// Runs a script until it has made the file `ready`, then cancels it.
async fn cancelled(backend: SandboxBackend, script: &str) -> Output {
    let bench = bench(backend);
    let cancel = CancellationToken::new();
    let mut context = bench.context();
    context.cancel = cancel.clone();
    let command = bench.allow(sh(script), WorkspaceAccess::ReadWrite);
    let ready = bench.path().join("ready");
    let (output, ()) = tokio::join!(bench.service.run(command, context), async {
        until_so("it runs", || ready.exists()).await;
        cancel.cancel();
    });
    output.unwrap()
}

#[tokio::test]
async fn output_and_ends_come_back() {
    for backend in BOTH {
        let bench = bench(backend);
        let output = bench.run(sh("echo out; echo err >&2; exit 127")).await;
        assert_eq!(output.stdout.bytes, b"out\n");
        assert_eq!(output.stderr.bytes, b"err\n");
        assert_eq!(code(&output.exit), 127);
        assert!(!output.elapsed.is_zero());
        for (script, status) in [
            ("exit 139", ExitStatus::Code(139)),
            ("kill -SEGV $$", ExitStatus::Signal(11)),
            ("kill -TERM $$", ExitStatus::Signal(15)),
        ] {
            let exit = bench.run(sh(script)).await.exit;
            assert_eq!((exit.status, exit.cause), (status, Cause::Own));
        }
    }
}

#[tokio::test]
async fn input_is_read_and_output_is_bounded() {
    for backend in BOTH {
        let bench = bench(backend);
        let bytes: Vec<u8> = (0..3_000_000u32).map(|number| number as u8).collect();
        let spec = CommandSpec {
            stdin: Input::Bytes(bytes.clone()),
            stdout: Keep::Ring(4 << 20),
            ..command("cat", &[])
        };
        assert_eq!(bench.run(spec).await.stdout.bytes, bytes);
        let spec = CommandSpec {
            stdout: Keep::Ring(1000),
            ..sh("head -c 20000000 /dev/zero; printf end")
        };
        let output = bench.run(spec).await;
        assert!(output.stdout.bytes.ends_with(b"\0end"));
        assert_eq!(output.stdout.dropped, 20_000_003 - 1000);
        assert_eq!(bench.sh("yes | head -n 1").await, "y\n");
    }
}

#[tokio::test]
async fn what_cannot_be_started_is_told() {
    for backend in BOTH {
        let bench = bench(backend);
        let garbage = bench.executable("garbage", b"echo ran\n");
        let long = "x".repeat(131_072);
        for (spec, errno) in [
            (command(&garbage, &[]), libc::ENOEXEC),
            (command("true", &[&long]), libc::E2BIG),
        ] {
            let failure = failure(bench.run(spec).await.exit);
            assert_eq!((failure.step, failure.errno), (LaunchStep::Exec, errno));
        }
        for cwd in ["../..", "/etc", "missing"] {
            let mut spec = sh("pwd");
            spec.cwd = Some(cwd.into());
            let error = bench.try_run(spec).await.unwrap_err();
            assert!(matches!(error, ProcessError::BadCwd(_)), "{cwd}: {error}");
        }
        assert!(
            bench
                .service
                .sandbox()
                .resolve("/workspace/garbage")
                .is_err()
        );
    }
}

#[tokio::test]
async fn a_process_is_in_the_workspace_where_that_is() {
    for backend in BOTH {
        let bench = bench(backend);
        fs::create_dir_all(bench.path().join("a/b")).unwrap();
        let real = bench.path().canonicalize().unwrap();
        for (cwd, below) in [
            (None, ""),
            (Some("a/b"), "a/b"),
            (Some("/workspace/a"), "a"),
        ] {
            let mut spec = sh("pwd -P; ls -d /workspace 2> /dev/null");
            spec.cwd = cwd.map(Into::into);
            let output = bench.run(spec).await;
            let text = String::from_utf8(output.stdout.bytes).unwrap();
            let expected = format!("{}\n", real.join(below).display());
            assert_eq!(text.replace("/\n", "\n"), expected.replace("/\n", "\n"));
        }
    }
}

#[tokio::test]
async fn home_and_temporary_files_are_a_processs_own_and_go_with_it() {
    for backend in BOTH {
        let bench = bench(backend);
        let script = "echo $HOME; echo $TMPDIR; touch $HOME/x; mktemp > /dev/null; \
                      mkdir -p $TMPDIR/a/b; chmod 0 $TMPDIR/a; ls $HOME $TMPDIR | wc -l";
        let first = bench.sh(script).await;
        let second = bench.sh(script).await;
        let lines: Vec<&str> = first.lines().chain(second.lines()).collect();
        let [home, temporary, "6", other, _, "6"] = lines[..] else {
            panic!("{lines:?}")
        };
        assert_ne!(home, other);
        for path in [home, temporary, other] {
            assert!(path.starts_with("/tmp/boll-home-"), "{path}");
            eventually("it is gone", || !fs::exists(path).unwrap());
        }
    }
}

#[tokio::test]
async fn the_environment_is_small_and_no_file_leaks_in() {
    // Not closed on exec, as a careless library leaves it.
    let flags = rustix::fs::OFlags::RDONLY | rustix::fs::OFlags::DIRECTORY;
    let leaked = rustix::fs::open("/", flags, rustix::fs::Mode::empty()).unwrap();
    for backend in BOTH {
        let bench = bench(backend);
        let names = "env | cut -d = -f 1 | sort | tr '\\n' ' '";
        assert_eq!(
            bench.sh(names).await,
            "HOME LANG LOGNAME PATH PWD SHELL TMPDIR USER "
        );
        // The fourth is the directory that is listed.
        assert_eq!(bench.sh("ls /proc/self/fd").await, "0\n1\n2\n3\n");
        let mut spec = sh("echo $HOME");
        spec.env = vec![("HOME".into(), "/elsewhere".into())];
        assert_eq!(bench.run(spec).await.stdout.bytes, b"/elsewhere\n");
    }
    drop(leaked);
}

#[tokio::test]
async fn an_escapee_goes_with_the_main_process() {
    for backend in BOTH {
        let script = "(setsid sh -c 'sleep 77301; sleep 77301' > /dev/null 2>&1 &); \
                      (setsid sh -c '(setsid sleep 77301 &)' &) > /dev/null 2>&1; \
                      sleep 0.1; echo out";
        assert_eq!(bench(backend).sh(script).await, "out\n");
        assert_eq!(processes_with("77301"), 0);
    }
}

#[tokio::test]
async fn what_goes_on_starting_processes_is_ended() {
    for backend in BOTH {
        // Each one is orphaned at once, while the next is started.
        let script = "i=0; touch ready; while [ $i -lt 2000 ]; do \
                      (setsid sleep 77302 > /dev/null 2>&1 &); i=$((i+1)); done; sleep 77302";
        let output = cancelled(backend, &format!("trap '' INT TERM; {script}")).await;
        assert_eq!(output.exit.status, ExitStatus::Signal(9));
        assert_eq!(processes_with("77302"), 0);
    }
}

#[tokio::test]
async fn signals_reach_the_whole_tree() {
    for backend in BOTH {
        let script = "trap 'echo bye; exit 5' INT; setsid sh -c 'trap \"echo deep; exit\" INT; \
                      touch ready; while :; do sleep 0.01; done'";
        let output = cancelled(backend, script).await;
        assert_eq!(output.exit.status, ExitStatus::Code(5));
        assert_eq!(output.exit.cause, Cause::Cancelled);
        assert_eq!(output.stdout.bytes, b"deep\nbye\n");
    }
}

#[tokio::test]
async fn what_does_not_listen_and_what_is_stopped_is_killed() {
    for backend in BOTH {
        for script in [
            "trap '' INT TERM; touch ready; while :; do sleep 77303; done",
            "sleep 77303 & touch ready; kill -STOP 0",
            "(trap '' INT; sleep 77303; sleep 77303) & touch ready; wait",
        ] {
            let output = cancelled(backend, script).await;
            assert_eq!(output.exit.cause, Cause::Cancelled);
            assert_eq!(processes_with("77303"), 0, "{script}");
        }
    }
}

#[tokio::test]
async fn dropping_a_run_at_any_point_leaves_nothing() {
    for backend in BOTH {
        let bench = bench(backend);
        for delay in 0..20 {
            let run = bench.try_run(sh("(setsid sleep 77304 &); sleep 77304"));
            let _ = tokio::time::timeout(Duration::from_millis(delay), run).await;
        }
        eventually("the sleepers are gone", || processes_with("77304") == 0);
        bench.service.shut_down().await;
    }
}

#[tokio::test]
async fn limits_hold() {
    for backend in BOTH {
        let bench = bench(backend);
        let mut spec = sh("ulimit -n; ulimit -c; ulimit -n 200 || echo refused");
        spec.limits.open_files = Some(123);
        let output = bench.run(spec).await;
        assert_eq!(output.stdout.bytes, b"123\n0\nrefused\n");

        let mut spec = sh("while :; do :; done");
        spec.limits.cpu_seconds = Some(1);
        let exit = bench.run(spec).await.exit;
        assert_eq!(exit.cause, Cause::Limit(ProcessLimit::CpuSeconds));
    }
}

#[tokio::test]
async fn the_number_of_processes_is_limited_where_groups_count_them() {
    for backend in BOTH {
        let bench = bench(backend);
        let spec = CommandSpec {
            limits: Limits {
                pids: Some(10),
                ..Limits::default()
            },
            ..sh("i=0; while [ $i -lt 40 ]; do sleep 9 & i=$((i+1)); done; echo all")
        };
        if let Some(output) = bench.run_limited(TreeLimit::Pids, spec).await {
            assert!(output.stdout.bytes.is_empty(), "{output:?}");
        }
    }
}

#[tokio::test]
async fn what_a_tree_uses_is_counted() {
    for backend in BOTH {
        let bench = bench(backend);
        let burn = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        let output = bench
            .run(sh(&format!("(setsid sh -c '{burn}'); true")))
            .await;
        assert!(output.usage.cpu >= Duration::from_millis(20), "{output:?}");
        let args = ["/bin/sh", "-c", "while :; do :; done"];
        let (child, ends) = bench.launch(Access::default(), &args).await;
        until_so("it counts", || !child.usage().cpu.is_zero()).await;
        drop(ends);
        child.gone().await.unwrap();
    }
}

#[tokio::test]
async fn processes_are_the_workspaces_owner() {
    if !without::root() {
        return;
    }
    for backend in BOTH {
        let workspace = tempfile::tempdir().unwrap();
        chown(workspace.path(), Some(1234), Some(1234)).unwrap();
        let settings = SandboxSettings {
            backend,
            ..SandboxSettings::new(workspace.path())
        };
        let bench = Bench::of(workspace, Sandbox::open(settings).unwrap());
        let script =
            "id -u; touch mine $HOME/x; (setsid sleep 77305 > /dev/null 2>&1 &); stat -c %u mine";
        assert_eq!(bench.sh(script).await, "1234\n1234\n");
        assert_eq!(processes_with("77305"), 0);
    }
}

/// Runs in a host process of its own.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_under_landlock() {
    host_with_a_child(SandboxBackend::Landlock).await;
}

/// Runs in a host process of its own.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_without_a_sandbox() {
    host_with_a_child(SandboxBackend::None).await;
}

async fn host_with_a_child(backend: SandboxBackend) {
    let bench = bench(backend);
    host_process::tell("");
    let script = "(setsid sh -c '(setsid sleep 77306 &); sleep 77306' &); trap '' INT TERM; \
                  sleep 77306";
    bench.run(sh(script)).await;
}

#[test]
fn a_killed_host_leaves_no_process() {
    for host in ["host_under_landlock", "host_without_a_sandbox"] {
        for delay in 0..8 {
            let mut host = host_process::command(&format!("backends::{host}"))
                .stdout(process::Stdio::piped())
                .spawn()
                .unwrap();
            let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
            while !lines.next().unwrap().unwrap().starts_with('\u{1}') {}
            std::thread::sleep(Duration::from_millis(delay * 4));
            host.kill().unwrap();
            host.wait().unwrap();
            eventually("all are gone", || processes_with("77306") == 0);
        }
    }
}

/// Runs in a host process of its own.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_with_many_children() {
    for backend in BOTH {
        let bench = bench(backend);
        let sandbox = bench.service.sandbox();
        bench.run(sh("true")).await;
        sandbox.end_standbys().await;
        let files = || fs::read_dir("/proc/self/fd").unwrap().count();
        let before = files();
        for _ in 0..100 {
            bench.run(sh("(setsid sleep 77307 &); true")).await;
        }
        sandbox.end_standbys().await;
        eventually("no file is left open", || files() <= before);
        bench.service.shut_down().await;
    }
    host_process::tell("as before");
}

#[test]
fn many_processes_leave_no_file_open() {
    let host = host_process::command("backends::host_with_many_children");
    let output = { host }.output().unwrap();
    assert_eq!(host_process::told(&output), "as before");
    assert_eq!(processes_with("77307"), 0);
}

/// How a command of the shell ends with some access.
async fn end_of(bench: &Bench, access: Access, script: &str) -> End {
    let (_child, ends) = bench.launch(access, &["/bin/sh", "-c", script]).await;
    end(ends)
}
