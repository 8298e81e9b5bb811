//! Assertions whose failures are values: a guest that traps says less.

use std::fmt::Debug;

use crate::Failure;

/// Whether everything was as expected up to here.
pub type Checked<T = ()> = Result<T, Failure>;

/// A failure of a step.
pub fn failed(step: &str, expected: impl Into<String>, found: &impl Debug) -> Failure {
    Failure {
        step: step.to_owned(),
        expected: shortened(expected.into()),
        found: shortened(format!("{found:?}")),
    }
}

/// The beginning of what is too long to be read.
fn shortened(text: String) -> String {
    const READABLE: usize = 300;
    match text.char_indices().nth(READABLE) {
        None => text,
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
    }
}

/// What was found is what was expected.
///
/// # Errors
///
/// It is not.
pub fn equal<T: Debug + PartialEq>(step: &str, found: T, expected: T) -> Checked {
    if found == expected {
        Ok(())
    } else {
        Err(failed(step, format!("{expected:?}"), &found))
    }
}

/// The value of what must have gone well.
///
/// # Errors
///
/// It did not.
pub fn good<T, E: Debug>(step: &str, found: Result<T, E>) -> Checked<T> {
    found.map_err(|error| failed(step, "no error", &error))
}

/// Something holds of what was found; `expected` says what.
///
/// # Errors
///
/// It does not.
pub fn holds<T: Debug>(
    step: &str,
    expected: &str,
    found: &T,
    is_so: impl FnOnce(&T) -> bool,
) -> Checked {
    if is_so(found) {
        Ok(())
    } else {
        Err(failed(step, expected, found))
    }
}

/// The answer to a name that the guest does not know.
///
/// # Errors
///
/// Always.
pub fn unknown(name: &str) -> Checked {
    Err(failed("run-case", "a name that this guest knows", &name))
}

/// What was found is one case of a variant, told by a pattern; gives what the
/// pattern binds.
#[macro_export]
macro_rules! a_case {
    ($step:expr, $found:expr, $pattern:pat => $bound:expr) => {
        match $found {
            $pattern => $bound,
            other => {
                let expected = stringify!($pattern);
                return Err($crate::failed($step, expected, &other));
            }
        }
    };
}
