//! `children.child.status` and the numbers of `process.run`.

use std::time::SystemTime;

use boll_conformance::child::{PATIENCE, spawned};
use boll_conformance::children::{Channel, Phase, list};
use boll_conformance::command::{ring, sh};
use boll_conformance::process::run;
use boll_conformance::{Case, Checked, equal, good, holds, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "used" => used(),
            "elapsed" => elapsed(),
            "dropped" => dropped(),
            "started" => started(),
            other => unknown(other),
        }
    }
}

fn used() -> Checked {
    // In a process below, too: the tree is counted.
    let child = spawned(&sh("i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done; \
         (x=$(head -c 30000000 /dev/zero | tr '\\0' x); : $x)"))?;
    good("wait", child.wait(None))?;
    let status = child.status();
    equal("the phase", status.phase, Phase::Exited)?;
    holds(
        "its processor time",
        "20 ms to 60 s",
        &status.cpu_ms,
        |ms| (20..60_000).contains(ms),
    )?;
    holds(
        "its memory",
        "20 MiB to 2 GiB",
        &status.peak_memory,
        |bytes| (20 << 20..2 << 30).contains(bytes),
    )
}

fn elapsed() -> Checked {
    let output = good("run", run(&sh("sleep 0.4")))?;
    holds("the time", "400 ms to 30 s", &output.elapsed_ms, |ms| {
        (390..30_000).contains(ms)
    })
}

fn dropped() -> Checked {
    let mut command = sh("head -c 100000 /dev/zero");
    command.stdout = ring(1_000);
    let output = good("run", run(&command))?;
    equal(
        "what was dropped, and what is left",
        (output.stdout.dropped, output.stdout.bytes.len()),
        (99_000, 1_000),
    )?;
    let child = spawned(&command)?;
    good("wait", child.wait(None))?;
    let chunk = good("read", child.read(Channel::Stdout, 500, 4_000, PATIENCE))?;
    equal(
        "behind the cursor",
        (chunk.dropped, chunk.bytes.len(), chunk.next, chunk.eof),
        (98_500, 1_000, 100_000, true),
    )
}

fn started() -> Checked {
    let now = || {
        let since = SystemTime::UNIX_EPOCH.elapsed();
        since.map_or(0, |since| since.as_millis() as u64)
    };
    let before = now();
    let _child = spawned(&sh("exec sleep 60"))?;
    let listed = list();
    let start = listed.first().map(|child| child.started_at_ms);
    let (least, most) = (before.saturating_sub(1_000), now() + 1_000);
    holds(
        "its start",
        &format!("{least} to {most}"),
        &start,
        |start| start.is_some_and(|start| (least..=most).contains(&start)),
    )
}
