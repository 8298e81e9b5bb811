//! `child.stop`, `child.kill`, and a handle that is dropped.

use boll_conformance::child::{PATIENCE, piped, read_until, spawned};
use boll_conformance::children::{Channel, list};
use boll_conformance::command::{captured, exit, ring, sh, signalled};
use boll_conformance::process::{Cause, Exit, ExitStatus};
use boll_conformance::{Case, Checked, equal, good, marker, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "stop" => stop(),
            "kill" => kill(),
            "drop" => dropped(),
            "leave" => leave(),
            "deadline" => deadline(),
            "stays" => {
                good("wait", spawned(&sh(&a_tree()))?.wait(None))?;
                Ok(())
            }
            other => unknown(other),
        }
    }
}

fn stop() -> Checked {
    let child = spawned(&sh(
        "trap 'exit 4' INT; echo up; while :; do sleep 0.05; done",
    ))?;
    read_until(&child, Channel::Stdout, "up\n")?;
    let asked = Exit {
        status: ExitStatus::Code(4),
        cause: Cause::Requested,
    };
    equal("asked", child.stop(None), Ok(asked))?;
    let deaf = format!(
        "trap '' INT TERM; echo up; while :; do sleep {}; done",
        marker()
    );
    let child = spawned(&sh(&deaf))?;
    read_until(&child, Channel::Stdout, "up\n")?;
    equal("made to", child.stop(Some(100)), Ok(signalled(9)))?;
    let child = spawned(&sh("exit 5"))?;
    good("wait", child.wait(None))?;
    equal("too late", child.stop(None), Ok(exit(5)))
}

fn kill() -> Checked {
    let mut command = piped("printf abcdef; printf err >&2; exec cat");
    command.stdout = ring(4);
    let child = spawned(&command)?;
    good("read", child.read(Channel::Stdout, 5, 1, PATIENCE))?;
    read_until(&child, Channel::Stderr, "err")?;
    let output = good("kill", child.kill())?;
    equal("the end", output.exit, signalled(9))?;
    equal("what was left", output.stdout, captured("cdef", 2))?;
    equal("and there", output.stderr, captured("err", 0))?;
    equal("it is told again", child.wait(None), Ok(Some(signalled(9))))
}

fn a_tree() -> String {
    let marker = marker();
    format!("(setsid sleep {marker} &); echo up; sleep {marker}; :")
}

fn dropped() -> Checked {
    let child = spawned(&sh(&a_tree()))?;
    read_until(&child, Channel::Stdout, "up\n")?;
    drop(child);
    equal("nothing is listed", list().len(), 0)
}

/// Ends the call with a child that nobody waits for.
fn leave() -> Checked {
    let child = spawned(&sh(&a_tree()))?;
    read_until(&child, Channel::Stdout, "up\n")?;
    std::mem::forget(child);
    Ok(())
}

fn deadline() -> Checked {
    let mut command = sh(&a_tree());
    command.deadline_ms = Some(300);
    let child = spawned(&command)?;
    let exit = good("wait", child.wait(None))?;
    equal(
        "the cause",
        exit.map(|exit| exit.cause),
        Some(Cause::TimedOut),
    )
}
