//! `lifecycle.caller` and `self-uuid` in a call of the host.

use boll_conformance::lifecycle::{Source, caller, ready, self_uuid};
use boll_conformance::{Case, Checked, a_case, equal, holds, unknown};

struct Guest;

boll_conformance::guest!(Guest);

impl Case for Guest {
    fn run(name: &str) -> Checked {
        match name {
            "plain" => plain(),
            "named" => named(),
            "uuid" => uuid(),
            "ready" => {
                ready();
                ready();
                Ok(())
            }
            other => unknown(other),
        }
    }
}

fn plain() -> Checked {
    let call = a_case!("the caller", caller(), Some(call) => call);
    equal("the principal", call.principal, None)?;
    equal("the call id", call.call_id, None)?;
    equal("the source", call.source, Source::Host)?;
    equal("the chain", call.chain, Vec::new())
}

fn named() -> Checked {
    let call = a_case!("the caller", caller(), Some(call) => call);
    equal("the principal", call.principal.as_deref(), Some("ann"))?;
    equal("the call id", call.call_id.as_deref(), Some("call-1"))?;
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    let now = since.map_or(0, |since| since.as_millis() as u64);
    holds(
        "the start",
        "within a minute before now",
        &call.started_at_ms,
        |start| *start <= now + 1_000 && *start + 60_000 > now,
    )?;
    let deadline = a_case!("the deadline", call.deadline_ms, Some(deadline) => deadline);
    holds("the deadline", "5 s after the start", &deadline, |end| {
        end.abs_diff(call.started_at_ms + 5_000) < 1_000
    })
}

fn uuid() -> Checked {
    let uuid = self_uuid();
    equal("the same in a call", self_uuid(), uuid.clone())?;
    let dashes: Vec<usize> = uuid.match_indices('-').map(|(at, _)| at).collect();
    equal("the form", (uuid.len(), dashes), (36, vec![8, 13, 18, 23]))
}
