//! `child.stop`: in which order, and after how long.

use std::time::Instant;

use boll_conformance::child::{PATIENCE, read_until, spawned};
use boll_conformance::children::Channel;
use boll_conformance::command::sh;
use boll_conformance::process::{Cause, Exit, ExitStatus};
use boll_conformance::{Case, Checked, equal, good, holds, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "order" => order(),
            "at-once" => after(Some(0), 0, 1_800),
            "later" => after(Some(2_800), 2_700, 9_000),
            "default" => after(None, 1_900, 2_700),
            other => unknown(other),
        }
    }
}

/// Ends when it is terminated, and only then.
const STAYS: &str = "trap 'echo interrupted' INT; trap 'echo terminated; exit 4' TERM; \
    echo up; while :; do sleep 0.02; done";

fn asked(code: u8) -> Exit {
    Exit {
        status: ExitStatus::Code(code),
        cause: Cause::Requested,
    }
}

fn order() -> Checked {
    let child = spawned(&sh(STAYS))?;
    read_until(&child, Channel::Stdout, "up\n")?;
    equal("the end", child.stop(Some(300)), Ok(asked(4)))?;
    let chunk = good("read", child.read(Channel::Stdout, 3, 100, PATIENCE))?;
    let said = String::from_utf8_lossy(&chunk.bytes).into_owned();
    equal("what came when", said.as_str(), "interrupted\nterminated\n")
}

/// A child that ends when it is terminated does so after this many milliseconds.
fn after(grace_ms: Option<u32>, least: u128, most: u128) -> Checked {
    let child = spawned(&sh(STAYS))?;
    read_until(&child, Channel::Stdout, "up\n")?;
    let started = Instant::now();
    equal("the end", child.stop(grace_ms), Ok(asked(4)))?;
    let took = started.elapsed().as_millis();
    holds("it took", &format!("{least} to {most} ms"), &took, |took| {
        (least..most).contains(took)
    })
}
