//! `children`: a child that is driven to its end.

use boll_conformance::child::{PATIENCE, piped, read_until, spawned};
use boll_conformance::children::{Channel, Child, Phase, Status, list};
use boll_conformance::command::{exit, ring, sh};
use boll_conformance::{Case, Checked, a_case, equal, failed, good, holds, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "driven" => driven(),
            "listed" => listed(),
            "rings" => rings(),
            "timeouts" => timeouts(),
            other => unknown(other),
        }
    }
}

fn driven() -> Checked {
    let child = spawned(&piped(
        "while read line; do echo $line; echo $line. >&2; done; exit 7",
    ))?;
    equal("one is written", child.write(b"one\n", PATIENCE), Ok(4))?;
    read_until(&child, Channel::Stdout, "one\n")?;
    read_until(&child, Channel::Stderr, "one.\n")?;
    let status = running(&child)?;
    equal("no exit yet", status.exit, None)?;
    equal("two is written", child.write(b"two\n", PATIENCE), Ok(4))?;
    read_until(&child, Channel::Stdout, "one\ntwo\n")?;
    equal("close", child.close_stdin(), Ok(()))?;
    equal("close again", child.close_stdin(), Ok(()))?;
    for _ in 0..2 {
        equal("the end", child.wait(None), Ok(Some(exit(7))))?;
        equal("without waiting", child.wait(Some(0)), Ok(Some(exit(7))))?;
    }
    let status = child.status();
    equal("the phase", status.phase, Phase::Exited)?;
    equal("its exit", status.exit, Some(exit(7)))?;
    holds("its memory", "some", &status.peak_memory, |bytes| {
        *bytes > 0
    })
}

/// The status of a child that runs, as the host notices it.
fn running(child: &Child) -> Checked<Status> {
    loop {
        let status = child.status();
        match status.phase {
            Phase::Starting => std::thread::sleep(std::time::Duration::from_millis(1)),
            Phase::Running => return Ok(status),
            Phase::Exited => return Err(failed("the phase", "running", &status)),
        }
    }
}

fn listed() -> Checked {
    let mut command = sh("exec sleep 60");
    command.label = Some("the first".to_owned());
    let (first, second) = (spawned(&command)?, spawned(&sh("exec sleep 60"))?);
    holds(
        "their ids",
        "two",
        &(first.id(), second.id()),
        |(one, other)| one != other,
    )?;
    let listed = list();
    let ids: Vec<&str> = listed.iter().map(|child| child.id.as_str()).collect();
    equal(
        "the oldest first",
        ids,
        vec![first.id().as_str(), second.id().as_str()],
    )?;
    let one = a_case!("the first", listed.into_iter().next(), Some(one) => one);
    equal("its label", one.label.as_deref(), Some("the first"))?;
    equal("its program", one.program.as_str(), "sh")?;
    equal("it is not detached", one.detached, false)?;
    holds("its phase", "not its end", &one.phase, |phase| {
        *phase != Phase::Exited
    })?;
    holds("its start", "after 2020", &one.started_at_ms, |ms| {
        *ms > 1_577_836_800_000
    })?;
    drop((first, second));
    equal("nothing is left", list().len(), 0)?;
    let ended = spawned(&sh("exit 0"))?;
    good("wait", ended.wait(None))?;
    let phases: Vec<Phase> = list().iter().map(|child| child.phase).collect();
    equal("one that is not released", phases, vec![Phase::Exited])
}

fn rings() -> Checked {
    let mut command = sh("printf 123456789; exec sleep 60");
    command.stdout = ring(4);
    let child = spawned(&command)?;
    let mut chunk = good("read", child.read(Channel::Stdout, 8, 10, PATIENCE))?;
    equal("the last byte", (chunk.bytes, chunk.next), (b"9".into(), 9))?;
    chunk = good("read", child.read(Channel::Stdout, 0, 2, PATIENCE))?;
    equal(
        "what was dropped",
        (chunk.dropped, chunk.bytes),
        (5, b"67".into()),
    )?;
    equal("the next", (chunk.next, chunk.eof), (7, false))?;
    chunk = good("read", child.read(Channel::Stdout, 7, 10, PATIENCE))?;
    equal("the rest", (chunk.dropped, chunk.bytes), (0, b"89".into()))
}

fn timeouts() -> Checked {
    let child = spawned(&piped("exec sleep 60"))?;
    let taken = good("a full pipe", child.write(&vec![0; 8 << 20], 100))?;
    holds("what was taken", "a part", &taken, |taken| {
        (1..8 << 20).contains(taken)
    })?;
    let child = spawned(&piped("exec cat"))?;
    equal("not in time", child.wait(Some(50)), Ok(None))?;
    let chunk = good("read", child.read(Channel::Stdout, 0, 10, 50))?;
    equal(
        "nothing yet",
        (chunk.bytes, chunk.next, chunk.eof),
        (Vec::new(), 0, false),
    )?;
    equal("close", child.close_stdin(), Ok(()))?;
    let chunk = good("read", child.read(Channel::Stdout, 0, 10, PATIENCE))?;
    equal(
        "the end of the stream",
        (chunk.bytes, chunk.eof),
        (Vec::new(), true),
    )
}
