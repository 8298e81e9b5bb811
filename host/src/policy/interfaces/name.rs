//! The name of an interface, as manifests and grants write it.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;

/// The longest name, in bytes.
const MAX_LEN: usize = 128;

/// The name of an interface of the embedder's own, without a version, such as
/// `acme:keyvalue/store`. A grant for it covers every version that the host serves.
///
/// ```
/// use boll_host::policy::InterfaceName;
///
/// let name: InterfaceName = "acme:keyvalue/store".parse()?;
/// assert_eq!(name.as_str(), "acme:keyvalue/store");
/// assert!("acme:keyvalue/store@1.0.0".parse::<InterfaceName>().is_err());
/// # Ok::<(), boll_host::policy::InvalidInterface>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct InterfaceName(String);

/// Why a text is not the name of an interface.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` {reason}", crate::plain::quoted(.text))]
pub struct InvalidInterface {
    text: String,
    reason: &'static str,
}

impl InterfaceName {
    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn check(text: &str) -> Result<(), &'static str> {
        if text.len() > MAX_LEN {
            return Err("is longer than 128 bytes");
        }
        if text.contains('@') {
            return Err(
                "has a version: an interface is named without one, as `acme:keyvalue/store`",
            );
        }
        let parts = text
            .split_once(':')
            .and_then(|(namespace, rest)| Some((namespace, rest.split_once('/')?)));
        let Some((namespace, (package, interface))) = parts else {
            return Err("is not the name of an interface, as `acme:keyvalue/store`");
        };
        if ![namespace, package, interface].into_iter().all(is_label) {
            return Err(
                "is not the name of an interface: each part has letters, digits and `-` between \
                 words, and begins with a letter",
            );
        }
        if namespace == "boll" {
            return Err("is of the contract, which every capsule may import");
        }
        Ok(())
    }
}

/// Whether a text is a label of WIT.
fn is_label(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric());
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.split('-').all(is_word)
}

impl TryFrom<String> for InterfaceName {
    type Error = InvalidInterface;

    fn try_from(text: String) -> Result<Self, InvalidInterface> {
        match Self::check(&text) {
            Ok(()) => Ok(Self(text)),
            Err(reason) => Err(InvalidInterface { text, reason }),
        }
    }
}

impl FromStr for InterfaceName {
    type Err = InvalidInterface;

    fn from_str(text: &str) -> Result<Self, InvalidInterface> {
        text.to_owned().try_into()
    }
}

impl fmt::Display for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
