//! The configuration of one capsule, gathered from its sources: the operator's file, the
//! environment, the command line. Later sources override earlier ones, unless the
//! operator has fixed the value. The library knows none of these sources.

use std::collections::BTreeMap;
use std::ffi::OsString;

use boll_host::capsule::{ConfigSource, ConfigValue, Manifest};

use crate::environment;
use crate::failure::{Code, Done, Failure};
use crate::operator::Given;

/// Returns the values that are set for a capsule, by key. The manifest's defaults fill in
/// the rest, and the library checks whether the values fit.
pub(crate) fn gather(
    manifest: &Manifest,
    given: &Given,
    variables: impl Iterator<Item = (OsString, OsString)>,
    flags: &[(String, String)],
) -> Done<BTreeMap<String, ConfigValue>> {
    let mut values = given.config.values.clone();
    let later = environment::read(manifest, variables)?
        .into_iter()
        .chain(from_flags(manifest, flags)?);
    for (key, value) in later {
        if given.config.fixed.contains(&key)
            && let Some(fixed) = given.config.values.get(&key)
        {
            return Err(Failure::new(
                Code::Input,
                format!(
                    "the configuration key `{key}` is fixed by {}: {} cannot set it",
                    fixed.source(),
                    value.source()
                ),
            ));
        }
        values.insert(key, value);
    }
    Ok(values)
}

fn from_flags(manifest: &Manifest, flags: &[(String, String)]) -> Done<Vec<(String, ConfigValue)>> {
    let mut values = Vec::new();
    for (key, text) in flags {
        if manifest.config.get(key).is_some_and(|key| key.secret) {
            return Err(secret_on_the_command_line(manifest, key));
        }
        let value = ConfigValue::new(text.as_str(), ConfigSource::CommandLine);
        values.push((key.clone(), value));
    }
    Ok(values)
}

/// Returns the refusal of a secret on the command line, which every user of the machine can
/// read.
fn secret_on_the_command_line(manifest: &Manifest, key: &str) -> Failure {
    let id = &manifest.id;
    let mut failure = Failure::new(
        Code::Input,
        format!(
            "`{key}` is a secret: --config would show it to everybody in the list of processes"
        ),
    );
    if let Some(variable) = environment::variable(id, key) {
        failure = failure.hint(format!("set the variable {variable}"));
    }
    let table = toml_edit::Key::new(key);
    failure.hint(format!(
        "or name a file in the operator's file:\n[capsule.{id}.secret-files]\n{table} = \"path\""
    ))
}
