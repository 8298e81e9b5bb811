//! A capsule's configuration: what was given for it, held against what its
//! manifest declares.
//!
//! Pure. Values may be secrets: no error here repeats one.

use std::collections::BTreeMap;

use crate::capsule::{ConfigSource, ConfigValue, Manifest, UnfitValue};

/// Why a configuration does not fit a manifest. Names where a value comes from,
/// and never the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A key was given that the manifest does not declare.
    #[error("the manifest declares no configuration key `{key}`{}", given_by(.origin))]
    Undeclared {
        /// The key.
        key: String,
        /// Where it was given.
        origin: ConfigSource,
    },
    /// A required key was not given.
    #[error("the configuration key `{0}` is required and was not set")]
    Missing(String),
    /// A value is of another type.
    #[error("the configuration key `{key}`{}: {unfit}", given_by(.origin))]
    Unfit {
        /// The key.
        key: String,
        /// Where the value was given.
        origin: ConfigSource,
        /// What it should be.
        unfit: UnfitValue,
    },
}

fn given_by(origin: &ConfigSource) -> String {
    match origin {
        ConfigSource::Host => String::new(),
        origin => format!(", from {origin}"),
    }
}

/// Returns the values that the capsule gets, by key, in the form in which it gets them.
///
/// # Errors
///
/// The first key that is undeclared, missing or unfit.
pub fn resolve(
    manifest: &Manifest,
    given: &BTreeMap<String, ConfigValue>,
) -> Result<BTreeMap<String, ConfigValue>, ConfigError> {
    let undeclared = |(key, _): &(&String, &ConfigValue)| !manifest.config.contains_key(*key);
    if let Some((key, value)) = given.iter().find(undeclared) {
        return Err(ConfigError::Undeclared {
            key: key.clone(),
            origin: value.source().clone(),
        });
    }
    let mut values = BTreeMap::new();
    for (name, key) in &manifest.config {
        let value = match given.get(name) {
            Some(value) => {
                let origin = value.source().clone();
                match key.value_type.check(value.expose()) {
                    Ok(text) => Some(ConfigValue::new(text, origin)),
                    Err(unfit) => {
                        return Err(ConfigError::Unfit {
                            key: name.clone(),
                            origin,
                            unfit,
                        });
                    }
                }
            }
            None if key.required => return Err(ConfigError::Missing(name.clone())),
            None => key
                .default
                .clone()
                .map(|text| ConfigValue::new(text, ConfigSource::Default)),
        };
        values.extend(value.map(|value| (name.clone(), value)));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest() -> Manifest {
        Manifest::parse(
            "Capsule.toml",
            r#"
            [capsule]
            id = "sample"
            version = "1.0.0"
            [config.limit]
            type = "integer"
            default = 3
            [config.name]
            type = "string"
            [config.token]
            type = "integer"
            required = true
            secret = true
            "#,
        )
        .expect("a manifest")
    }

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, ConfigValue> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).into()))
            .collect()
    }

    fn texts(values: &BTreeMap<String, ConfigValue>) -> Vec<(&str, &str)> {
        values
            .iter()
            .map(|(key, value)| (key.as_str(), value.expose()))
            .collect()
    }

    #[test]
    fn given_beats_default_and_missing_is_not_empty() {
        let values = resolve(&manifest(), &given(&[("token", "7")])).expect("fits");
        assert_eq!(texts(&values), [("limit", "3"), ("token", "7")]);
        assert_eq!(*values["limit"].source(), ConfigSource::Default);
        assert_eq!(*values["token"].source(), ConfigSource::Host);
        let values = resolve(
            &manifest(),
            &given(&[("token", "7"), ("limit", "9"), ("name", "")]),
        )
        .expect("fits");
        assert_eq!(
            texts(&values),
            [("limit", "9"), ("name", ""), ("token", "7")]
        );
    }

    #[test]
    fn what_does_not_fit_is_named_without_its_value() {
        let refused = |given: &BTreeMap<String, ConfigValue>| {
            let error = resolve(&manifest(), given).expect_err("it does not fit");
            assert!(!format!("{error:?}").contains("hunter2"));
            error.to_string()
        };
        assert_eq!(
            refused(&given(&[])),
            "the configuration key `token` is required and was not set"
        );
        assert_eq!(
            refused(&given(&[("token", "1"), ("nmae", "hunter2")])),
            "the manifest declares no configuration key `nmae`"
        );
        assert_eq!(
            refused(&given(&[("token", "hunter2")])),
            "the configuration key `token`: the value is not an integer"
        );
        let variable = ConfigSource::Environment("BOLL_CONFIG_SAMPLE__TOKEN".to_owned());
        let value = ConfigValue::new("hunter2", variable);
        assert_eq!(
            refused(&BTreeMap::from([("token".to_owned(), value)])),
            "the configuration key `token`, from the variable BOLL_CONFIG_SAMPLE__TOKEN: the \
             value is not an integer"
        );
    }

    #[test]
    fn no_value_prints_itself() {
        let values = resolve(
            &manifest(),
            &given(&[("token", "7177"), ("name", "hunter2")]),
        );
        let printed = format!("{values:?}");
        assert!(
            printed.contains("token") && printed.contains("Host"),
            "{printed}"
        );
        assert!(
            !printed.contains("7177") && !printed.contains("hunter2"),
            "{printed}"
        );
    }
}
