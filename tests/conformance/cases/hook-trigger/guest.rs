//! `hook.trigger`: every outcome.

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Answer, Options, Outcome, trigger};
use boll_conformance::{Case, Checked, a_case, equal, good, holds, say, types, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "answers" => answers(),
            "failures" => failures(),
            "crashed" => crashed(),
            "timed-out" => timed_out(),
            "busy" => equal("busy", only("ask.narrow")?.outcome, Outcome::Busy),
            "cancelled" => equal("unloaded", only("ask.narrow")?.outcome, Outcome::Cancelled),
            "recursion" => recursion(),
            "nobody" => equal("nobody", ask("ask.nobody")?, Vec::new()),
            "order" => order(),
            "at-once" => at_once(),
            other => unknown(other),
        }
    }

    fn handle(action: &str, event: Event) -> Result<Reply, Failure> {
        let text = || String::from_utf8_lossy(&event.payload).into_owned();
        match action {
            "nothing" => Ok(Reply::Continue(None)),
            "echo" => Ok(Reply::Continue(Some(event.payload))),
            "final" => Ok(Reply::Final(event.payload)),
            "deny" => Ok(Reply::Deny(text())),
            "invalid" => Err(Failure::InvalidPayload(text())),
            "fail" => Err(Failure::Failed(text())),
            "trap" => panic!("it was to trap"),
            "take-time" => {
                let begun = now();
                std::thread::sleep(std::time::Duration::from_millis(1_500));
                Ok(Reply::Final(format!("{begun} {}", now()).into()))
            }
            "hold" => {
                say("holding");
                loop {
                    std::thread::sleep(std::time::Duration::from_secs(60));
                }
            }
            "back" => {
                let answers = trigger("back.there", &[], options());
                let first = answers.ok().and_then(|mut answers| answers.pop());
                let seen = first.map(|one| format!("{:?}", one.outcome));
                Ok(Reply::Final(seen.unwrap_or_default().into()))
            }
            other => Err(Failure::UnknownAction(other.to_owned())),
        }
    }
}

fn options() -> Options {
    Options { timeout_ms: None }
}

fn ask(topic: &str) -> Checked<Vec<Answer>> {
    good(topic, trigger(topic, b"payload", options()))
}

/// The answer to a topic with one subscriber.
fn only(topic: &str) -> Checked<Answer> {
    let mut answers = ask(topic)?;
    equal("how many answers", answers.len(), 1)?;
    Ok(answers.remove(0))
}

fn answers() -> Checked {
    for (topic, action, outcome) in [
        ("ask.nothing", "nothing", Outcome::Continue(None)),
        (
            "ask.echo",
            "echo",
            Outcome::Continue(Some(b"payload".into())),
        ),
        ("ask.final", "final", Outcome::Final(b"payload".into())),
        ("ask.deny", "deny", Outcome::Deny("payload".into())),
    ] {
        let expected = Answer {
            capsule: "answers".to_owned(),
            action: action.to_owned(),
            outcome,
        };
        equal(topic, only(topic)?, expected)?;
    }
    Ok(())
}

fn failures() -> Checked {
    let unknown = types::Failure::UnknownAction("unknown".into());
    for (topic, failure) in [
        ("ask.unknown", unknown),
        (
            "ask.invalid",
            types::Failure::InvalidPayload("payload".into()),
        ),
        ("ask.fail", types::Failure::Failed("payload".into())),
    ] {
        equal(topic, only(topic)?.outcome, Outcome::Failed(failure))?;
    }
    Ok(())
}

fn crashed() -> Checked {
    let text = a_case!("a trap", only("ask.trap")?.outcome, Outcome::Crashed(text) => text);
    equal("it says something", text.is_empty(), false)
}

fn timed_out() -> Checked {
    let outcome = only("ask.slow")?.outcome;
    equal("by its own timeout", outcome, Outcome::TimedOut)?;
    let options = Options {
        timeout_ms: Some(100),
    };
    let answers = good("trigger", trigger("ask.narrow", b"", options))?;
    let outcomes: Vec<Outcome> = answers.into_iter().map(|one| one.outcome).collect();
    equal("by the publisher's", outcomes, vec![Outcome::TimedOut])
}

fn recursion() -> Checked {
    let seen = only("ask.back")?.outcome;
    equal(
        "what the other saw",
        seen,
        Outcome::Final(b"Outcome::Recursion".into()),
    )
}

fn order() -> Checked {
    let capsules: Vec<String> = ask("ask.all")?.into_iter().map(|one| one.capsule).collect();
    equal(
        "by priority, then by id",
        capsules,
        ["narrow", "answers", "back"].map(str::to_owned).into(),
    )
}

/// Milliseconds since 1970.
fn now() -> u128 {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    since.map_or(0, |since| since.as_millis())
}

/// Each subscriber begins before another has ended.
fn at_once() -> Checked {
    let times = ask("ask.at-once")?
        .into_iter()
        .map(|one| match one.outcome {
            Outcome::Final(times) => String::from_utf8_lossy(&times).into_owned(),
            other => format!("{other:?}"),
        });
    let times: Vec<String> = times.collect();
    holds("their times", "two that overlap", &times, |times| {
        let numbers = times.iter().filter_map(|one| {
            let (begun, ended) = one.split_once(' ')?;
            Some((begun.parse::<u128>().ok()?, ended.parse::<u128>().ok()?))
        });
        let numbers: Vec<(u128, u128)> = numbers.collect();
        let last_begun = numbers.iter().map(|(begun, _)| *begun).max();
        let first_ended = numbers.iter().map(|(_, ended)| *ended).min();
        numbers.len() == 2 && last_begun < first_ended
    })
}
