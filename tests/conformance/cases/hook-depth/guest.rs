//! `hook.trigger` from capsule to capsule, until it is too deep.

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Error, Options, Outcome, trigger};
use boll_conformance::lifecycle::caller;
use boll_conformance::{Case, Checked, equal, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "deep" => equal(
                "what the last one saw",
                next(1),
                "refused at 8 to the capsule with 8 before it".to_owned(),
            ),
            other => unknown(other),
        }
    }

    fn handle(_action: &str, event: Event) -> Result<Reply, Failure> {
        let depth = String::from_utf8_lossy(&event.payload).parse();
        let depth = depth.map_err(|_| Failure::InvalidPayload("no number".to_owned()))?;
        Ok(Reply::Final(next(depth).into()))
    }
}

/// The ids of those that wait for this call, where they are the right ones: the first
/// caller, and every capsule on the way here.
fn waiting(depth: u32) -> Result<usize, String> {
    let chain = caller().map(|call| call.chain).unwrap_or_default();
    let way = (1..depth.saturating_sub(1)).map(|depth| format!("deep-{depth}"));
    let first = (depth > 1).then(|| "hook-depth".to_owned());
    let expected: Vec<String> = first.into_iter().chain(way).collect();
    match chain == expected {
        true => Ok(chain.len()),
        false => Err(format!("at {depth} the chain is {chain:?}")),
    }
}

/// Asks the next capsule of the chain; gives what the last one saw.
fn next(depth: u32) -> String {
    let waiting = match waiting(depth) {
        Ok(waiting) => waiting,
        Err(wrong) => return wrong,
    };
    let topic = format!("deep.{depth}");
    let payload = (depth + 1).to_string();
    match trigger(&topic, payload.as_bytes(), Options { timeout_ms: None }) {
        Err(Error::TooDeep(limit)) => {
            format!("refused at {limit} to the capsule with {waiting} before it")
        }
        Err(error) => format!("{error:?}"),
        Ok(answers) => match answers.into_iter().next().map(|one| one.outcome) {
            Some(Outcome::Final(seen)) => String::from_utf8_lossy(&seen).into_owned(),
            other => format!("{other:?} at {depth}"),
        },
    }
}
