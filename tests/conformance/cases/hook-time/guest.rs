//! `hook.trigger`: the time of a subscriber.

use std::thread::sleep;
use std::time::{Duration, Instant};

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Options, Outcome, trigger};
use boll_conformance::lifecycle::caller;
use boll_conformance::{Case, Checked, equal, good, holds, say, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "deadline" => deadline(),
            "timeout" => timeout(),
            "pause" => {
                sleep(Duration::from_secs(3));
                Ok(())
            }
            other => unknown(other),
        }
    }

    fn handle(action: &str, event: Event) -> Result<Reply, Failure> {
        match (action, event.topic) {
            ("tell", _) => {
                let end = caller()
                    .and_then(|call| call.deadline_ms)
                    .unwrap_or_default();
                Ok(Reply::Final(end.to_string().into()))
            }
            ("hold", None) => {
                let answers = trigger("slow.hold", &[], Options { timeout_ms: None });
                Ok(Reply::Final(format!("{answers:?}").into()))
            }
            ("hold", Some(_)) => {
                say("holding");
                sleep(Duration::from_secs(2));
                say("it outlived its publisher");
                Ok(Reply::Continue(None))
            }
            (other, _) => Err(Failure::UnknownAction(other.to_owned())),
        }
    }
}

/// The end that a subscriber sees, in milliseconds since 1970.
fn end_of_subscriber(timeout_ms: Option<u32>) -> Checked<u64> {
    let answers = good("trigger", trigger("slow.tell", &[], Options { timeout_ms }))?;
    let outcomes: Vec<Outcome> = answers.into_iter().map(|one| one.outcome).collect();
    let end = outcomes.first().map_or(0, |outcome| match outcome {
        Outcome::Final(end) => String::from_utf8_lossy(end).parse().unwrap_or_default(),
        _ => 0,
    });
    holds(
        "the subscriber's end",
        "one",
        &(outcomes, end),
        |(_, end)| *end > 0,
    )?;
    Ok(end)
}

fn deadline() -> Checked {
    let own = caller()
        .and_then(|call| call.deadline_ms)
        .unwrap_or_default();
    let end = end_of_subscriber(None)?;
    holds("its end", &format!("not after {own}"), &end, |end| {
        *end <= own + 100
    })?;
    let end = end_of_subscriber(Some(2_000))?;
    let sooner = own.saturating_sub(3_000);
    holds("with a timeout", &format!("before {sooner}"), &end, |end| {
        *end < sooner
    })
}

fn timeout() -> Checked {
    let started = Instant::now();
    let options = Options {
        timeout_ms: Some(200),
    };
    let answers = good("trigger", trigger("slow.hold", &[], options))?;
    let outcomes: Vec<Outcome> = answers.into_iter().map(|one| one.outcome).collect();
    equal("no reply in time", outcomes, vec![Outcome::TimedOut])?;
    let took = started.elapsed().as_millis();
    holds("it took", "less than it holds", &took, |took| *took < 1_900)
}
