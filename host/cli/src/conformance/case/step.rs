//! A step of a case: its action, and the expected result. Pure.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::cases::pattern::Pattern;
use crate::conformance::protocol::Operation;

/// A step: its action, and the expected result.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub(crate) struct Step {
    /// The name of the action in the file.
    pub(crate) word: String,
    pub(crate) action: Action,
    /// The name under which it goes on while the next steps are done.
    pub(crate) name: Option<String>,
    /// A pattern for the result; `None` for what the kind of step gives when it
    /// goes well.
    pub(crate) expect: Option<Pattern>,
}

/// The action of a step.
#[derive(Debug, Clone)]
pub(crate) enum Action {
    /// Asks the host for this. Without the name of a capsule, the case's first one is meant.
    Host(Operation),
    /// An action of the runner itself, or one that it prepares before it asks the host.
    Runner(RunnerAction),
}

/// An action of the runner itself, or one that it prepares before it asks the host.
#[derive(Debug, Clone, Deserialize)]
#[serde(
    tag = "do",
    deny_unknown_fields,
    rename_all = "kebab-case",
    rename_all_fields = "kebab-case"
)]
pub(crate) enum RunnerAction {
    /// Has the host load the capsule with this manifest.
    Load { manifest: String },
    /// Waits for the end of a step that goes on.
    Finish { of: String },
    /// Waits for a line of the log.
    AwaitLog {
        message: String,
        #[serde(default)]
        capsule: Option<String>,
        #[serde(default)]
        call_id: Option<String>,
    },
    /// Waits until a file of the workspace is there.
    AwaitFile { path: String },
    /// Waits until processes with the case's marker are there, or gone.
    Processes { there: bool },
    /// Removes a file or folder.
    Remove { path: String },
}

impl TryFrom<Map<String, Value>> for Step {
    type Error = String;

    fn try_from(mut map: Map<String, Value>) -> Result<Self, String> {
        let name = match map.remove("as") {
            None => None,
            Some(Value::String(name)) => Some(name),
            Some(_) => return Err("`as` is a text".to_owned()),
        };
        let expect = map.remove("expect").map(Pattern::try_from).transpose()?;
        let word = map.get("do").and_then(Value::as_str).unwrap_or_default();
        let word = word.to_owned();
        let action = match &*word {
            "load" | "finish" | "await-log" | "await-file" | "processes" | "remove" => {
                let action = serde_json::from_value(Value::Object(map));
                Action::Runner(action.map_err(|error| error.to_string())?)
            }
            _ => Action::Host(operation(&word, map)?),
        };
        let needed = matches!(&*word, "invoke" | "trigger" | "intercept" | "held");
        if needed && name.is_none() && expect.is_none() {
            return Err(format!("a step `{word}` needs `expect`"));
        }
        Ok(Self {
            word,
            action,
            name,
            expect,
        })
    }
}

fn operation(word: &str, mut map: Map<String, Value>) -> Result<Operation, String> {
    let given: Vec<String> = map.keys().cloned().collect();
    if matches!(word, "run-case" | "invoke" | "held") {
        map.entry("capsule").or_insert_with(|| "".into());
    }
    map.entry("payload").or_insert_with(|| "".into());
    let operation = serde_json::from_value(Value::Object(map));
    let operation: Operation = operation.map_err(|error| error.to_string())?;
    if matches!(word, "hello" | "open" | "close") {
        return Err(format!(
            "`{word}` is no step: the runner asks for it by itself"
        ));
    }
    // Hosts pass over what they do not know, and a case has no mistakes.
    let known = serde_json::to_value(&operation).map_err(|error| error.to_string())?;
    match given.iter().find(|key| known.get(key).is_none()) {
        Some(unknown) => Err(format!("unknown field `{unknown}`")),
        None => Ok(operation),
    }
}
