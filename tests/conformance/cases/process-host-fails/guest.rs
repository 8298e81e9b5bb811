//! `children.spawn` on a host that has no descriptors left.

use boll_conformance::child::piped;
use boll_conformance::children::spawn;
use boll_conformance::command::{exit, sh};
use boll_conformance::process::{Error, Keep, run};
use boll_conformance::{Case, Checked, a_case, equal, failed, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "exhaust" => exhaust(),
            "recovered" => equal("afterwards", good("run", run(&sh("exit 0")))?.exit, exit(0)),
            other => unknown(other),
        }
    }
}

/// More children than the host has descriptors for.
const MANY: usize = 256;

fn exhaust() -> Checked {
    let mut command = piped("exec cat");
    (command.stdout, command.stderr) = (Keep::Stream, Keep::Stream);
    let mut children = Vec::new();
    while children.len() < MANY {
        match spawn(&command) {
            Ok(child) => children.push(child),
            Err(error) => {
                let text = a_case!("spawn", error, Error::Host(text) => text);
                return equal("it says at what", text.is_empty(), false);
            }
        }
    }
    Err(failed(
        "spawn",
        "the host runs out of descriptors",
        &children.len(),
    ))
}
