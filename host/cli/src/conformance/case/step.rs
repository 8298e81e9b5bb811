//! A step of a case: what is done, and what is expected of it. Pure.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::conformance::pattern;
use crate::conformance::protocol::Call;

/// Something that is done, and what is expected of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub(crate) struct Step {
    pub(crate) action: Action,
    /// The name under which it goes on while the next steps are done.
    pub(crate) name: Option<String>,
    /// A pattern for the result; `None` for what the kind of step gives when it
    /// goes well.
    pub(crate) expect: Option<Value>,
}

/// What a step does. Those with a host's operation of the same name ask for it.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    tag = "do",
    deny_unknown_fields,
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub(crate) enum Action {
    /// Loads the capsule with this manifest.
    Load {
        manifest: String,
    },
    Unload {
        capsule: String,
    },
    Grant {
        capsule: String,
        grants: Vec<String>,
    },
    RunCase {
        #[serde(default)]
        capsule: Option<String>,
        name: String,
        #[serde(default)]
        principal: Option<String>,
        #[serde(default)]
        call_id: Option<String>,
        #[serde(default)]
        time_ms: Option<u64>,
    },
    Invoke {
        #[serde(default)]
        capsule: Option<String>,
        action: String,
        #[serde(default)]
        payload: String,
        #[serde(default)]
        principal: Option<String>,
        #[serde(default)]
        call_id: Option<String>,
        #[serde(default)]
        time_ms: Option<u64>,
    },
    Trigger {
        topic: String,
        #[serde(default)]
        payload: String,
        #[serde(default)]
        principal: Option<String>,
        #[serde(default)]
        call_id: Option<String>,
        #[serde(default)]
        time_ms: Option<u64>,
    },
    Intercept {
        topic: String,
        #[serde(default)]
        payload: String,
        #[serde(default)]
        principal: Option<String>,
        #[serde(default)]
        call_id: Option<String>,
        #[serde(default)]
        time_ms: Option<u64>,
    },
    Cancel {
        call_id: String,
    },
    Held {
        #[serde(default)]
        capsule: Option<String>,
    },
    Await {
        capsule: String,
        state: String,
    },
    /// Waits for the end of a step that goes on.
    Finish {
        of: String,
    },
    /// Waits for a line of the log.
    AwaitLog {
        message: String,
        #[serde(default)]
        capsule: Option<String>,
        #[serde(default)]
        call_id: Option<String>,
    },
    /// Waits until a file of the workspace is there.
    AwaitFile {
        path: String,
    },
    /// Waits until processes with the case's marker are there, or gone.
    Processes {
        there: bool,
    },
    /// Removes a file or folder.
    Remove {
        path: String,
    },
}

impl TryFrom<Map<String, Value>> for Step {
    type Error = String;

    fn try_from(mut map: Map<String, Value>) -> Result<Self, String> {
        let name = match map.remove("as") {
            None => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => return Err("`as` is a text".to_owned()),
        };
        let expect = map.remove("expect");
        if let Some(expect) = &expect {
            pattern::check(expect)?;
        }
        let action: Action =
            serde_json::from_value(Value::Object(map)).map_err(|error| error.to_string())?;
        let needed = matches!(
            action,
            Action::Invoke { .. }
                | Action::Trigger { .. }
                | Action::Intercept { .. }
                | Action::Held { .. }
        );
        if needed && name.is_none() && expect.is_none() {
            return Err(format!("a step `{}` needs `expect`", action.name()));
        }
        Ok(Self {
            action,
            name,
            expect,
        })
    }
}

impl Action {
    /// The word that the file has for it.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Load { .. } => "load",
            Self::Unload { .. } => "unload",
            Self::Grant { .. } => "grant",
            Self::RunCase { .. } => "run-case",
            Self::Invoke { .. } => "invoke",
            Self::Trigger { .. } => "trigger",
            Self::Intercept { .. } => "intercept",
            Self::Cancel { .. } => "cancel",
            Self::Held { .. } => "held",
            Self::Await { .. } => "await",
            Self::Finish { .. } => "finish",
            Self::AwaitLog { .. } => "await-log",
            Self::AwaitFile { .. } => "await-file",
            Self::Processes { .. } => "processes",
            Self::Remove { .. } => "remove",
        }
    }

    /// How the call is made, where it is one.
    pub(crate) fn call(&self) -> Call {
        match self {
            Self::RunCase {
                principal,
                call_id,
                time_ms,
                ..
            }
            | Self::Invoke {
                principal,
                call_id,
                time_ms,
                ..
            }
            | Self::Trigger {
                principal,
                call_id,
                time_ms,
                ..
            }
            | Self::Intercept {
                principal,
                call_id,
                time_ms,
                ..
            } => Call {
                principal: principal.clone(),
                call_id: call_id.clone(),
                time_ms: *time_ms,
            },
            _ => Call::default(),
        }
    }
}
