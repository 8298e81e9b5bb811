//! Much of everything: what happens once in a thousand times must not happen
//! wrongly. Where something is random, the seed is printed.

use std::fs;
use std::process::{Child as Host, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{WaitId, WaitIdOptions};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::host_process::{self, children, mounts, open_files};
use super::support::{Bench, eventually, sh};
use super::threads::threads;
use crate::policy::WorkspaceAccess;
use crate::policy::command::{CommandSpec, Keep};
use crate::process::{Cause, Exit, ExitStatus, ProcessError, ProcessService, ProcessSettings};

/// How many commands run at a time.
const IN_FLIGHT: u32 = 8;
/// Far longer than a command takes on a machine that is very busy.
const NEVER: Duration = Duration::from_secs(120);

/// A workspace for many commands at a time.
fn roomy() -> Bench {
    let mut bench = Bench::new();
    let settings = ProcessSettings {
        runs: 4 * IN_FLIGHT,
        children: 4 * IN_FLIGHT,
        unreleased: 4 * IN_FLIGHT,
        ..*bench.service.settings()
    };
    bench.service = ProcessService::new(bench.service.sandbox().clone(), settings);
    bench
}

/// Numbers that look random, the same ones for the same seed.
struct Random(u64);

impl Random {
    #[allow(clippy::print_stderr, reason = "shown when a test fails")]
    fn new(what: &str) -> Self {
        let seed = Uuid::new_v4().as_u64_pair().0 | 1;
        eprintln!("seed of {what}: {seed}");
        Self(seed)
    }

    /// Up to a time, in steps of a microsecond.
    fn below(&mut self, most: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Duration::from_micros(self.0 % (most.as_micros() as u64 + 1))
    }
}

/// Runs in a host process of its own.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_with_ten_thousand_escapees() {
    const COMMANDS: u32 = 10_000;
    let bench = Arc::new(roomy());
    let run_many = async |count: u32| {
        let workers: Vec<_> = (0..IN_FLIGHT)
            .map(|_| {
                let bench = Arc::clone(&bench);
                tokio::spawn(async move {
                    for _ in 0..count / IN_FLIGHT {
                        let exit = bench.run(sh("(setsid sleep 77500 &); exit 3")).await.exit;
                        assert_eq!(exit.status, ExitStatus::Code(3));
                    }
                })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        bench.service.sandbox().end_standbys().await;
        eventually("no process is left, dead or alive", || children() == 0);
    };
    run_many(20 * IN_FLIGHT).await;
    let before = (open_files(), threads(), mounts());
    let memory = memory("VmRSS");
    run_many(COMMANDS).await;
    let after = || (open_files(), threads(), mounts());
    eventually("files, threads and mounts are as before", || {
        after() == before
    });
    // A few are kept for the next commands, in three hierarchies at most, with the
    // groups of all of them.
    eventually("hardly a group is left", || groups() <= 3 * (8 + 1));
    assert!(self::memory("VmRSS") < memory + (16 << 20));
    host_process::tell("as before");
}

/// The control groups that this process has made.
fn groups() -> usize {
    let own = format!("-{}-", std::process::id());
    let mut found = 0;
    let mut rest = vec![std::path::PathBuf::from("/sys/fs/cgroup")];
    while let Some(folder) = rest.pop() {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        for folder in entries
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
        {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            found += usize::from(name.starts_with("boll-") && name.contains(&own));
            rest.push(folder);
        }
    }
    found
}

#[test]
fn ten_thousand_escapees_leave_nothing() {
    let host = host_process::command("torture::host_with_ten_thousand_escapees").output();
    assert_eq!(host_process::told(&host.unwrap()), "as before");
}

/// How a command that exits with 3 ends when it is cancelled at the same time.
fn is_sensible(exit: &Exit) -> bool {
    match (exit.cause, &exit.status) {
        (Cause::Own, ExitStatus::Code(3)) => true,
        // It had ended, it was interrupted, or its sandbox was not there yet.
        (Cause::Cancelled, ExitStatus::Code(3)) => true,
        (Cause::Cancelled, ExitStatus::Signal(signal)) => {
            [libc::SIGINT, libc::SIGTERM, libc::SIGKILL].contains(&i32::from(*signal))
        }
        _ => false,
    }
}

/// Runs or spawns a command and cancels it after a while; gives its cause.
async fn race(bench: &Bench, spawned: bool, after: Duration) -> Option<Cause> {
    let cancel = CancellationToken::new();
    let mut context = bench.context();
    context.cancel = cancel.clone();
    let command = bench.allow(sh("exit 3"), WorkspaceAccess::ReadOnly);
    let ending = async {
        if !spawned {
            return Ok(bench.service.run(command, context).await?.exit);
        }
        let child = bench.service.spawn(command, context).await?;
        let exit = child.wait(None).await.unwrap().unwrap();
        assert_eq!(child.status().await.exit.as_ref(), Some(&exit));
        assert_eq!(child.kill().await.unwrap().exit, exit);
        Ok(exit)
    };
    let (exit, ()) = tokio::join!(tokio::time::timeout(NEVER, ending), async {
        tokio::time::sleep(after).await;
        cancel.cancel();
    });
    match exit.expect("it hangs") {
        Ok(exit) => {
            assert!(is_sensible(&exit), "{exit:?} after {after:?}");
            Some(exit.cause)
        }
        Err(ProcessError::Cancelled) => None,
        Err(other) => panic!("{other} after {after:?}"),
    }
}

#[tokio::test]
async fn thousands_of_cancels_that_race_the_end_give_one_status_each() {
    const RACES: u32 = 4_000;
    let bench = roomy();
    let mut random = Random::new("the cancels");
    let started = Instant::now();
    for _ in 0..10 {
        bench.sh("exit 3").await;
    }
    // About as long as each takes when all of them run at a time.
    let longest = started.elapsed() / 10 * IN_FLIGHT;
    let mut causes = Vec::new();
    for _ in 0..RACES / IN_FLIGHT {
        let mut one = |spawned| race(&bench, spawned, random.below(longest));
        let (a, b, c, d) = (one(false), one(true), one(false), one(true));
        let (e, f, g, h) = (one(false), one(true), one(false), one(true));
        let ended = tokio::join!(a, b, c, d, e, f, g, h);
        causes.extend(<[_; IN_FLIGHT as usize]>::from(ended));
    }
    assert_eq!(causes.len(), RACES as usize);
    for cause in [Cause::Own, Cause::Cancelled] {
        assert!(causes.contains(&Some(cause)), "never {cause:?}");
    }
    bench.service.shut_down().await;
}

/// Runs in a host process of its own: starts, leaves and drops sandboxes without end.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_that_is_never_idle() {
    let bench = roomy();
    host_process::tell("up");
    let script = "(setsid sh -c \"trap '' INT TERM HUP; sleep 77501; :\" &); \
                  trap '' INT TERM; sleep 0.02";
    loop {
        let command = || bench.allow(sh(script), WorkspaceAccess::ReadWrite);
        let spawn = || bench.service.spawn(command(), bench.context());
        let (_, left, dropped) = tokio::join!(
            bench.service.run(command(), bench.context()),
            async {
                let child = spawn().await.unwrap();
                child.detach().await;
                child.wait(None).await
            },
            async { drop(spawn().await) },
        );
        left.unwrap();
        let () = dropped;
    }
}

/// Runs in a process of its own, whose children all become that lose their host.
#[test]
#[ignore = "started by the test below"]
fn killer_of_hosts() {
    const HOSTS: usize = 200;
    const AT_A_TIME: usize = 4;
    let own = rustix::process::getpid();
    rustix::process::set_child_subreaper(Some(own)).unwrap();
    let mut random = Random::new("the kills");
    for _ in 0..HOSTS / AT_A_TIME {
        let mut hosts: Vec<Host> = (0..AT_A_TIME).map(|_| busy_host()).collect();
        for host in &mut hosts {
            thread::sleep(random.below(Duration::from_millis(60)));
            host.kill().unwrap();
        }
        nothing_is_left();
    }
    host_process::tell("nothing is left");
}

/// A host that is at it.
fn busy_host() -> Host {
    let mut host = host_process::command("torture::host_that_is_never_idle")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    assert_eq!(host_process::next_told(host.stdout.take().unwrap()), "up");
    host
}

/// Takes whatever of this process's children has ended, until there is none.
fn nothing_is_left() {
    let latest = Instant::now() + Duration::from_secs(30);
    loop {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
        match rustix::process::waitid(WaitId::All, options) {
            Err(Errno::CHILD) => return,
            Ok(Some(_)) | Err(Errno::INTR) => {}
            Ok(None) => thread::sleep(Duration::from_millis(1)),
            Err(other) => panic!("{other}"),
        }
        assert!(Instant::now() < latest, "something has survived its host");
    }
}

#[test]
fn hosts_that_are_killed_at_any_instant_leave_nothing() {
    // Killed hosts do not remove their workspaces.
    let workspaces = TempDir::new().unwrap();
    let killer = host_process::command("torture::killer_of_hosts")
        .env("TMPDIR", workspaces.path())
        .output()
        .unwrap();
    assert_eq!(host_process::told(&killer), "nothing is left");
    assert_eq!(super::support::processes_with("77501"), 0);
}

/// Runs in a host process of its own.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_that_is_flooded() {
    const FLOOD: u64 = 10 << 30;
    const RING: u64 = 1 << 20;
    let flood = |mebibytes: u64| CommandSpec {
        stdout: Keep::Ring(RING),
        ..sh(&format!(
            "dd if=/dev/zero bs=1M count={mebibytes} 2> /dev/null"
        ))
    };
    let bench = Bench::new();
    bench.run(flood(8)).await;
    let before = memory("VmHWM");
    let output = bench.run(flood(FLOOD >> 20)).await;
    assert_eq!(output.exit.status, ExitStatus::Code(0));
    assert_eq!(output.stdout.bytes.len() as u64, RING);
    assert_eq!(output.stdout.dropped, FLOOD - RING);
    let more = memory("VmHWM") - before;
    assert!(more < 2 * RING + (4 << 20), "{more} bytes more");
    host_process::tell("flat");
}

#[test]
fn ten_gibibytes_of_output_cost_no_memory() {
    let host = host_process::command("torture::host_that_is_flooded").output();
    assert_eq!(host_process::told(&host.unwrap()), "flat");
}

/// What the kernel says of this process's memory, in bytes.
fn memory(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let kibibytes = line.split_whitespace().nth(1).unwrap();
    kibibytes.parse::<u64>().unwrap() << 10
}
