//! A capsule's configuration: what was given for it, held against what its
//! manifest declares.
//!
//! Pure. Values may be secrets: no error here repeats one.

use std::collections::BTreeMap;

use crate::capsule::{Manifest, UnfitValue};

/// Why a configuration does not fit a manifest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// A key was given that the manifest does not declare.
    #[error("the manifest declares no configuration key `{0}`")]
    Undeclared(String),
    /// A required key was not given.
    #[error("the configuration key `{0}` is required and was not set")]
    Missing(String),
    /// A value is of another type.
    #[error("the configuration key `{key}`: {source}")]
    Unfit {
        /// The key.
        key: String,
        /// What it should be.
        source: UnfitValue,
    },
}

/// The values that the capsule gets, by key.
///
/// # Errors
///
/// The first key that is undeclared, missing or unfit.
pub fn resolve(
    manifest: &Manifest,
    given: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, ConfigError> {
    if let Some(key) = given.keys().find(|key| !manifest.config.contains_key(*key)) {
        return Err(ConfigError::Undeclared(key.clone()));
    }
    let mut values = BTreeMap::new();
    for (name, key) in &manifest.config {
        let value = match given.get(name) {
            Some(text) => {
                Some(
                    key.value_type
                        .check(text)
                        .map_err(|source| ConfigError::Unfit {
                            key: name.clone(),
                            source,
                        })?,
                )
            }
            None if key.required => return Err(ConfigError::Missing(name.clone())),
            None => key.default.clone(),
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

    fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn given_beats_default_and_missing_is_not_empty() {
        let values = resolve(&manifest(), &given(&[("token", "7")])).expect("fits");
        assert_eq!(values, given(&[("limit", "3"), ("token", "7")]));
        let values = resolve(
            &manifest(),
            &given(&[("token", "7"), ("limit", "9"), ("name", "")]),
        )
        .expect("fits");
        assert_eq!(
            values,
            given(&[("limit", "9"), ("name", ""), ("token", "7")])
        );
    }

    #[test]
    fn what_does_not_fit_is_named_without_its_value() {
        assert_eq!(
            resolve(&manifest(), &given(&[])),
            Err(ConfigError::Missing("token".into()))
        );
        assert_eq!(
            resolve(&manifest(), &given(&[("token", "1"), ("nmae", "x")])),
            Err(ConfigError::Undeclared("nmae".into()))
        );
        let error = resolve(&manifest(), &given(&[("token", "hunter2")]))
            .expect_err("unfit")
            .to_string();
        assert_eq!(
            error,
            "the configuration key `token`: the value is not an integer"
        );
    }
}
