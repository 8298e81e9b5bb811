//! An error as one line of text, with its causes.

use std::any::Any;
use std::error::Error;
use std::iter;

/// Returns an error's text, followed by those of its causes, separated by `: `.
///
/// An error of this library never repeats its source in its own text, so its
/// `Display` alone leaves the cause out.
///
/// ```
/// use boll_host::engine::ComponentCache;
///
/// let error = ComponentCache::open("/proc/here").unwrap_err();
/// let text = boll_host::with_causes(&error);
/// assert!(text.contains("/proc/here") && text.contains(": No such file"));
/// ```
#[must_use]
pub fn with_causes(error: &dyn Error) -> String {
    let causes = iter::successors(Some(error), |&error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

/// What a panic said, if it said something.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("without a text").to_owned()
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
