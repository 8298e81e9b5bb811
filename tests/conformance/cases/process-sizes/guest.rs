//! `process.run`: what is too large.

use boll_conformance::children::spawn;
use boll_conformance::command::{captured, ring, sh};
use boll_conformance::process::{Command, Error, Input, SizeLimit, run};
use boll_conformance::{Case, Checked, a_case, equal, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "sizes" => sizes(),
            other => unknown(other),
        }
    }
}

fn refused(step: &str, command: &Command) -> Checked<SizeLimit> {
    let size = a_case!(step, run(command), Err(Error::TooLarge(size)) => size);
    let spawned = spawn(command).map(|_| ());
    equal("spawning it", spawned, Err(Error::TooLarge(size.clone())))?;
    equal("it says what", size.what.is_empty(), false)?;
    Ok(size)
}

fn sizes() -> Checked {
    let mut command = sh("wc -c");
    command.stdin = Input::Bytes(vec![0; 1000]);
    let output = good("the most", run(&command))?;
    equal("it arrives", output.stdout, captured("1000\n", 0))?;
    command.stdin = Input::Bytes(vec![0; 1001]);
    let size = refused("more", &command)?;
    equal("the sizes", (size.limit, size.actual), (1000, 1001))?;

    command = sh("echo");
    command.stdout = ring(1 << 20);
    command.stderr = ring((1 << 20) + 1);
    let size = refused("a larger ring", &command)?;
    equal(
        "the sizes",
        (size.limit, size.actual),
        (1 << 20, (1 << 20) + 1),
    )?;

    command = sh("echo");
    command.label = Some("x".repeat(129));
    let size = refused("a longer label", &command)?;
    equal("the sizes", (size.limit, size.actual), (128, 129))
}
