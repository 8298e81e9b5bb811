//! A capsule's configuration in its entry of the operator's file.
//!
//! ```toml
//! [capsule.git-report.config]        # the environment and --config override it
//! limit = 100
//!
//! [capsule.git-report.fixed]         # nothing overrides it
//! label = "nightly"
//!
//! [capsule.git-report.secret-files]  # files with one secret each, which only
//! token = "secrets/token"            # their owner can read
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use boll_host::capsule::{ConfigKey, ConfigSource, ConfigValue, Manifest};
use boll_host::document::{Document, DocumentError};
use boll_host::with_causes;
use toml::Spanned;

use crate::secret_file::{self, SecretFileError, is_private};

/// A table of values as written.
pub(super) type Values = BTreeMap<Spanned<String>, Spanned<toml::Value>>;

/// A table of files as written.
pub(super) type Files = BTreeMap<Spanned<String>, Spanned<PathBuf>>;

/// The three tables of an entry.
pub(super) struct RawConfig<'a> {
    pub(super) config: &'a Values,
    pub(super) fixed: &'a Values,
    pub(super) secret_files: &'a Files,
}

/// The values for a capsule, checked.
#[derive(Default)]
pub(crate) struct OperatorConfig {
    pub(crate) values: BTreeMap<String, ConfigValue>,
    /// The keys whose value nothing overrides.
    pub(crate) fixed: BTreeSet<String>,
}

/// The parts of the operator's file that matter here.
pub(super) struct File<'a> {
    pub(super) path: &'a Path,
    pub(super) document: Document<'a>,
}

impl RawConfig<'_> {
    /// Returns the keys it sets that the manifest declares secrets, as messages show them.
    pub(super) fn secrets(&self, manifest: &Manifest) -> Vec<String> {
        let keys = self.config.keys().chain(self.fixed.keys());
        let secret = keys.chain(self.secret_files.keys()).filter(|key| {
            let declared = manifest.config.get(key.get_ref());
            declared.is_some_and(|key| key.secret)
        });
        secret.map(|key| format!("`{}`", key.get_ref())).collect()
    }

    /// Checks it against a manifest. `pinned` says whether it is for exactly the
    /// component that is loaded: other components do not get the secrets.
    pub(super) fn check(
        &self,
        file: &File<'_>,
        manifest: &Manifest,
        pinned: bool,
    ) -> Result<OperatorConfig, DocumentError> {
        let mut checked = OperatorConfig::default();
        for (key, value) in self.config.iter().chain(self.fixed) {
            let declared = file.declared(manifest, key, value.span())?;
            let text = declared
                .value_type
                .check_toml(value.get_ref())
                .map_err(|unfit| {
                    let error = file.document.error(Some(value.span()), unfit.to_string());
                    // Showing the line would reveal the secret.
                    if declared.secret {
                        error.without_span()
                    } else {
                        error
                    }
                })?;
            if declared.secret {
                file.refuse_readable(key)?;
                if !pinned {
                    continue;
                }
            }
            let line = file.document.line(value.span().start);
            let source = ConfigSource::Operator {
                file: file.path.display().to_string(),
                line,
            };
            file.insert(&mut checked, key, ConfigValue::new(text, source))?;
        }
        for (key, path) in self.secret_files {
            let declared = file.declared(manifest, key, path.span())?;
            if !declared.secret {
                return Err(file.document.error(
                    Some(key.span()),
                    format!("`{}` is not a secret of {}", key.get_ref(), manifest.id),
                ));
            }
            if pinned {
                let value = file.secret(path)?;
                file.insert(&mut checked, key, value)?;
            }
        }
        let fixed = self.fixed.keys().map(|key| key.get_ref().clone());
        checked.fixed = fixed.collect();
        Ok(checked)
    }
}

impl File<'_> {
    fn declared<'m>(
        &self,
        manifest: &'m Manifest,
        key: &Spanned<String>,
        value: Range<usize>,
    ) -> Result<&'m ConfigKey, DocumentError> {
        manifest.config.get(key.get_ref()).ok_or_else(|| {
            // If the name of a secret is mistyped, its value is in this line.
            let message = format!(
                "{} declares no configuration key `{}`",
                manifest.id,
                key.get_ref()
            );
            self.document.error(Some(value), message).without_span()
        })
    }

    fn insert(
        &self,
        checked: &mut OperatorConfig,
        key: &Spanned<String>,
        value: ConfigValue,
    ) -> Result<(), DocumentError> {
        match checked.values.insert(key.get_ref().clone(), value) {
            None => Ok(()),
            Some(_) => {
                let message = format!("the key `{}` is set here twice", key.get_ref());
                let error = self.document.error(Some(key.span()), message);
                Err(error.without_span())
            }
        }
    }

    /// Rejects a secret in a file that others can read.
    fn refuse_readable(&self, key: &Spanned<String>) -> Result<(), DocumentError> {
        let path = self.path.display();
        if fs::metadata(self.path).is_ok_and(|metadata| is_private(&metadata)) {
            return Ok(());
        }
        let error = self.document.error(
            Some(key.span()),
            format!(
                "`{}` is a secret, and other users can read this file",
                key.get_ref()
            ),
        );
        let hint = format!("chmod 600 {path}; or name a file of its own in `secret-files`");
        Err(error.without_span().with_hint(Some(hint)))
    }

    fn secret(&self, path: &Spanned<PathBuf>) -> Result<ConfigValue, DocumentError> {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let real = folder.join(path.get_ref());
        let shown = real.display().to_string();
        let text = secret_file::read(&real).map_err(|error| {
            let hint = match error {
                SecretFileError::Shared => Some(format!("chmod 600 {shown}")),
                _ => None,
            };
            let message = format!("{}, in {shown}", with_causes(&error));
            self.document
                .error(Some(path.span()), message)
                .with_hint(hint)
        })?;
        Ok(ConfigValue::new(text, ConfigSource::SecretFile(shown)))
    }
}

/// Rewords an error about a whole file so that it has no value of it: a file that cannot
/// be parsed does not say where its secrets are.
pub(super) fn without_values(mut error: DocumentError) -> DocumentError {
    if let Some((found, expected)) = error.message.split_once(", expected ")
        && found.starts_with("invalid ")
    {
        error.message = format!("invalid value; expected {expected}");
    }
    error.without_span()
}
