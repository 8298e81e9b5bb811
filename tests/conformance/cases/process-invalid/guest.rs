//! `process.run`: what is no command.

use boll_conformance::children::spawn;
use boll_conformance::command::{command, ring, sh};
use boll_conformance::process::{Command, Error, Input, Keep, Variable, run};
use boll_conformance::{Case, Checked, a_case, equal, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "malformed" => malformed(),
            "streams" => streams(),
            other => unknown(other),
        }
    }
}

fn refused(step: &str, command: &Command) -> Checked {
    let text = a_case!(step, run(command), Err(Error::Invalid(text)) => text);
    equal("it says where", text.is_empty(), false)
}

fn malformed() -> Checked {
    refused("no program", &command("", &[]))?;
    refused("a NUL in the program", &command("s\0h", &[]))?;
    refused("a relative path", &command("./sh", &[]))?;
    refused("a NUL in an argument", &sh("touch made\0"))?;
    let mut in_folder = sh("touch made");
    in_folder.cwd = Some("a\0".to_owned());
    refused("a NUL in the directory", &in_folder)?;
    for (name, value) in [("", "x"), ("A=B", "x"), ("A\0", "x"), ("A", "\0")] {
        let mut with_variable = sh("touch made");
        with_variable.env = vec![Variable {
            name: name.to_owned(),
            value: value.to_owned(),
        }];
        refused("a variable", &with_variable)?;
        let spawned = spawn(&with_variable).map(|_| ());
        a_case!("spawning it", spawned, Err(Error::Invalid(_)) => ());
    }
    let mut empty = sh("touch made");
    empty.stdout = ring(0);
    refused("a ring of nothing", &empty)
}

fn streams() -> Checked {
    let mut command = sh("touch made");
    command.stdin = Input::Pipe;
    refused("a pipe", &command)?;
    command = sh("touch made");
    command.stdout = Keep::Stream;
    refused("a stream", &command)?;
    command = sh("touch made");
    command.stderr = Keep::Stream;
    refused("another stream", &command)
}
