//! What a call sees that is ended with its capsule while it waits.

use boll_conformance::child::stubborn;
use boll_conformance::children::spawn;
use boll_conformance::command::sh;
use boll_conformance::hook::{Options, trigger};
use boll_conformance::process::run;
use boll_conformance::{Case, Checked, good, marker, say, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "wait" => wait(),
            other => unknown(other),
        }
    }
}

/// Waits in a command until the call is ended, and tells the log what every
/// function says then.
fn wait() -> Checked {
    let child = stubborn()?;
    let command = sh(&format!("touch begun; exec sleep {}", marker()));
    let output = good("run", run(&command))?;
    say(&format!("the command ended: {:?}", output.exit.cause));
    let said = child.wait(None).map(|_| ());
    say(&format!("child.wait: {said:?}"));
    let said = child.write(b"x", 1_000).map(|_| ());
    say(&format!("child.write: {said:?}"));
    let said = child.detach().map(|_| ());
    say(&format!("child.detach: {said:?}"));
    let said = run(&sh("touch made")).map(|_| ());
    say(&format!("run: {said:?}"));
    let said = spawn(&sh("touch made")).map(|_| ());
    say(&format!("spawn: {said:?}"));
    let said = trigger("notes.saved", &[], Options { timeout_ms: None }).map(|_| ());
    say(&format!("trigger: {said:?}"));
    Ok(())
}
