//! Actions that answer with what the host's interfaces say.

use boll_sdk::lifecycle::{self, Source};
use boll_sdk::{capability, config};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

/// Which capsule, and which capability.
#[derive(Deserialize)]
pub struct Query {
    uuid: String,
    name: String,
}

pub(crate) fn config(key: &str) -> Value {
    let all: BTreeMap<_, _> = config::all().into_iter().collect();
    json!({ "all": all, "get": lookup(key), "undeclared": lookup("nobody-declares-this"),
            "long": lookup(&"k".repeat(5_000)) })
}

fn lookup(key: &str) -> Value {
    match config::get::<String>(key) {
        Ok(value) => json!({ "ok": value }),
        Err(config::Error::Undeclared(key)) => json!({ "undeclared": key }),
        Err(config::Error::KeyTooLong(limit)) => json!({ "key_too_long": limit }),
        Err(other) => json!({ "other": other.to_string() }),
    }
}

pub(crate) fn caller() -> Value {
    let Some(caller) = lifecycle::caller() else {
        return Value::Null;
    };
    json!({
        "principal": caller.principal,
        "source": match &caller.source {
            Source::Host => "host",
            Source::Capsule(uuid) => uuid,
        },
        "call_id": caller.call_id,
        "started_at_ms": milliseconds(caller.started_at),
        "deadline_ms": caller.deadline.map(milliseconds),
        "chain": caller.chain,
        "now_ms": lifecycle::now_ms(),
    })
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn held() -> Value {
    let grants = capability::held().into_iter();
    grants
        .map(|grant| json!({ "name": grant.name, "scope": grant.scope }))
        .collect()
}

pub(crate) fn check(query: &Query) -> bool {
    capability::check(&query.uuid, &query.name)
}

pub(crate) fn ambient() -> Value {
    json!({
        "args": std::env::args().collect::<Vec<_>>(),
        "env": std::env::vars().collect::<BTreeMap<_, _>>(),
        "root": std::fs::read_dir("/").map(Iterator::count).map_err(|error| error.to_string()),
        "stdin": std::io::read_to_string(std::io::stdin()).map_err(|error| error.to_string()),
    })
}
