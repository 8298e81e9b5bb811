//! `process.run` when what a sandbox shows has gone.

use boll_conformance::command::{captured, command, sh};
use boll_conformance::process::{ExitStatus, LaunchStep, run};
use boll_conformance::{Case, Checked, a_case, equal, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "there" => there(),
            "gone" => gone(),
            other => unknown(other),
        }
    }
}

fn there() -> Checked {
    let path = boll_conformance::config::get("shown").ok().flatten();
    let file = format!("{}/file", path.unwrap_or_default());
    let output = good("run", run(&command("cat", &[&file])))?;
    equal("what is shown", output.stdout, captured("shown", 0))
}

fn gone() -> Checked {
    let status = good("run", run(&sh("touch made")))?.exit.status;
    let failure = a_case!("run", status, ExitStatus::LaunchFailed(failure) => failure);
    equal("the step", failure.step, LaunchStep::Sandbox)?;
    equal("it says something", failure.message.is_empty(), false)
}
