//! What is known of a configuration key: its value, and where that comes from.

use boll_host::capsule::{ConfigKey, ConfigSource, ConfigValue};
use boll_host::plain::shortened;

/// Returns what to know of a key besides its type; `None` if that is nothing.
pub(super) fn config_note(key: &ConfigKey, value: Option<&ConfigValue>) -> Option<String> {
    let mut notes = Vec::new();
    if key.required {
        notes.push("required".to_owned());
    }
    if key.secret {
        notes.push("secret".to_owned());
    }
    if let Some(default) = &key.default {
        notes.push(format!("default {}", shortened(&default.to_string())));
    }
    match value {
        Some(value) if key.secret => notes.push(format!("set by {}", value.source())),
        Some(value) => notes.push(format!(
            "{} by {}",
            shortened(value.expose()),
            value.source()
        )),
        None if key.default.is_none() => notes.push("not set".to_owned()),
        None => {}
    }
    (!notes.is_empty()).then(|| notes.join(", "))
}

/// Returns the source of a key's value; `None` if it has none.
pub(super) fn config_source(key: &ConfigKey, value: Option<&ConfigValue>) -> Option<String> {
    match value {
        Some(value) => Some(value.source().to_string()),
        None if key.default.is_some() => Some(ConfigSource::Default.to_string()),
        None => None,
    }
}
