//! `process.run`: the arguments and variables of a command.

use boll_conformance::children::spawn;
use boll_conformance::command::{captured, command};
use boll_conformance::process::{Command, Error, Variable, run};
use boll_conformance::{Case, Checked, a_case, equal, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "listed" => listed(),
            "arguments" => arguments(),
            "variables" => variables(),
            other => unknown(other),
        }
    }
}

fn listed() -> Checked {
    for (program, args, expected) in [
        ("echo", &["say", "hello"][..], "say hello\n"),
        ("echo", &["say", "a  b"], "say a  b\n"),
        ("printf", &["%s", "a", "b", ""], "ab"),
        ("printf", &["%s"], ""),
    ] {
        let output = good(program, run(&command(program, args)))?;
        equal("each is one argument", output.stdout, captured(expected, 0))?;
    }
    Ok(())
}

fn denied(step: &str, command: &Command) -> Checked {
    let denial = a_case!(step, run(command), Err(Error::Denied(denial)) => denial);
    let name = format!("process:{}", command.program);
    equal("the capability", denial.capability, name)?;
    a_case!(step, spawn(command).map(|_| ()), Err(Error::Denied(_)) => ());
    Ok(())
}

fn arguments() -> Checked {
    for args in [&["shout", "hello"][..], &["say"], &["say", "a", "b"], &[]] {
        denied("arguments that are not listed", &command("echo", args))?;
    }
    denied(
        "arguments that are not listed",
        &command("printf", &["%d", "1"]),
    )
}

fn variables() -> Checked {
    let mut with_variable = command("echo", &["say", "hello"]);
    for (name, is_listed) in [("LISTED", true), ("OTHER", false)] {
        with_variable.env = vec![Variable {
            name: name.to_owned(),
            value: "x".to_owned(),
        }];
        match is_listed {
            true => drop(good(name, run(&with_variable))?),
            false => denied(name, &with_variable)?,
        }
    }
    Ok(())
}
