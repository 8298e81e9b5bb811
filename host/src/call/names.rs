//! What an embedder calls its principals and its calls.

use std::borrow::Borrow;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// A text of the embedder's that means something to the embedder only.
macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Returns the name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text.into())
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        // It is found by its text, and has the order and the hash of it.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&*self.0, f)
            }
        }
    };
}

name! {
    /// On whose behalf a call is made, as the embedder names it.
    ///
    /// Every text is a name, and two are the same principal when they are the same
    /// text. Whatever shows one escapes it, and no path is made of it as it is. Clones
    /// share the text.
    PrincipalName
}

name! {
    /// The id by which an embedder cancels calls. Several calls may share one.
    ///
    /// Every text is an id. Clones share the text.
    CallId
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_text_is_a_name_and_is_found_by_its_text() {
        for text in ["ann", "", "../a", "a\nb", "\u{1b}[2J"] {
            let name = PrincipalName::from(text);
            assert_eq!((name.as_str(), name.to_string().as_str()), (text, text));
            assert_eq!(name, PrincipalName::from(text.to_owned()));
            let ids = HashMap::from([(CallId::from(text), 1)]);
            assert_eq!(ids.get(text), Some(&1));
            assert_eq!(ids.get("another"), None);
        }
    }
}
