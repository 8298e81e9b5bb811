//! `hook.trigger` of a capsule that subscribes to its own topic.

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Options, Verdict, intercept, trigger};
use boll_conformance::{Case, Checked, equal, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "talks" => talks(),
            other => unknown(other),
        }
    }

    fn handle(_action: &str, _event: Event) -> Result<Reply, Failure> {
        Ok(Reply::Continue(Some(b"told".into())))
    }
}

fn talks() -> Checked {
    let options = Options { timeout_ms: None };
    let answers = good("trigger", trigger("talk.now", b"x", options))?;
    let capsules: Vec<&str> = answers.iter().map(|one| one.capsule.as_str()).collect();
    equal("who is told", capsules, vec!["other"])?;
    let verdict = good("intercept", intercept("talk.now", b"x", options))?;
    equal("what is left", verdict, Verdict::Passed(b"told".into()))
}
