//! `lifecycle.caller` behind a hook.

use boll_conformance::handler::{Event, Failure, Reply};
use boll_conformance::hook::{Options, Outcome, trigger};
use boll_conformance::lifecycle::{Source, caller, self_uuid};
use boll_conformance::{Case, Checked, equal, good, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "asks" => asks(),
            other => unknown(other),
        }
    }

    fn handle(_action: &str, event: Event) -> Result<Reply, Failure> {
        let call = caller().ok_or_else(|| Failure::Failed("no caller".to_owned()))?;
        let uuid = String::from_utf8(event.payload).unwrap_or_default();
        let source = match call.source {
            Source::Capsule(source) if source == uuid && source != self_uuid() => "capsule",
            Source::Capsule(_) => "another capsule",
            Source::Host => "host",
        };
        let (principal, id, chain) = (call.principal, call.call_id, call.chain);
        let seen = format!("{source}, for {principal:?}, under {id:?}, behind {chain:?}");
        Ok(Reply::Final(seen.into()))
    }
}

fn asks() -> Checked {
    let options = Options { timeout_ms: None };
    let uuid = self_uuid();
    let answers = good("trigger", trigger("who.asks", uuid.as_bytes(), options))?;
    let outcomes: Vec<Outcome> = answers.into_iter().map(|one| one.outcome).collect();
    let expected =
        "capsule, for Some(\"ann\"), under Some(\"call-1\"), behind [\"lifecycle-source\"]";
    equal(
        "what the other saw",
        outcomes,
        vec![Outcome::Final(expected.into())],
    )
}
