//! `hook.trigger` beside a capsule that is not granted to be told.

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Options, Verdict, intercept, trigger};
use boll_conformance::{Case, Checked, equal, say, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "nobody" => nobody(),
            other => unknown(other),
        }
    }

    fn handle(_action: &str, _event: Event) -> Result<Reply, Failure> {
        say("told");
        Ok(Reply::Deny("told".to_owned()))
    }
}

fn nobody() -> Checked {
    let options = Options { timeout_ms: None };
    equal(
        "trigger",
        trigger("notes.saved", b"x", options),
        Ok(Vec::new()),
    )?;
    let passed = Ok(Verdict::Passed(b"x".into()));
    equal("intercept", intercept("notes.saved", b"x", options), passed)
}
