//! `process.run`: limits and deadlines.

use boll_conformance::children::spawn;
use boll_conformance::command::{captured, sh};
use boll_conformance::process::{Cause, Command, Error, LimitKind, Output, run};
use boll_conformance::{Case, Checked, a_case, equal, failed, good, holds, marker, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "deadline" => deadline(),
            "cpu" => cpu(),
            "file-size" => file_size(),
            "memory" => memory(),
            "pids" => pids(),
            "unsupported" => unsupported(),
            "open-files" => open_files(),
            other => unknown(other),
        }
    }
}

/// The output of a command whose limit can be held, or `None` where it is refused.
fn limited(step: &str, command: &Command) -> Checked<Option<Output>> {
    match run(command) {
        Ok(output) => Ok(Some(output)),
        Err(Error::UnsupportedLimit(text)) if !text.is_empty() => Ok(None),
        Err(other) => Err(failed(step, "it runs, or the limit is refused", &other)),
    }
}

fn deadline() -> Checked {
    let marker = marker();
    let mut command = sh(&format!("echo begun; (sleep {marker} &); sleep {marker}"));
    command.deadline_ms = Some(300);
    let output = good("run", run(&command))?;
    equal("the cause", output.exit.cause, Cause::TimedOut)?;
    equal("what it said", output.stdout, captured("begun\n", 0))?;
    // The deadline counts the start of the sandbox, too.
    holds("it ran", "at most 5 s", &output.elapsed_ms, |ms| {
        *ms < 5_000
    })
}

fn cpu() -> Checked {
    let mut command = sh("while :; do :; done");
    command.limits.cpu_seconds = Some(1);
    let output = good("run", run(&command))?;
    equal(
        "the cause",
        output.exit.cause,
        Cause::Limit(LimitKind::CpuSeconds),
    )
}

fn file_size() -> Checked {
    let mut command = sh("exec head -c 100000 /dev/zero >large");
    command.limits.file_size = Some(1000);
    let output = good("run", run(&command))?;
    equal(
        "the cause",
        output.exit.cause,
        Cause::Limit(LimitKind::FileSize),
    )
}

fn memory() -> Checked {
    let mut command = sh("x=$(head -c 100000000 /dev/zero | tr '\\0' x); echo survived");
    command.limits.memory = Some(50 << 20);
    match limited("memory", &command)? {
        Some(output) => equal(
            "the cause",
            output.exit.cause,
            Cause::Limit(LimitKind::Memory),
        ),
        None => Ok(()),
    }
}

fn pids() -> Checked {
    let mut command = sh("i=0; while [ $i -lt 40 ]; do sleep 9 & i=$((i+1)); done; echo all");
    command.limits.pids = Some(10);
    let Some(output) = limited("pids", &command)? else {
        return Ok(());
    };
    equal("it did not come to its end", output.stdout, captured("", 0))?;
    // Where only the kernel's own count limits them, nobody tells that it did.
    match output.exit.cause {
        Cause::Limit(LimitKind::Pids) | Cause::Own => Ok(()),
        other => Err(failed("the cause", "the limit, or its own", &other)),
    }
}

fn open_files() -> Checked {
    let mut command = sh("ulimit -n");
    command.limits.open_files = Some(50);
    let output = good("run", run(&command))?;
    equal("what it may open", output.stdout, captured("50\n", 0))
}

fn unsupported() -> Checked {
    let mut command = sh("touch made");
    // More than any machine has.
    command.limits.open_files = Some(u32::MAX);
    let text = a_case!("run", run(&command), Err(Error::UnsupportedLimit(text)) => text);
    equal("it says why", text.is_empty(), false)?;
    let spawned = spawn(&command).map(|_| ());
    equal("spawn", spawned, Err(Error::UnsupportedLimit(text)))
}
