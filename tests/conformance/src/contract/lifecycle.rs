//! `boll:lifecycle/lifecycle`.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::bindings::boll::lifecycle::lifecycle as host;
use crate::fault;

pub use host::{Call, Source};

/// How many capsules waited for the call that was asked about last.
static CHAIN: AtomicUsize = AtomicUsize::new(0);

pub(super) fn chain_seen() -> usize {
    CHAIN.load(Ordering::Relaxed)
}

/// Asks the host.
#[must_use]
pub fn caller() -> Option<Call> {
    let Some(mut call) = host::caller() else {
        return fault::is("caller-in-run-loop").then(|| Call {
            principal: None,
            source: Source::Host,
            call_id: None,
            started_at_ms: 0,
            deadline_ms: None,
            chain: Vec::new(),
        });
    };
    CHAIN.store(call.chain.len(), Ordering::Relaxed);
    if fault::is("chain-reversed") {
        call.chain.reverse();
    }
    if fault::is("chain-last-only") {
        call.chain.drain(..call.chain.len().saturating_sub(1));
    }
    if fault::is("chain-empty") {
        call.chain.clear();
    }
    if fault::is("chain-has-itself") {
        call.chain.push("itself".to_owned());
    }
    if fault::is("started-at-zero") {
        call.started_at_ms = 0;
    }
    if fault::is("deadline-missing") {
        call.deadline_ms = None;
    }
    if let Source::Capsule(uuid) = &mut call.source {
        if fault::is("source-other-uuid") {
            *uuid = host::self_uuid();
        }
        if fault::is("principal-lost-behind-hook") {
            call.principal = None;
        }
        if fault::is("call-id-lost-behind-hook") {
            call.call_id = None;
        }
        if fault::is("deadline-behind-hook-late") {
            call.deadline_ms = call.deadline_ms.map(|end| end + 60_000);
        }
        if fault::is("source-always-host") {
            call.source = Source::Host;
        }
    }
    Some(call)
}

/// Asks the host.
#[must_use]
pub fn self_uuid() -> String {
    match fault::is("uuid-kept") {
        true => "6f9619ff-8b86-4011-b42d-00c04fc964ff".to_owned(),
        false => host::self_uuid(),
    }
}

/// Asks the host.
pub fn ready() {
    if !fault::is("ready-ignored") {
        host::ready();
    }
}
