//! `child.signal`: every signal.

use boll_conformance::child::{PATIENCE, piped, read_until, spawned};
use boll_conformance::children::{Channel, Signal};
use boll_conformance::command::{exit, sh, signalled};
use boll_conformance::{Case, Checked, equal, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "ending" => ending(),
            "halting" => halting(),
            "window" => window(),
            "tree" => tree(),
            "too-late" => too_late(),
            other => unknown(other),
        }
    }
}

fn ending() -> Checked {
    for (signal, number) in [
        (Signal::Hangup, 1),
        (Signal::Interrupt, 2),
        (Signal::Quit, 3),
        (Signal::Kill, 9),
        (Signal::User1, 10),
        (Signal::User2, 12),
        (Signal::Terminate, 15),
    ] {
        let child = spawned(&piped("echo up; exec cat"))?;
        read_until(&child, Channel::Stdout, "up\n")?;
        equal("signal", child.signal(signal), Ok(()))?;
        equal("the end", child.wait(None), Ok(Some(signalled(number))))?;
    }
    Ok(())
}

fn halting() -> Checked {
    let child = spawned(&piped("echo up; while read line; do echo $line; done"))?;
    read_until(&child, Channel::Stdout, "up\n")?;
    equal("stop", child.signal(Signal::Stop), Ok(()))?;
    // It may take in something still before the signal is there.
    let mut cursor = 3;
    loop {
        equal("write", child.write(b"one\n", PATIENCE), Ok(4))?;
        let chunk = good("read", child.read(Channel::Stdout, cursor, 10, 200))?;
        if chunk.bytes.is_empty() {
            break;
        }
        cursor = chunk.next;
    }
    equal("continue", child.signal(Signal::Continue), Ok(()))?;
    let chunk = good("read", child.read(Channel::Stdout, cursor, 10, PATIENCE))?;
    equal("it goes on", chunk.bytes, b"one\n".into())
}

fn window() -> Checked {
    let script = "trap 'echo sized' WINCH; echo up; while :; do sleep 0.02; done";
    let child = spawned(&sh(script))?;
    read_until(&child, Channel::Stdout, "up\n")?;
    equal("signal", child.signal(Signal::WindowChange), Ok(()))?;
    read_until(&child, Channel::Stdout, "sized\n")?;
    Ok(())
}

fn tree() -> Checked {
    let script = "trap 'echo outer' USR1; \
        sh -c 'trap \"echo inner; exit\" USR1; echo up; while :; do sleep 0.05; done' & \
        wait; wait; exit 3";
    let child = spawned(&sh(script))?;
    read_until(&child, Channel::Stdout, "up\n")?;
    equal("signal", child.signal(Signal::User1), Ok(()))?;
    equal("the end", child.wait(None), Ok(Some(exit(3))))?;
    let chunk = good("read", child.read(Channel::Stdout, 0, 100, PATIENCE))?;
    let said = String::from_utf8_lossy(&chunk.bytes).into_owned();
    let both = said.contains("inner") && said.contains("outer");
    equal("both were told", both, true)
}

fn too_late() -> Checked {
    let child = spawned(&sh("exit 4"))?;
    equal("the end", child.wait(None), Ok(Some(exit(4))))?;
    equal("signal", child.signal(Signal::Kill), Ok(()))?;
    equal("it stays", child.wait(None), Ok(Some(exit(4))))
}
