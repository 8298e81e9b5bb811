//! `hook.trigger` from capsule to capsule, until it is too deep.

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Error, Options, Outcome, trigger};
use boll_conformance::{Case, Checked, equal, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "deep" => equal("what the last one saw", next(1), "deep at 8".to_owned()),
            other => unknown(other),
        }
    }

    fn handle(_action: &str, event: Event) -> Result<Reply, Failure> {
        let depth = String::from_utf8_lossy(&event.payload).parse();
        let depth = depth.map_err(|_| Failure::InvalidPayload("no number".to_owned()))?;
        Ok(Reply::Final(next(depth).into()))
    }
}

/// Asks the next capsule of the chain; gives what the last one saw.
fn next(depth: u32) -> String {
    let topic = format!("deep.{depth}");
    let payload = (depth + 1).to_string();
    match trigger(&topic, payload.as_bytes(), Options { timeout_ms: None }) {
        Err(Error::TooDeep(limit)) => format!("deep at {limit}"),
        Err(error) => format!("{error:?}"),
        Ok(answers) => match answers.into_iter().next().map(|one| one.outcome) {
            Some(Outcome::Final(seen)) => String::from_utf8_lossy(&seen).into_owned(),
            other => format!("{other:?} at {depth}"),
        },
    }
}
