//! `process.run`: programs and folders that are not there.

use boll_conformance::child::spawned;
use boll_conformance::children::spawn;
use boll_conformance::command::{command, sh};
use boll_conformance::process::{Command, Error, ExitStatus, LaunchFailure, LaunchStep, run};
use boll_conformance::{Case, Checked, a_case, equal, failed, good, holds, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "not-found" => not_found(),
            "not-executable" => not_executable(),
            "bad-cwd" => bad_cwd(),
            "exec" => exec(),
            other => unknown(other),
        }
    }
}

/// Why neither function starts a command.
fn refused(step: &str, command: &Command) -> Checked<Error> {
    let error = run(command)
        .err()
        .ok_or_else(|| failed("run", "an error", &step))?;
    let spawned = spawn(command).map(|_| ());
    equal("spawning it", spawned, Err(error.clone()))?;
    Ok(error)
}

fn not_found() -> Checked {
    for program in ["nothing-here", "/workspace/nothing"] {
        let error = refused(program, &command(program, &[]))?;
        let text = a_case!(program, error, Error::NotFound(text) => text);
        holds("it names it", program, &text, |text| text.contains(program))?;
    }
    Ok(())
}

fn not_executable() -> Checked {
    for program in ["/workspace/data", "/workspace/folder"] {
        let error = refused(program, &command(program, &[]))?;
        let text = a_case!(program, error, Error::NotExecutable(text) => text);
        holds("it names it", program, &text, |text| text.contains(program))?;
    }
    Ok(())
}

fn bad_cwd() -> Checked {
    let mut command = sh("pwd");
    for cwd in ["missing", "data", "..", "/etc", "folder/../.."] {
        command.cwd = Some(cwd.to_owned());
        a_case!(cwd, refused(cwd, &command)?, Error::BadCwd(_) => ());
    }
    for cwd in ["folder", "/workspace/folder"] {
        command.cwd = Some(cwd.to_owned());
        let output = good(cwd, run(&command))?;
        let text = String::from_utf8_lossy(&output.stdout.bytes).into_owned();
        holds(cwd, "a folder below", &text, |text| {
            text.ends_with("/folder\n")
        })?;
    }
    Ok(())
}

fn launch(step: &str, command: &Command) -> Checked<LaunchFailure> {
    let exit = good(step, run(command))?.exit;
    let child = spawned(command)?;
    equal("spawning it", child.wait(None), Ok(Some(exit.clone())))?;
    let failure = a_case!(step, exit.status, ExitStatus::LaunchFailed(failure) => failure);
    equal("it says something", failure.message.is_empty(), false)?;
    Ok(failure)
}

fn exec() -> Checked {
    let failure = launch(
        "no program of this machine",
        &command("/workspace/garbage", &[]),
    )?;
    equal(
        "the step",
        (failure.step, failure.errno),
        (LaunchStep::Exec, 8),
    )
}
