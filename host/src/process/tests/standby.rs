//! Sandboxes that were built ahead: used once, only while they are as they
//! would be built now, and never a reason for a command to fail.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::host_process;
use super::support::{Bench, code, eventually, sh};
use crate::policy::WorkspaceAccess;

/// The standbys of a workspace, once there are so many.
pub(super) fn standbys(bench: &Bench, count: usize) -> Vec<u32> {
    let sandbox = bench.service.sandbox();
    eventually("standbys", || sandbox.standbys().len() == count);
    sandbox.standbys()
}

/// The process inside, once it is there.
fn init_of(builder: u32) -> u32 {
    let children = || {
        let list = fs::read_to_string(format!("/proc/{builder}/task/{builder}/children"));
        list.unwrap_or_default().trim().parse().ok()
    };
    let is_init = |child: u32| {
        fs::read(format!("/proc/{child}/cmdline"))
            .is_ok_and(|line| line.starts_with(b"/run/.capsule-init"))
    };
    eventually("an init", || children().is_some_and(is_init));
    children().unwrap()
}

pub(super) fn kill(process: u32) {
    let process = Pid::from_raw(process as i32).unwrap();
    kill_process(process, Signal::KILL).unwrap();
}

/// Whether it is alive: what has ended has no command line.
pub(super) fn is_there(process: u32) -> bool {
    fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|line| !line.is_empty())
}

#[tokio::test]
async fn each_is_used_once() {
    let bench = Bench::new();
    assert!(bench.service.sandbox().standbys().is_empty());
    let script = "ls /tmp; touch /tmp/left";
    assert_eq!(bench.sh(script).await, "");
    let mut used = Vec::new();
    for _ in 0..5 {
        used.extend(standbys(&bench, 1));
        assert_eq!(bench.sh(script).await, "");
    }
    used.extend(standbys(&bench, 1));
    used.sort_unstable();
    used.dedup();
    assert_eq!(used.len(), 6);
}

#[tokio::test]
async fn one_that_is_not_yet_complete_is_used_too() {
    let bench = Bench::new();
    for round in 0..20 {
        assert_eq!(
            bench.sh(&format!("echo {round}")).await,
            format!("{round}\n")
        );
    }
}

#[tokio::test]
async fn another_access_has_its_own() {
    let bench = Bench::new();
    bench.sh("true").await;
    let [writing] = standbys(&bench, 1)[..] else {
        panic!("not one");
    };
    let command = bench.allow(sh("touch x"), WorkspaceAccess::ReadOnly);
    let output = bench.service.run(command, bench.context()).await.unwrap();
    assert_eq!(code(&output.exit), 1);
    assert!(!bench.path().join("x").exists());
    assert!(standbys(&bench, 2).contains(&writing));
}

#[tokio::test]
async fn one_that_pinned_another_git_is_thrown_away() {
    let bench = Bench::prepared(|path| {
        fs::create_dir_all(path.join(".git/hooks")).unwrap();
        fs::write(path.join(".git/config"), "first").unwrap();
        fs::write(path.join(".git/HEAD"), "ref: refs/heads/main").unwrap();
    });
    let script = "cat .git/config; echo x > .git/config || echo x > .git/hooks/x || echo kept";
    assert_eq!(bench.sh(script).await, "firstkept\n");
    let [first] = standbys(&bench, 1)[..] else {
        panic!("not one");
    };
    init_of(first);

    fs::rename(bench.path().join(".git"), bench.path().join("old")).unwrap();
    fs::create_dir_all(bench.path().join(".git/hooks")).unwrap();
    fs::write(bench.path().join(".git/config"), "second").unwrap();
    assert_eq!(bench.sh(script).await, "secondkept\n");
    eventually("the first has gone", || !is_there(first));

    // A file that git replaces, as it does at every change: the directory stays.
    let kept = standbys(&bench, 1);
    fs::write(bench.path().join(".git/new"), "third").unwrap();
    fs::rename(
        bench.path().join(".git/new"),
        bench.path().join(".git/config"),
    )
    .unwrap();
    assert_eq!(bench.sh(script).await, "thirdkept\n");
    eventually("it was used", || !is_there(kept[0]));

    standbys(&bench, 1);
    fs::remove_dir_all(bench.path().join(".git")).unwrap();
    assert_eq!(bench.sh("ls -A .git HEAD | grep x").await, "");
}

#[tokio::test]
async fn a_path_that_is_shown_is_the_one_that_is_there_now() {
    let tools = tempfile::tempdir().unwrap();
    let path = tools.path().join("tools");
    fs::create_dir(&path).unwrap();
    fs::write(path.join("name"), "first").unwrap();
    let bench = Bench::with_settings(|settings| settings.read_only.push(path.clone()));
    let script = format!("cat {}/name", path.display());
    assert_eq!(bench.sh(&script).await, "first");
    standbys(&bench, 1);
    fs::rename(&path, tools.path().join("old")).unwrap();
    fs::create_dir(&path).unwrap();
    fs::write(path.join("name"), "second").unwrap();
    assert_eq!(bench.sh(&script).await, "second");
}

#[tokio::test]
async fn one_that_died_is_replaced() {
    let bench = Bench::new();
    bench.sh("true").await;
    for round in 0..10 {
        let [builder] = standbys(&bench, 1)[..] else {
            panic!("not one");
        };
        match round % 3 {
            0 => {
                let init = init_of(builder);
                kill(builder);
                eventually("the init is gone", || !is_there(init));
            }
            1 => {
                let init = init_of(builder);
                kill(init);
                eventually("the init is gone", || !is_there(init));
            }
            // One that is only slow is waited for.
            _ => {
                let init = init_of(builder);
                let stopped = Pid::from_raw(init as i32).unwrap();
                kill_process(stopped, Signal::STOP).unwrap();
                let (text, ()) = tokio::join!(bench.sh("echo after"), async {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    kill_process(stopped, Signal::CONT).unwrap();
                });
                assert_eq!(text, "after\n");
            }
        }
        assert_eq!(bench.sh("echo out").await, "out\n");
    }
}

#[tokio::test]
async fn an_idle_host_has_none() {
    let bench = Bench::with_settings(|settings| {
        settings.standbys = 2;
        settings.standby_time = Duration::from_millis(300);
    });
    bench.sh("true").await;
    let builder = loop {
        if let Some(builder) = bench.service.sandbox().standbys().first() {
            break *builder;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    };
    standbys(&bench, 0);
    eventually("it has gone", || !is_there(builder));
    assert_eq!(bench.sh("echo again").await, "again\n");
}

#[tokio::test]
async fn none_are_kept_where_none_are_wanted() {
    let bench = Bench::with_settings(|settings| settings.standbys = 0);
    for _ in 0..3 {
        assert_eq!(bench.sh("echo out").await, "out\n");
        assert!(bench.service.sandbox().standbys().is_empty());
    }
}

#[tokio::test]
async fn they_end_with_the_service() {
    let bench = Bench::new();
    bench.sh("true").await;
    let [builder] = standbys(&bench, 1)[..] else {
        panic!("not one");
    };
    let init = init_of(builder);
    bench.service.shut_down().await;
    assert!(bench.service.sandbox().standbys().is_empty());
    assert!(!is_there(builder) && !is_there(init));
}

#[tokio::test]
async fn they_end_with_the_sandbox() {
    let bench = Bench::new();
    bench.sh("true").await;
    let [builder] = standbys(&bench, 1)[..] else {
        panic!("not one");
    };
    let init = init_of(builder);
    drop(bench);
    eventually("both are gone", || !is_there(builder) && !is_there(init));
}

/// Runs in a host process of its own.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_with_a_standby() {
    let bench = Bench::new();
    bench.sh("true").await;
    let [builder] = standbys(&bench, 1)[..] else {
        panic!("not one");
    };
    host_process::tell(&format!("{builder} {}", init_of(builder)));
    std::future::pending().await
}

#[test]
fn a_killed_host_leaves_none() {
    let mut host = host_process::command("standby::host_with_a_standby")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let told = host_process::next_told(host.stdout.take().unwrap());
    host.kill().unwrap();
    host.wait().unwrap();
    for process in told.split_whitespace() {
        let process = process.parse().unwrap();
        eventually("it has gone", || !is_there(process));
    }
}
