//! Hosts in processes of their own: this test program again, told to run one
//! ignored test. For what changes or ends a whole process.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use super::support::{Bench, eventually, processes_with, sh};

/// Starts what it tells, so that it is found between the test program's own words.
const MARK: &str = "\u{1}told\u{1}";

/// The arguments with which this test program runs one ignored test of
/// `crate::process::tests`.
pub(super) fn arguments(test: &str) -> [String; 5] {
    let module = module_path!().split("::").skip(1).collect::<Vec<_>>();
    let tests = module[..module.len() - 1].join("::");
    [
        "--exact".into(),
        format!("{tests}::{test}"),
        "--ignored".into(),
        "--nocapture".into(),
        "--test-threads=1".into(),
    ]
}

/// A host process that runs one test of `crate::process::tests`.
pub(super) fn command(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(arguments(test));
    command
}

/// Tells the test that started this host something.
pub(super) fn tell(text: &str) {
    let mut stdout = std::io::stdout().lock();
    write!(stdout, "\n{MARK}{text}{MARK}\n").unwrap();
    stdout.flush().unwrap();
}

/// What a host that goes on running tells next.
pub(super) fn next_told(stdout: impl Read) -> String {
    let mut lines = BufReader::new(stdout).lines().map(Result::unwrap);
    let line = lines.find(|line| line.starts_with(MARK)).unwrap();
    line.trim_matches(|one| MARK.contains(one)).into()
}

/// What a host told.
pub(super) fn told(output: &Output) -> String {
    let told = told_in(&String::from_utf8_lossy(&output.stdout));
    assert!(output.status.success(), "{output:?}");
    told.unwrap_or_else(|| panic!("told nothing: {output:?}"))
}

/// What was told, found in all that was written.
pub(super) fn told_in(text: &str) -> Option<String> {
    text.split(MARK).nth(1).map(Into::into)
}

/// Runs in a host process of its own.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_with_a_child() {
    let bench = Bench::new();
    tell("");
    bench
        .run(sh("(setsid sleep 77130 &); trap '' INT TERM; sleep 77130"))
        .await;
}

#[test]
fn a_killed_host_leaves_nothing() {
    for delay in 0..12 {
        let mut host = command("host_process::host_with_a_child")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
        while !lines.next().unwrap().unwrap().starts_with(MARK) {}
        std::thread::sleep(Duration::from_millis(delay * 4));
        host.kill().unwrap();
        host.wait().unwrap();
        eventually("the sandbox is gone", || processes_with("77130") == 0);
    }
}

/// Runs in a host process of its own.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_with_many_children() {
    let bench = Bench::new();
    bench.run(sh("true")).await;
    bench.service.sandbox().end_standbys().await;
    let mounts = mounts();
    eventually("the first has gone", || children() == 0);
    let before = open_files();
    for _ in 0..200 {
        bench.run(sh("(setsid sleep 77131 &); true")).await;
    }
    bench.service.sandbox().end_standbys().await;
    eventually("no file is left open", || open_files() == before);
    eventually("no zombie is left", || children() == 0);
    assert_eq!(mounts, self::mounts());
    tell("as before");
}

#[test]
fn many_processes_leave_no_file_no_mount_and_no_zombie() {
    let output = command("host_process::host_with_many_children")
        .output()
        .unwrap();
    assert_eq!(told(&output), "as before");
    assert_eq!(processes_with("77131"), 0);
}

/// What is mounted where, as this process sees it.
pub(super) fn mounts() -> String {
    fs::read_to_string("/proc/self/mountinfo").unwrap()
}

pub(super) fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// The children of this process, zombies too.
pub(super) fn children() -> usize {
    fs::read_dir("/proc/self/task")
        .unwrap()
        .filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok())
        .map(|list| list.split_whitespace().count())
        .sum()
}
