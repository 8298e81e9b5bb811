//! `process.run`: what a command is given, what it writes, and how it ends.

use boll_conformance::command::{captured, exit, ring, sh};
use boll_conformance::process::{Cause, ExitStatus, Input, Keep, Variable, run};
use boll_conformance::{Case, Checked, equal, good, holds, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "exits" => exits(),
            "input" => input(),
            "output" => output(),
            "environment" => environment(),
            "writes" => {
                let output = good("run", run(&sh("echo by the command >made")))?;
                equal("the exit", output.exit, exit(0))
            }
            other => unknown(other),
        }
    }
}

fn exits() -> Checked {
    for (script, status) in [
        ("exit 0", ExitStatus::Code(0)),
        ("exit 255", ExitStatus::Code(255)),
        ("kill -9 $$", ExitStatus::Signal(9)),
        ("kill -15 $$", ExitStatus::Signal(15)),
    ] {
        let output = good(script, run(&sh(script)))?;
        equal(script, output.exit.status, status)?;
        equal("of its own accord", output.exit.cause, Cause::Own)?;
    }
    Ok(())
}

fn input() -> Checked {
    let mut command = sh("cat; echo end");
    for (stdin, expected) in [
        (Input::Null, "end\n"),
        (Input::Bytes(Vec::new()), "end\n"),
        (Input::Bytes("a\0ü".into()), "a\0üend\n"),
    ] {
        command.stdin = stdin;
        let output = good("run", run(&command))?;
        equal("what it read", output.stdout, captured(expected, 0))?;
    }
    command = sh("wc -c");
    command.stdin = Input::Bytes(vec![b'x'; 1 << 20]);
    let output = good("more than a pipe holds", run(&command))?;
    equal("its size", output.stdout, captured("1048576\n", 0))
}

fn output() -> Checked {
    let mut command = sh("printf 123456789; printf error >&2");
    command.stdout = ring(4);
    let output = good("a ring", run(&command))?;
    equal("the newest bytes", output.stdout, captured("6789", 5))?;
    equal("the other stream", output.stderr, captured("error", 0))?;
    holds("the time", "under a minute", &output.elapsed_ms, |ms| {
        *ms < 60_000
    })?;

    command = sh("echo to the log; echo and this >&2");
    (command.stdout, command.stderr) = (Keep::Log, Keep::Log);
    command.label = Some("the label".to_owned());
    let output = good("the log", run(&command))?;
    equal("nothing kept", output.stdout, captured("", 0))?;
    equal("nothing kept", output.stderr, captured("", 0))?;

    command = sh("seq -f %07g 125000; seq -f %07g 25000 >&2");
    (command.stdout, command.stderr) = (ring(1 << 20), ring(1 << 20));
    let output = good("more than a pipe holds", run(&command))?;
    for (captured, most) in [(output.stdout, 125_000), (output.stderr, 25_000)] {
        let text = String::from_utf8_lossy(&captured.bytes).into_owned();
        let numbers = text.lines().map(|line| line.parse().unwrap_or(0));
        equal("nothing dropped", captured.dropped, 0)?;
        equal("every line", numbers.eq(1..=most), true)?;
    }

    command = sh("echo discarded; echo discarded >&2");
    (command.stdout, command.stderr) = (Keep::Null, Keep::Null);
    let output = good("nowhere", run(&command))?;
    equal("nothing kept", output.stdout, captured("", 0))
}

fn environment() -> Checked {
    let mut command = sh("echo $GREETING; env | cut -d= -f1 | sort | tr '\\n' ' '");
    command.env = vec![Variable {
        name: "GREETING".to_owned(),
        value: "a = b".to_owned(),
    }];
    let output = good("run", run(&command))?;
    let text = String::from_utf8_lossy(&output.stdout.bytes).into_owned();
    holds("what was set", "a = b", &text, |text| {
        text.starts_with("a = b\n")
    })?;
    let names = [
        "GOFLAGS", "GREETING", "HOME", "LANG", "LOGNAME", "OLDPWD", "PATH", "PWD", "SHELL",
        "SHLVL", "TMPDIR", "USER", "_",
    ];
    let other = text
        .split_whitespace()
        .skip(3)
        .find(|name| !names.contains(name));
    equal("nothing of the host's own", other, None)
}
