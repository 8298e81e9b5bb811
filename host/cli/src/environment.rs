//! Configuration from environment variables: `BOLL_CONFIG_<CAPSULE>__<KEY>`.
//!
//! Id and key are written in upper case with `_` for `-`. The mapping goes from keys to
//! variables, so that no name can be split in two ways: an id has no `_` of its own, and
//! one with `--` has no variables, so the first `__` ends the id. A key has a variable if
//! it consists of letters, digits, `-` and `_`. Two keys of a capsule may map to the same
//! variable, which then cannot be used.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use boll_host::capsule::{CapsuleId, ConfigSource, ConfigValue, Manifest};

use crate::failure::{Code, Done, Failure};

/// The prefix of all these variables.
pub(crate) const PREFIX: &str = "BOLL_CONFIG_";

/// Returns the variable that sets a key; `None` if no variable can.
pub(crate) fn variable(id: &CapsuleId, key: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let fits = !id.as_str().contains("--") && !key.is_empty() && key.bytes().all(plain);
    fits.then(|| format!("{PREFIX}{}__{}", upper(id.as_str()), upper(key)))
}

fn upper(name: &str) -> String {
    name.to_ascii_uppercase().replace('-', "_")
}

/// Returns the values that variables set for a capsule. Variables of other capsules are
/// ignored.
///
/// # Errors
///
/// A variable that names no key at all, or none of this capsule, or several; a
/// value that is not UTF-8.
pub(crate) fn read(
    manifest: &Manifest,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Done<BTreeMap<String, ConfigValue>> {
    let mut values = BTreeMap::new();
    for (name, value) in variables {
        if !name.as_bytes().starts_with(PREFIX.as_bytes()) {
            continue;
        }
        let shown = name.display().to_string();
        let failed = |message: String| Failure::new(Code::Input, message);
        let capsule = name
            .to_str()
            .and_then(|name| name[PREFIX.len()..].split_once("__"))
            .filter(|(capsule, key)| !capsule.is_empty() && !key.is_empty());
        let Some((capsule, _)) = capsule else {
            return Err(
                failed(format!("the variable {shown} names no configuration key"))
                    .hint(format!("write it as {PREFIX}<CAPSULE>__<KEY>")),
            );
        };
        let id = manifest.id.as_str();
        if id.contains("--") || capsule != upper(id) {
            continue;
        }
        let keys: Vec<&String> = manifest
            .config
            .keys()
            .filter(|key| variable(&manifest.id, key).as_deref() == Some(&*shown))
            .collect();
        let [key] = keys.as_slice() else {
            return Err(refusal(manifest, &shown, &keys));
        };
        let value = value
            .into_string()
            .map_err(|_| failed(format!("the value of the variable {shown} is not UTF-8")))?;
        let source = ConfigSource::Environment(shown);
        values.insert((*key).clone(), ConfigValue::new(value, source));
    }
    Ok(values)
}

fn refusal(manifest: &Manifest, variable_name: &str, keys: &[&String]) -> Failure {
    let id = &manifest.id;
    if let [first, second, ..] = keys {
        return Failure::new(
            Code::Input,
            format!(
                "the variable {variable_name} is ambiguous: it could set the configuration key \
                 `{first}` or `{second}` of {id}"
            ),
        )
        .hint("set it in the operator's file, or with --config");
    }
    let known: Vec<String> = manifest
        .config
        .keys()
        .filter_map(|key| variable(id, key))
        .collect();
    let failure = Failure::new(
        Code::Input,
        format!("{id} declares no configuration key that the variable {variable_name} would set"),
    );
    match known.as_slice() {
        [] => failure,
        known => failure.hint(format!("known variables: {}", known.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStringExt as _;

    use super::*;

    fn manifest(id: &str, keys: &[&str]) -> Manifest {
        let keys: String = keys
            .iter()
            .map(|key| format!("[config.\"{key}\"]\ntype = \"string\"\n"))
            .collect();
        let text = format!("[capsule]\nid = \"{id}\"\nversion = \"1.0.0\"\n{keys}");
        Manifest::parse("Capsule.toml", &text).expect("a manifest")
    }

    fn found(manifest: &Manifest, name: &str) -> Result<Vec<(String, String)>, String> {
        let variables = [("PATH", "/bin"), (name, "hunter2")];
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        let values = read(manifest, variables.into_iter()).map_err(|failure| {
            let text = format!("{failure:?}");
            assert!(!text.contains("hunter2"), "{text}");
            text
        })?;
        Ok(values
            .into_iter()
            .map(|(key, value)| (key, value.expose().to_owned()))
            .collect())
    }

    #[test]
    fn a_variable_sets_the_key_whose_name_it_has() {
        let sample = manifest("git-report", &["log-level", "b__c", "limit"]);
        for (variable, key) in [
            ("BOLL_CONFIG_GIT_REPORT__LIMIT", "limit"),
            ("BOLL_CONFIG_GIT_REPORT__LOG_LEVEL", "log-level"),
            ("BOLL_CONFIG_GIT_REPORT__B__C", "b__c"),
        ] {
            let expected = vec![(key.to_owned(), "hunter2".to_owned())];
            assert_eq!(found(&sample, variable), Ok(expected));
        }
        for other in ["BOLL_CONFIG_GIT__LIMIT", "BOLL_CONFIG_OTHER__X", "BOLL_LOG"] {
            assert_eq!(found(&sample, other), Ok(Vec::new()));
        }
    }

    #[test]
    fn a_name_that_fits_nothing_or_too_much_is_an_error() {
        let sample = manifest("sample", &["log-level", "log_level", "limit", "päth"]);
        for (variable, complaint) in [
            ("BOLL_CONFIG_", "names no configuration key"),
            ("BOLL_CONFIG_SAMPLE", "names no configuration key"),
            ("BOLL_CONFIG_SAMPLE_LIMIT", "names no configuration key"),
            ("BOLL_CONFIG_SAMPLE__", "names no configuration key"),
            ("BOLL_CONFIG___LIMIT", "names no configuration key"),
            ("BOLL_CONFIG_SAMPLE__LIMITS", "BOLL_CONFIG_SAMPLE__LIMIT"),
            ("BOLL_CONFIG_SAMPLE__limit", "declares no configuration key"),
            (
                "BOLL_CONFIG_SAMPLE__LOG_LEVEL",
                "could set the configuration key `log-level` or `log_level` of sample",
            ),
        ] {
            let error = found(&sample, variable).expect_err(variable);
            assert!(error.contains(complaint), "{variable}: {error}");
        }
        let bytes = OsString::from_vec(b"hunter2\xff".to_vec());
        let name = OsString::from("BOLL_CONFIG_SAMPLE__LIMIT");
        let error = read(&sample, [(name, bytes)].into_iter()).expect_err("not UTF-8");
        let error = format!("{error:?}");
        assert!(error.contains("is not UTF-8"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn no_name_belongs_to_two_capsules() {
        let double = manifest("a--b", &["c"]);
        assert_eq!(variable(&double.id, "c"), None);
        let name = "BOLL_CONFIG_A__B__C";
        assert_eq!(found(&double, name), Ok(Vec::new()));
        let single = manifest("a", &["b__c"]);
        assert_eq!(found(&single, name).map(|found| found.len()), Ok(1));
    }
}
