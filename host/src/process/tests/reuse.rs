//! Process ids that the kernel gives out again: what was meant for a process that
//! has ended never reaches the stranger that has its id now.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Child as Stranger, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::geteuid;
use tokio_util::sync::CancellationToken;

use super::host_process;
use super::support::{Bench, sh};
use crate::policy::WorkspaceAccess;
use crate::process::{Child, ProcessError, RunContext};
use crate::without::Need;

/// As many ids as there are in a process namespace that gives them out quickly.
const FEW_IDS: u32 = 400;
/// As many ids as are given out only once.
const RESERVED_IDS: u32 = 300;
/// As many ids as an ordinary user can go through in a few seconds.
const MOST_IDS: u32 = 1 << 16;

/// How many strangers have to have had an id again.
const ENOUGH: usize = 8;
/// How often it is tried to have so many.
const MOST_ROUNDS: usize = 40;

/// Where the kernel's settings are.
const SETTINGS: &str = "/proc/sys/kernel";

/// The descendants of this process.
fn descendants() -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut rest = vec![std::process::id()];
    while let Some(process) = rest.pop() {
        let tasks = fs::read_dir(format!("/proc/{process}/task"));
        for task in tasks.into_iter().flatten().flatten() {
            let list = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            rest.extend(list.split_whitespace().map(|id| id.parse::<u32>().unwrap()));
        }
        found.extend(&rest);
    }
    found
}

/// The id that was given out last, to a process or a thread.
fn last_id() -> u32 {
    let load = fs::read_to_string("/proc/loadavg").unwrap();
    load.split_whitespace().last().unwrap().parse().unwrap()
}

/// Starts a process that has this id, unless another one has it.
fn stranger(id: u32) -> Option<Stranger> {
    let latest = Instant::now() + Duration::from_secs(60);
    loop {
        assert!(Instant::now() < latest, "never got the id {id}");
        if fs::exists(format!("/proc/{id}")).unwrap() {
            return None;
        }
        let last = last_id();
        if last < id && id - last < 4 {
            let mut stranger = Command::new("sleep").arg("77420").spawn().unwrap();
            if stranger.id() == id {
                return Some(stranger);
            }
            stranger.kill().unwrap();
            stranger.wait().unwrap();
        } else {
            // A thread takes an id too, and costs less.
            thread::spawn(|| ()).join().unwrap();
        }
    }
}

async fn running(bench: &Bench, context: RunContext) -> (Child, BTreeSet<u32>) {
    let command = bench.allow(
        sh("(setsid sleep 77421 &); touch up; while ! [ -e over ]; do sleep 0.02; done"),
        WorkspaceAccess::ReadWrite,
    );
    let before = descendants();
    let child = bench.service.spawn(command, context).await.unwrap();
    while !bench.path().join("up").exists() {
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let ids = descendants().difference(&before).copied().collect();
    (child, ids)
}

/// Runs in a host process of its own.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_whose_ids_come_again() {
    let bench = Bench::with_settings(|settings| settings.standbys = 0);
    // The kernel does not give out low ids again.
    while last_id() <= RESERVED_IDS {
        thread::spawn(|| ()).join().unwrap();
    }
    let mut met = 0;
    for round in 0..MOST_ROUNDS {
        // Some ids go to others, where the ids are the whole machine's.
        if round >= 4 && met >= ENOUGH {
            break;
        }
        let cancel = CancellationToken::new();
        let mut context = bench.context().in_call("one");
        context.cancel = cancel.clone();
        let (child, ids) = running(&bench, context).await;
        assert!(ids.len() >= 4, "{ids:?}");
        fs::write(bench.path().join("over"), "").unwrap();
        child.exited().wait().await;
        let mut strangers: Vec<Stranger> = ids.into_iter().filter_map(stranger).collect();
        met += strangers.len();

        match round % 4 {
            0 => {
                child.signal(libc::SIGKILL).await;
                child.stop(Some(Duration::ZERO)).await.unwrap();
            }
            1 => drop(child.kill().await.unwrap()),
            2 => {
                child.detach().await;
                bench.service.cancel(&["one"]);
                cancel.cancel();
            }
            _ => {
                cancel.cancel();
                drop(child);
            }
        }
        // Long enough for every grace.
        tokio::time::sleep(Duration::from_millis(500)).await;
        for stranger in &mut strangers {
            assert_eq!(stranger.try_wait().unwrap(), None, "round {round}");
            stranger.kill().unwrap();
            stranger.wait().unwrap();
        }
        for name in ["up", "over"] {
            fs::remove_file(bench.path().join(name)).unwrap();
        }
    }
    assert!(met >= ENOUGH, "only {met} strangers had an id again");
    cancels_among_strangers(&bench).await;
    bench.service.shut_down().await;
    host_process::tell("untouched");
}

/// Strangers come and go while commands end and are cancelled at once.
async fn cancels_among_strangers(bench: &Bench) {
    let over = Arc::new(AtomicBool::new(false));
    let strangers = thread::spawn({
        let over = Arc::clone(&over);
        move || {
            let mut count = 0;
            while !over.load(Ordering::Relaxed) {
                let few = (0..8).map(|_| Command::new("sleep").arg("0.005").spawn().unwrap());
                for mut stranger in few.collect::<Vec<_>>() {
                    assert!(stranger.wait().unwrap().success());
                    count += 1;
                }
            }
            count
        }
    });
    for round in 0..60 {
        let cancel = CancellationToken::new();
        let mut context = bench.context();
        context.cancel = cancel.clone();
        let command = || bench.allow(sh("exit 0"), WorkspaceAccess::ReadOnly);
        let (run, ()) = tokio::join!(
            async {
                loop {
                    match bench.service.run(command(), context.clone()).await {
                        // The place of one that was cancelled is free when it has ended.
                        Err(ProcessError::TooMany(_)) => {
                            tokio::time::sleep(Duration::from_millis(1)).await;
                        }
                        run => return run,
                    }
                }
            },
            async {
                tokio::time::sleep(Duration::from_micros(round * 400)).await;
                cancel.cancel();
            }
        );
        assert!(
            matches!(run, Ok(_) | Err(ProcessError::Cancelled)),
            "{run:?}"
        );
    }
    over.store(true, Ordering::Relaxed);
    assert!(strangers.join().unwrap() > 100);
}

/// A host whose ids come again soon enough, or why there is none here.
fn host() -> Result<Command, String> {
    let host = host_process::command("reuse::host_whose_ids_come_again");
    let ids: u32 = setting("pid_max").trim().parse().unwrap();
    if may_have_few_ids() {
        let mut private = namespace();
        private
            .args(["sh", "-c"])
            .arg(format!(
                "echo {FEW_IDS} > {SETTINGS}/pid_max && exec \"$@\""
            ))
            .arg("sh")
            .arg(host.get_program())
            .args(host.get_args());
        return Ok(private);
    }
    if ids <= MOST_IDS {
        return Ok(host);
    }
    Err(format!(
        "this machine has {ids} process ids; a namespace with fewer needs root and Linux 6.14"
    ))
}

fn setting(name: &str) -> String {
    fs::read_to_string(format!("{SETTINGS}/{name}")).unwrap()
}

/// Whether a namespace of its own can be given a number of ids of its own.
fn may_have_few_ids() -> bool {
    // Older kernels would take the number for the whole machine's.
    let release = setting("osrelease");
    let version: Vec<u32> = release
        .split(['.', '-'])
        .map_while(|part| part.parse().ok())
        .collect();
    // Root of a container may be refused a namespace.
    geteuid().is_root()
        && version >= vec![6, 14]
        && namespace().arg("true").status().unwrap().success()
}

/// The start of a command in a process namespace of its own.
fn namespace() -> Command {
    let mut unshare = Command::new("unshare");
    unshare.args(["--pid", "--fork", "--mount-proc"]);
    unshare
}

#[test]
fn a_stranger_with_the_id_of_an_ended_process_is_untouched() {
    let (host, lacking) = match host() {
        Ok(host) => (Some(host), None),
        Err(reason) => (None, Some(reason)),
    };
    // Only root may have a namespace with fewer ids.
    let need = match geteuid().is_root() {
        true => Need::Ids,
        false => Need::Root,
    };
    if need.is_met(lacking.as_deref()) {
        let output = host.unwrap().output().unwrap();
        assert_eq!(host_process::told(&output), "untouched");
    }
}
