//! `hook.trigger` and `intercept` with as much as may be.

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Error, Options, Outcome, Verdict, intercept, trigger};
use boll_conformance::{Case, Checked, a_case, equal, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

/// The most that a hook takes, unless the host sets another limit.
const MOST: usize = 1 << 20;

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "sum" => sum(),
            "echo" => echo(),
            "change" => change(),
            "too-large" => too_large(),
            other => unknown(other),
        }
    }

    fn handle(action: &str, event: Event) -> Result<Reply, Failure> {
        match action {
            "sum" => Ok(Reply::Final(digest(&event.payload).into())),
            "echo" => Ok(Reply::Continue(Some(event.payload))),
            "change" => {
                let changed = event.payload.iter().map(|byte| byte ^ 0xff);
                Ok(Reply::Continue(Some(changed.collect())))
            }
            "long" => {
                let length = String::from_utf8_lossy(&event.payload).parse();
                let length = length.map_err(|_| Failure::InvalidPayload("a number".to_owned()))?;
                Ok(Reply::Final(vec![b'x'; length]))
            }
            other => Err(Failure::UnknownAction(other.to_owned())),
        }
    }
}

/// Bytes of every value, none of whose parts is another's.
fn large() -> Vec<u8> {
    let numbers = (0..MOST as u32 / 4).map(|number| number.wrapping_mul(2_654_435_761));
    numbers.flat_map(u32::to_le_bytes).collect()
}

/// The length, and a sum in which the place of each byte counts.
fn digest(bytes: &[u8]) -> String {
    let sum = bytes.iter().fold(0_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(*byte))
    });
    format!("{} {sum}", bytes.len())
}

fn options() -> Options {
    Options { timeout_ms: None }
}

fn only(topic: &str) -> Checked<Outcome> {
    let mut answers = good(topic, trigger(topic, &large(), options()))?;
    equal("how many answers", answers.len(), 1)?;
    Ok(answers.remove(0).outcome)
}

fn sum() -> Checked {
    let seen = a_case!("the sum", only("large.sum")?, Outcome::Final(seen) => seen);
    let seen = String::from_utf8_lossy(&seen).into_owned();
    equal("what arrived", seen, digest(&large()))
}

fn echo() -> Checked {
    let left = a_case!("the echo", only("large.echo")?, Outcome::Continue(Some(left)) => left);
    equal("what came back", digest(&left), digest(&large()))
}

fn change() -> Checked {
    let verdict = good("intercept", intercept("large.change", &large(), options()))?;
    let left = a_case!("the verdict", verdict, Verdict::Passed(left) => left);
    let changed: Vec<u8> = large().iter().map(|byte| byte ^ 0xff).collect();
    equal("what was left", digest(&left), digest(&changed))
}

fn too_large() -> Checked {
    let larger = vec![0; MOST + 1];
    let refused = Err(Error::TooLarge(MOST as u64));
    equal(
        "trigger",
        trigger("large.sum", &larger, options()).map(|_| ()),
        refused.clone(),
    )?;
    equal(
        "intercept",
        intercept("large.sum", &larger, options()).map(|_| ()),
        refused,
    )
}
