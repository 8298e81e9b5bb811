//! `hook.intercept`: every verdict, and what the order is.

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Ending, Options, Outcome, Refusal, Verdict, intercept};
use boll_conformance::{Case, Checked, a_case, equal, good, say, types, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "passed" => passed(),
            "final" => last(),
            "denied" => denied(),
            "stopped" => stopped(),
            "goes-on" => goes_on(),
            other => unknown(other),
        }
    }

    fn handle(action: &str, event: Event) -> Result<Reply, Failure> {
        let text = String::from_utf8_lossy(&event.payload).into_owned();
        match action {
            "first" | "second" => Ok(Reply::Continue(Some(format!("{text} {action}").into()))),
            "end" => Ok(Reply::Final(format!("{text} done").into())),
            "deny" => Ok(Reply::Deny(format!("not {text}"))),
            "fail" => Err(Failure::Failed("it was to fail".to_owned())),
            "trap" => panic!("it was to trap"),
            "slow" => {
                std::thread::sleep(std::time::Duration::from_secs(3));
                Ok(Reply::Continue(Some(b"too late".into())))
            }
            "late" => {
                say("asked after the end");
                Ok(Reply::Continue(None))
            }
            other => Err(Failure::UnknownAction(other.to_owned())),
        }
    }
}

fn pass(topic: &str) -> Checked<Verdict> {
    good(
        topic,
        intercept(topic, b"start", Options { timeout_ms: None }),
    )
}

fn passed() -> Checked {
    let verdict = pass("all.pass")?;
    equal(
        "in order",
        verdict,
        Verdict::Passed(b"start first second".into()),
    )?;
    equal(
        "nobody",
        pass("all.nobody")?,
        Verdict::Passed(b"start".into()),
    )
}

fn last() -> Checked {
    let expected = Ending {
        capsule: "second".to_owned(),
        payload: b"start first done".into(),
    };
    equal("the end", pass("all.end")?, Verdict::Final(expected))
}

fn denied() -> Checked {
    let expected = Refusal {
        capsule: "first".to_owned(),
        reason: "not start".to_owned(),
    };
    equal("the refusal", pass("all.deny")?, Verdict::Denied(expected))
}

fn goes_on() -> Checked {
    for topic in ["goes.on", "goes.trap", "goes.slow"] {
        equal(topic, pass(topic)?, Verdict::Passed(b"start second".into()))?;
    }
    Ok(())
}

fn stopped() -> Checked {
    let answer = a_case!("a failure", pass("all.fail")?, Verdict::Stopped(answer) => answer);
    let failure = types::Failure::Failed("it was to fail".to_owned());
    equal("who", answer.capsule.as_str(), "first")?;
    equal("why", answer.outcome, Outcome::Failed(failure))?;
    let answer = a_case!("a trap", pass("all.trap")?, Verdict::Stopped(answer) => answer);
    a_case!("why", answer.outcome, Outcome::Crashed(_) => ());
    let answer = a_case!("no reply", pass("all.slow")?, Verdict::Stopped(answer) => answer);
    equal("why", answer.outcome, Outcome::TimedOut)
}
