//! The known failures of a host: cases that it fails or does not support, and why.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::suite::Suite;
use super::trial::CaseOutcome;
use crate::failure::{Code, Done, Failure};
use crate::foreign;

/// The known failures of a host.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectations {
    #[serde(default)]
    case: BTreeMap<String, Expectation>,
}

/// The known failure of a case.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expectation {
    pub(crate) expect: Expected,
    pub(crate) reason: String,
}

/// How a case is known to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Expected {
    /// The host does something else than the contract says.
    Fails,
    /// The host does not do this.
    Unsupported,
}

impl Expectations {
    /// Reads a file of expectations, each of which is about a case of the suite.
    pub(crate) fn read(file: &Path, suite: &Suite) -> Done<Self> {
        let wrong = |text: String| Failure::new(Code::Input, format!("{}: {text}", file.display()));
        let text = foreign::text(file).map_err(|error| wrong(error.to_string()))?;
        let read: Self = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        for (name, expectation) in &read.case {
            if !suite.cases.iter().any(|case| case.name == *name) {
                return Err(
                    wrong(format!("the suite has no case `{name}`")).hint("--list lists them")
                );
            }
            if expectation.reason.trim().is_empty() {
                return Err(wrong(format!("`{name}` gives no reason")));
            }
        }
        Ok(read)
    }

    pub(crate) fn of(&self, case: &str) -> Option<&Expectation> {
        self.case.get(case)
    }
}

/// Returns whether a case ended as expected. An operation that the host does not support
/// is as expected, unless the case is known to end otherwise.
pub(crate) fn is_expected(outcome: &CaseOutcome, expectation: Option<&Expectation>) -> bool {
    matches!(
        (outcome, expectation.map(|known| known.expect)),
        (CaseOutcome::Passed | CaseOutcome::Unsupported(_), None)
            | (CaseOutcome::Failed(_), Some(Expected::Fails))
            | (CaseOutcome::Unsupported(_), Some(Expected::Unsupported))
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_not_known_is_unexpected() {
        let known = |expect| Expectation {
            expect,
            reason: "because".into(),
        };
        let (fails, lacks) = (known(Expected::Fails), known(Expected::Unsupported));
        let failed = CaseOutcome::Failed("x".into());
        let unsupported = CaseOutcome::Unsupported("y".into());
        for (outcome, expectation, expected) in [
            (&CaseOutcome::Passed, None, true),
            (&CaseOutcome::Passed, Some(&fails), false),
            (&CaseOutcome::Passed, Some(&lacks), false),
            (&failed, None, false),
            (&failed, Some(&fails), true),
            (&failed, Some(&lacks), false),
            (&unsupported, None, true),
            (&unsupported, Some(&lacks), true),
            (&unsupported, Some(&fails), false),
        ] {
            assert_eq!(is_expected(outcome, expectation), expected, "{outcome:?}");
        }
    }
}
