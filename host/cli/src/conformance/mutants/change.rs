//! The places at which a fault changes what a host does.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::conformance::protocol::{Call, LoadOperation, Operation};

/// A change to what a host is asked, or to what it answers.
pub(super) enum Change {
    /// In the functions that the guest calls, which know the fault by its name.
    Guest,
    /// In the settings of the host.
    Settings(fn(&mut Map<String, Value>)),
    /// In the manifest and the grants of a capsule that is loaded.
    Loaded(fn(&mut toml::Table, &mut Vec<String>)),
    /// The configuration of the first load is kept.
    FirstConfig,
    /// In what is granted to a capsule that is loaded already.
    Granted(fn(&mut Vec<String>)),
    /// In a call.
    Called(fn(&mut Called<'_>)),
    /// The host does not do what it is asked, and says that it did.
    Skipped(fn(&Operation) -> Option<Value>),
    /// The host says this at once, and goes on without the end that the caller set.
    Unended(fn(&Call) -> Option<Value>),
    /// In the answer to a request with this name.
    Answered(&'static str, fn(&mut Value)),
    /// In a line of the log; `false` loses it.
    Logged(fn(&mut Map<String, Value>) -> bool),
}

/// A call that the host is asked for.
pub(super) struct Called<'a> {
    /// The payload, where there is one.
    pub(super) payload: Option<&'a mut String>,
    pub(super) call: &'a mut Call,
}

impl<'a> Called<'a> {
    /// The call of an operation, if it is one.
    pub(super) fn of(operation: &'a mut Operation) -> Option<Self> {
        match operation {
            Operation::RunCase { call, .. } => Some(Self {
                payload: None,
                call,
            }),
            Operation::Invoke { payload, call, .. }
            | Operation::Trigger { payload, call, .. }
            | Operation::Intercept { payload, call, .. } => Some(Self {
                payload: Some(payload),
                call,
            }),
            _ => None,
        }
    }
}

/// The configuration of the first load of each capsule.
pub(super) type FirstConfig = BTreeMap<String, BTreeMap<String, String>>;

/// Keeps the configuration of the first load of a capsule.
pub(super) fn keep_config(load: &mut LoadOperation, first: &mut FirstConfig) {
    let id = load.manifest["capsule"]["id"].as_str().unwrap_or_default();
    let kept = first.entry(id.to_owned());
    load.config = kept.or_insert_with(|| load.config.clone()).clone();
}

/// The tables of a kind in a manifest, such as all `[[process]]`.
pub(super) fn each(manifest: &mut toml::Table, kind: &str, change: impl Fn(&mut toml::Table)) {
    let all = manifest.get_mut(kind).and_then(toml::Value::as_array_mut);
    let tables = all.into_iter().flatten();
    tables
        .filter_map(toml::Value::as_table_mut)
        .for_each(change);
}

/// Takes a key out of a table of a manifest, such as `[instance] mode`.
pub(super) fn without(manifest: &mut toml::Table, table: &str, key: &str) {
    let table = manifest.get_mut(table).and_then(toml::Value::as_table_mut);
    if let Some(table) = table {
        table.remove(key);
    }
}

/// Changes each `[config.KEY]` of a manifest.
pub(super) fn each_config(manifest: &mut toml::Table, change: impl Fn(&mut toml::Table)) {
    let config = manifest.get_mut("config");
    let config = config.and_then(toml::Value::as_table_mut);
    let keys = config.into_iter().flatten().map(|(_, key)| key);
    keys.filter_map(toml::Value::as_table_mut).for_each(change);
}
