//! `process.run` and `children.spawn`: what is denied.

use boll_conformance::children::spawn;
use boll_conformance::command::{command, sh};
use boll_conformance::process::{Command, Denial, Error, Variable, run};
use boll_conformance::{Case, Checked, a_case, equal, good, holds, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "denied" => denied(),
            "granted" => {
                good("run", run(&command("echo", &["say", "hello"])))?;
                Ok(())
            }
            "revoked" => {
                denial("echo", &command("echo", &["say", "hello"]))?;
                Ok(())
            }
            other => unknown(other),
        }
    }
}

/// The denial of a command by both functions.
fn denial(step: &str, command: &Command) -> Checked<Denial> {
    let denial = a_case!(step, run(command), Err(Error::Denied(denial)) => denial);
    let spawned = spawn(command).map(|_| ());
    equal("spawning it", spawned, Err(Error::Denied(denial.clone())))?;
    holds("it says why", "a reason", &denial.reason, |text| {
        !text.is_empty()
    })?;
    Ok(denial)
}

fn denied() -> Checked {
    let touch = "touch /workspace/made";
    for (step, command, capability) in [
        (
            "a program that is not asked for",
            command("touch", &["made"]),
            "process:touch",
        ),
        ("one that is not granted", sh(touch), "process:sh"),
        (
            "one by its path",
            command("/bin/sh", &["-c", touch]),
            "process:sh",
        ),
        (
            "arguments that are not asked for",
            command("echo", &["shout"]),
            "process:echo",
        ),
        (
            "arguments that are not granted",
            command("echo", &["say", "bye"]),
            "process:echo",
        ),
    ] {
        let denial = denial(step, &command)?;
        holds(step, capability, &denial.capability, |name| {
            name == capability || step.ends_with("path")
        })?;
    }
    let mut with_variable = command("echo", &["say", "hello"]);
    with_variable.env = vec![Variable {
        name: "LD_PRELOAD".to_owned(),
        value: "/workspace/x".to_owned(),
    }];
    denial("a variable that is not asked for", &with_variable)?;
    Ok(())
}
