//! An error as one line of text, with its causes.

use std::error::Error;

/// Returns the error's own text and its causes', each once.
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        // Some libraries repeat their cause in their own text.
        if !text.ends_with(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = next.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dispatch::CallError;
    use crate::instance::InvokeError;

    #[test]
    fn each_cause_is_told_once() {
        let error = CallError::Invoke {
            capsule: "sample".parse().expect("an id"),
            error: InvokeError::Instantiate(wasmtime::Error::msg("the reason")),
        };
        assert_eq!(
            with_causes(&error),
            "the capsule sample gave no answer: no instance of it could be made: the reason"
        );
        let error = CallError::Invoke {
            capsule: "sample".parse().expect("an id"),
            error: InvokeError::Full,
        };
        assert_eq!(
            with_causes(&error),
            "the capsule sample gave no answer: no memory for an instance of it is free"
        );
    }
}
