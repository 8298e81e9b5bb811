//! `process.run` and `children.spawn`: one more than may be.

use boll_conformance::child::spawned;
use boll_conformance::children::spawn;
use boll_conformance::command::{exit, sh};
use boll_conformance::process::{Error, run};
use boll_conformance::{Case, Checked, equal, good, marker, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "long" => {
                good("run", run(&sh(&format!("exec sleep {}", marker()))))?;
                Ok(())
            }
            "one-more" => equal(
                "one more",
                run(&sh("exit 0")).map(|_| ()),
                Err(Error::TooMany(1)),
            ),
            "free" => equal(
                "a free place",
                good("run", run(&sh("exit 0")))?.exit,
                exit(0),
            ),
            "children" => children(),
            other => unknown(other),
        }
    }
}

fn children() -> Checked {
    let first = spawned(&sh("exec sleep 60"))?;
    let _second = spawned(&sh("exec sleep 60"))?;
    let third = spawn(&sh("exit 0")).map(|_| ());
    equal("one more", third, Err(Error::TooMany(2)))?;
    good("kill", first.kill())?;
    spawned(&sh("exit 0"))?;
    Ok(())
}
