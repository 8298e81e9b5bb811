//! `boll:lifecycle/lifecycle`.

use std::time::{SystemTime, UNIX_EPOCH};

use super::CallContext;
use crate::bindings::boll::lifecycle::lifecycle::{Call, Host, Source};
use crate::call;

impl Host for CallContext {
    fn caller(&mut self) -> Option<Call> {
        let scope = &self.scope;
        let caller = scope.caller.as_ref()?;
        Some(Call {
            principal: caller.principal.as_ref().map(ToString::to_string),
            source: match caller.source {
                call::Source::Host => Source::Host,
                call::Source::Capsule(uuid) => Source::Capsule(uuid.to_string()),
            },
            chain: caller.chain.iter().map(ToString::to_string).collect(),
            call_id: caller.call_id.as_ref().map(ToString::to_string),
            started_at_ms: milliseconds(scope.started_at),
            deadline_ms: scope.deadline.map(|deadline| milliseconds(deadline.wall)),
        })
    }

    fn self_uuid(&mut self) -> String {
        self.capsule.uuid.to_string()
    }

    fn ready(&mut self) {
        self.capsule.say_ready();
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
