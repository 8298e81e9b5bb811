//! `hook.trigger` and `intercept`: what is refused.

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Error, Options, intercept, trigger};
use boll_conformance::{Case, Checked, a_case, equal, failed, good, holds, say, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "denied" => denied(),
            "revoked" => {
                let error = refused("notes.saved", b"")?;
                a_case!("after its grant is gone", error, Error::Denied(_) => ());
                Ok(())
            }
            "invalid" => invalid(),
            "too-large" => too_large(),
            other => unknown(other),
        }
    }

    fn handle(_action: &str, event: Event) -> Result<Reply, Failure> {
        if event.payload == b"seen" {
            say("what was denied arrived");
        }
        Ok(Reply::Continue(None))
    }
}

/// Why neither function publishes.
fn refused(topic: &str, payload: &[u8]) -> Checked<Error> {
    let options = Options { timeout_ms: None };
    let triggered = trigger(topic, payload, options);
    let error = triggered
        .err()
        .ok_or_else(|| failed("trigger", "an error", &topic))?;
    let intercepted = intercept(topic, payload, options);
    let same = intercepted
        .err()
        .ok_or_else(|| failed("intercept", "an error", &topic))?;
    equal("the other function", same, error.clone())?;
    Ok(error)
}

fn denied() -> Checked {
    for (topic, capability) in [
        ("other.topic", "publish:other.topic"),
        ("notes.secret", "publish:notes.secret"),
    ] {
        let denial = a_case!(topic, refused(topic, b"seen")?, Error::Denied(denial) => denial);
        equal(topic, denial.capability.as_str(), capability)?;
        holds("it says why", "a reason", &denial.reason, |text| {
            !text.is_empty()
        })?;
    }
    Ok(())
}

fn invalid() -> Checked {
    let long = format!("notes.{}", "a".repeat(256));
    for topic in [
        "", "Notes", "notes.", ".notes", "no tes", "notes..a", "notes.*", &long,
    ] {
        let text = a_case!(topic, refused(topic, b"")?, Error::InvalidTopic(text) => text);
        equal("it says why", text.is_empty(), false)?;
    }
    Ok(())
}

fn too_large() -> Checked {
    let options = Options { timeout_ms: None };
    let answers = good("the largest", trigger("notes.saved", &[0; 1000], options))?;
    equal("it arrives", answers.len(), 1)?;
    let error = refused("notes.saved", &[0; 1001])?;
    equal("a larger one", error, Error::TooLarge(1000))
}
