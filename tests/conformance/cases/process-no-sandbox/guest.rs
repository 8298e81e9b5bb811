//! `process.run` where no sandbox is.

use boll_conformance::children::{self, attach, list, spawn};
use boll_conformance::command::sh;
use boll_conformance::process::{Error, run};
use boll_conformance::{Case, Checked, a_case, equal, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "nothing" => nothing(),
            other => unknown(other),
        }
    }
}

fn nothing() -> Checked {
    let touch = sh("touch made");
    let text = a_case!("run", run(&touch), Err(Error::SandboxUnavailable(text)) => text);
    equal("it says what would help", text.is_empty(), false)?;
    let spawned = spawn(&touch).map(|_| ());
    a_case!("spawn", spawned, Err(Error::SandboxUnavailable(_)) => ());
    let attached = attach("00000000-0000-4000-8000-000000000000").map(|_| ());
    equal("attach", attached, Err(children::Error::UnknownChild))?;
    equal("list", list().len(), 0)
}
