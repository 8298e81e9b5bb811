//! The messages between the runner and a host: a JSON object a line.
//!
//! The reference is docs/conformance.md. Pure.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The version of the protocol. A host that speaks another one says so.
pub(crate) const VERSION: u32 = 1;

/// A request of the runner to a host. Requests may overlap; the answer has the
/// same id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) operation: Operation,
}

/// The operation that a request asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    tag = "do",
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub(crate) enum Operation {
    /// Says who it is. The first request.
    Hello { protocol: u32, runner: String },
    /// Begins a case: a host with nothing loaded, and these settings.
    Open {
        workspace: PathBuf,
        settings: Map<String, Value>,
    },
    /// Loads a capsule.
    Load(Box<LoadOperation>),
    /// Unloads a capsule at once.
    Unload { capsule: String },
    /// Replaces what the operator grants to a loaded capsule.
    Grant {
        capsule: String,
        grants: Vec<String>,
    },
    /// Runs a part of a case inside a guest.
    RunCase {
        capsule: String,
        name: String,
        #[serde(flatten)]
        call: Call,
    },
    /// Calls an action of a capsule.
    Invoke {
        capsule: String,
        action: String,
        payload: String,
        #[serde(flatten)]
        call: Call,
    },
    /// Publishes to all subscribers at once.
    Trigger {
        topic: String,
        payload: String,
        #[serde(flatten)]
        call: Call,
    },
    /// Passes a payload through all subscribers.
    Intercept {
        topic: String,
        payload: String,
        #[serde(flatten)]
        call: Call,
    },
    /// Cancels the calls with this id.
    Cancel { call_id: String },
    /// Lists the capabilities of a capsule.
    Held { capsule: String },
    /// Waits until a capsule is in a state.
    Await { capsule: String, state: String },
    /// Ends the case and everything that it started.
    Close,
}

/// A capsule to load.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct LoadOperation {
    /// The component's file.
    pub(crate) component: PathBuf,
    /// The manifest's file.
    pub(crate) manifest_file: PathBuf,
    /// Its content, for a host without a TOML parser.
    pub(crate) manifest: Value,
    pub(crate) grants: Vec<String>,
    pub(crate) config: BTreeMap<String, String>,
}

/// How a call is made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct Call {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) principal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) call_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) time_ms: Option<u64>,
}

/// A line of a host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Message {
    Response(Response),
    Event(Event),
}

/// The answer to a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Response {
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) answer: HostReply,
}

/// The outcome of a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum HostReply {
    /// It was done, with this result. A capsule that is refused is a result too.
    Result(Value),
    /// This host does not do such a thing; the text says what.
    Unsupported(String),
    /// It went wrong in a way that the contract does not know.
    Fault(String),
}

impl HostReply {
    /// Returns the reply to a request that failed.
    pub(crate) fn fault(error: impl Display) -> Self {
        Self::Fault(error.to_string())
    }
}

/// An event that a host reports by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Event {
    /// A line of the log.
    Log { line: Map<String, Value> },
}

/// The description that a host gives of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hello {
    pub(crate) protocol: u32,
    pub(crate) name: String,
    pub(crate) version: String,
    /// Those of the contract that it implements, as `boll:log/log@0.2.0`.
    pub(crate) interfaces: Vec<String>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_are_as_the_document_shows_them() {
        let call = Call {
            call_id: Some("c".into()),
            ..Call::default()
        };
        let request = Request {
            id: 3,
            operation: Operation::RunCase {
                capsule: "config-get".into(),
                name: "values".into(),
                call,
            },
        };
        let line = json!({
            "id": 3, "do": "run-case", "capsule": "config-get", "name": "values", "call-id": "c"
        });
        assert_eq!(serde_json::to_value(&request).unwrap(), line);
        assert_eq!(serde_json::from_value::<Request>(line).unwrap(), request);

        let close = json!({"id": 9, "do": "close"});
        let read: Request = serde_json::from_value(close).unwrap();
        assert_eq!(read.operation, Operation::Close);
    }

    #[test]
    fn answers_and_events_are_told_apart() {
        let read = |value: Value| serde_json::from_value::<Message>(value).unwrap();
        let message = read(json!({"id": 1, "unsupported": "processes"}));
        let answer = HostReply::Unsupported("processes".into());
        assert_eq!(message, Message::Response(Response { id: 1, answer }));
        let message = read(json!({"event": "log", "line": {"message": "x"}}));
        assert!(matches!(message, Message::Event(Event::Log { .. })));
        let nonsense = json!({"id": 1, "perhaps": 1});
        assert!(serde_json::from_value::<Message>(nonsense).is_err());
    }
}
