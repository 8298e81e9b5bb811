//! Which of a manifest's requests the cases used.

use std::collections::BTreeSet;

use boll_host::capsule::Manifest;
use boll_host::services::audit::Requested;
use serde::Serialize;

/// The requests and actions that the cases of a session used.
#[derive(Default)]
pub(crate) struct Used {
    pub(super) requests: BTreeSet<Requested>,
    pub(super) actions: BTreeSet<String>,
}

/// The requests of a manifest, each with whether a case used it.
pub(crate) struct Coverage {
    pub(crate) requests: Vec<Covered>,
}

/// One request.
#[derive(Serialize)]
pub(crate) struct Covered {
    /// How its table is called, for example `process`.
    pub(crate) kind: &'static str,
    /// The name that distinguishes it from others of its kind.
    pub(crate) name: String,
    pub(crate) line: Option<usize>,
    pub(crate) used: bool,
}

impl Coverage {
    pub(crate) fn of(manifest: &Manifest, used: &Used) -> Self {
        let mut requests = Vec::new();
        let mut add = |kind, name: String, line, used| {
            requests.push(Covered {
                kind,
                name,
                line,
                used,
            });
        };
        let is_used = |request| used.requests.contains(&request);
        let asked = &manifest.requests;
        for (index, one) in asked.processes.iter().enumerate() {
            let used = is_used(Requested::Process(index));
            add("process", one.to_string(), one.line, used);
        }
        for (index, one) in asked.publish.iter().enumerate() {
            let used = is_used(Requested::Publish(index));
            add("publish", one.topic.to_string(), None, used);
        }
        for (index, one) in asked.subscribe.iter().enumerate() {
            let name = format!("{} -> {}", one.topic, one.action);
            add("hook", name, None, is_used(Requested::Hook(index)));
        }
        for (index, one) in asked.files.iter().enumerate() {
            let used = is_used(Requested::Files(index));
            add("files", one.path.to_string(), one.line, used);
        }
        for (index, one) in asked.network.iter().enumerate() {
            let used = is_used(Requested::Network(index));
            add("network", one.endpoint.to_string(), one.line, used);
        }
        for (index, one) in asked.interfaces.iter().enumerate() {
            let used = is_used(Requested::Interface(index));
            add("interface", one.name.to_string(), one.line, used);
        }
        for key in manifest.config.keys() {
            let used = is_used(Requested::Config(key.clone()));
            add("config", key.clone(), None, used);
        }
        for action in &manifest.actions {
            let used = used.actions.contains(&action.name);
            add("action", action.name.clone(), None, used);
        }
        Self { requests }
    }

    pub(crate) fn unused(&self) -> impl Iterator<Item = &Covered> {
        self.requests.iter().filter(|request| !request.used)
    }
}

impl Covered {
    /// Returns the name to show.
    pub(crate) fn title(&self) -> String {
        match self.kind {
            "config" => format!("[config.{}]", self.name),
            kind => format!("[[{kind}]] {}", self.name),
        }
    }
}
