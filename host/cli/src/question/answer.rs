//! An answer to a question.

/// An answer that can be chosen.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// The key that gives it at once.
    pub(crate) key: char,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn new(key: char, text: impl Into<String>) -> Self {
        Self {
            key,
            text: text.into(),
        }
    }
}
