//! Inits that were started ahead: used once, with limits and directories that
//! are their command's own, and gone when nobody can use them any more.

use super::super::standby::{is_there, kill, standbys};
use super::*;

/// The process that is to become the command of an init.
fn main_of(init: u32) -> u32 {
    let list = || fs::read_to_string(format!("/proc/{init}/task/{init}/children"));
    let child = || list().unwrap_or_default().trim().parse().ok();
    eventually("its process", || child().is_some());
    child().unwrap()
}

fn the_one(bench: &Bench) -> u32 {
    let [init] = standbys(bench, 1)[..] else {
        panic!("not one");
    };
    init
}

#[tokio::test]
async fn each_init_is_used_once() {
    for backend in BOTH {
        let bench = bench(backend);
        let mut waited = None;
        let mut homes = Vec::new();
        for _ in 0..5 {
            let script = "ls -A $HOME; ls -A $TMPDIR; touch $HOME/x $TMPDIR/x; echo $PPID $HOME";
            let text = bench.sh(script).await;
            let (init, home) = text.trim().split_once(' ').unwrap();
            if let Some(waited) = waited {
                assert_eq!(init, u32::to_string(&waited));
            }
            assert!(!homes.contains(&home.to_owned()), "{home}");
            homes.push(home.to_owned());
            waited = Some(the_one(&bench));
        }
    }
}

#[tokio::test]
async fn one_that_died_is_replaced() {
    for backend in BOTH {
        let bench = bench(backend);
        bench.sh("true").await;
        for round in 0..6 {
            let init = the_one(&bench);
            let main = main_of(init);
            kill(if round % 2 == 0 { init } else { main });
            eventually("both are gone", || !is_there(init) && !is_there(main));
            assert_eq!(bench.sh("echo out").await, "out\n");
        }
    }
}

#[tokio::test]
async fn limits_are_the_commands_own_and_not_those_of_the_one_before() {
    for backend in BOTH {
        let bench = bench(backend);
        if !bench.has_cgroup(TreeLimit::Pids) {
            return;
        }
        for (limit, all) in [(10, ""), (80, "all\n"), (10, ""), (12, ""), (80, "all\n")] {
            let mut spec = sh("i=0; while [ $i -lt 40 ]; do sleep 9 & i=$((i+1)); done; echo all");
            spec.limits.pids = Some(limit);
            let output = bench.run(spec).await;
            assert_eq!(output.stdout.bytes, all.as_bytes(), "{limit}");
            the_one(&bench);
        }
        bench.sh("true").await;
        if bench.has_cgroup(TreeLimit::Memory) {
            let mut spec = sh("head -c 100000000 /dev/zero | tail -c 90000000 > /dev/null");
            // With less than 64 MiB it would be of another kind.
            spec.limits.memory = Some(64 << 20);
            let output = bench.run(spec).await;
            assert_eq!(output.exit.cause, Cause::Limit(ProcessLimit::Memory));
            standbys(&bench, 1);
        }
    }
}

#[tokio::test]
async fn they_end_with_the_service_and_leave_no_directory() {
    for backend in BOTH {
        let bench = bench(backend);
        let home = bench.sh("echo $HOME").await;
        let of_the_host = std::path::Path::new(&home).ancestors().nth(2).unwrap();
        let init = the_one(&bench);
        let main = main_of(init);
        assert!(fs::read_dir(of_the_host).unwrap().count() > 0);
        bench.service.shut_down().await;
        assert!(bench.service.sandbox().standbys().is_empty());
        assert!(!is_there(init) && !is_there(main));
        assert_eq!(fs::read_dir(of_the_host).unwrap().count(), 0);
    }
}

#[tokio::test]
async fn none_are_kept_where_none_are_wanted() {
    for backend in BOTH {
        let bench = Bench::with_settings(|settings| {
            settings.backend = backend;
            settings.standbys = 0;
        });
        for _ in 0..3 {
            assert_eq!(bench.sh("echo out").await, "out\n");
            assert!(bench.service.sandbox().standbys().is_empty());
        }
    }
}

/// Runs in a host process of its own.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_with_waiting_inits() {
    let benches = BOTH.map(bench);
    let mut processes = Vec::new();
    for bench in &benches {
        bench.sh("true").await;
        let init = the_one(bench);
        processes.extend([init.to_string(), main_of(init).to_string()]);
    }
    host_process::tell(&processes.join(" "));
    std::future::pending().await
}

#[test]
fn a_killed_host_leaves_none() {
    let mut host = host_process::command("backends::waiting::host_with_waiting_inits")
        .stdout(process::Stdio::piped())
        .spawn()
        .unwrap();
    let told = host_process::next_told(host.stdout.take().unwrap());
    host.kill().unwrap();
    host.wait().unwrap();
    assert_eq!(told.split_whitespace().count(), 4);
    for process in told.split_whitespace() {
        let process = process.parse().unwrap();
        eventually("it has gone", || !is_there(process));
    }
}
