//! `process.run`: what a command may do in the workspace.

use boll_conformance::capability::check;
use boll_conformance::command::{captured, exit, sh};
use boll_conformance::config::get;
use boll_conformance::lifecycle::self_uuid;
use boll_conformance::process::{Error, run};
use boll_conformance::{Case, Checked, equal, failed, good, holds, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "reads" => reads(),
            "writes" => writes(),
            "refused" => refused(""),
            "revoked" => refused("-revoked"),
            other => unknown(other),
        }
    }
}

fn script(ending: &str) -> String {
    let file = get("file").ok().flatten().unwrap_or_default();
    format!("echo written >/workspace/{file}{ending}")
}

fn reads() -> Checked {
    let output = good("run", run(&sh("cat there; cat /workspace/there")))?;
    equal(
        "both ways",
        output.stdout,
        captured("to be read\nto be read\n", 0),
    )
}

fn writes() -> Checked {
    equal("it may", check(&self_uuid(), "workspace:write"), true)?;
    equal(
        "the exit",
        good("run", run(&sh(&script(""))))?.exit,
        exit(0),
    )
}

/// Either the command is denied, or it finds the workspace read-only.
fn refused(ending: &str) -> Checked {
    equal("it may not", check(&self_uuid(), "workspace:write"), false)?;
    match run(&sh(&script(ending))) {
        Ok(output) => holds("the exit", "a failure", &output.exit, |ended| {
            *ended != exit(0)
        }),
        Err(Error::Denied(denial)) => equal(
            "the capability",
            denial.capability.as_str(),
            "workspace:write",
        ),
        Err(error) => Err(failed("run", "a denial or a failure", &error)),
    }
}
