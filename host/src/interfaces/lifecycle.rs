//! `boll:lifecycle/lifecycle`.

use std::time::{SystemTime, UNIX_EPOCH};

use super::CallContext;
use crate::bindings::boll::lifecycle::lifecycle::{Call, Host, Source};
use crate::capsule::CapsuleState;

impl Host for CallContext {
    fn caller(&mut self) -> Option<Call> {
        let caller = &self.caller;
        Some(Call {
            principal: caller.principal.clone(),
            // The host is the only one who calls: capsules cannot publish yet.
            source: Source::Host,
            chain: Vec::new(),
            call_id: caller.call_id.clone(),
            started_at_ms: milliseconds(caller.started_at),
            deadline_ms: Some(milliseconds(caller.deadline.wall)),
        })
    }

    fn self_uuid(&mut self) -> String {
        self.capsule.uuid.to_string()
    }

    fn ready(&mut self) {
        self.capsule.state.send_if_modified(|state| {
            let first = *state == CapsuleState::Loaded;
            if first {
                *state = CapsuleState::Ready;
            }
            first
        });
    }
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
