//! Compares the refusals during a call, and the log, with what a case expects.

use std::collections::BTreeSet;

use boll_host::services::log::LogLine;
use serde_json::Value;

use super::difference::Difference;
use super::expect::Expect;
use crate::cases::line::{self, worded};
use crate::cases::pattern::Pattern;

/// Returns the differences.
pub(super) fn differences(
    expect: &Expect,
    refused: &BTreeSet<(String, String)>,
    log: &[LogLine],
) -> Vec<Difference> {
    let denials = denials(&expect.denials, refused);
    denials
        .into_iter()
        .chain(missing_line(&expect.log, log))
        .collect()
}

fn denials(expected: &[String], refused: &BTreeSet<(String, String)>) -> Option<Difference> {
    let found: BTreeSet<&str> = refused.iter().map(|(name, _)| name.as_str()).collect();
    let expected: BTreeSet<&str> = expected.iter().map(String::as_str).collect();
    if found == expected {
        return None;
    }
    let list = |names: &BTreeSet<&str>| match names.len() {
        0 => "none".to_owned(),
        _ => names.iter().copied().collect::<Vec<_>>().join("\n"),
    };
    let difference = Difference::new("denials", list(&expected), list(&found));
    let unexpected: Vec<String> = refused
        .iter()
        .filter(|(name, _)| !expected.contains(name.as_str()))
        .map(|(name, reason)| format!("{name}: {reason}"))
        .collect();
    Some(if unexpected.is_empty() {
        difference
    } else {
        difference.hint(unexpected.join("\n"))
    })
}

/// Returns a difference for the first expected line that is not found after those before it.
fn missing_line(expected: &[Pattern], log: &[LogLine]) -> Option<Difference> {
    let found: Vec<Value> = log
        .iter()
        .map(|line| Value::Object(line::json(line)))
        .collect();
    let mut rest = found.iter();
    let missing = expected
        .iter()
        .position(|line| !rest.any(|found| line.matches(found)))?;
    let words = |place: usize| worded(expected[place].json());
    let all = if found.is_empty() {
        "nothing was logged".to_owned()
    } else {
        found.iter().map(worded).collect::<Vec<_>>().join("\n")
    };
    let difference = Difference::new("log", words(missing), all);
    Some(match missing.checked_sub(1) {
        None => difference,
        Some(before) => difference.hint(format!("after {}", words(before))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_expected_or_a_difference() {
        let refused = BTreeSet::from([("process:git".to_owned(), "because".to_owned())]);
        let expect = |denials: &[&str]| Expect {
            ending: None,
            log: Vec::new(),
            denials: denials.iter().map(|&name| name.to_owned()).collect(),
        };
        assert_eq!(differences(&expect(&["process:git"]), &refused, &[]), []);
        let unexpected = &differences(&expect(&[]), &refused, &[])[0];
        assert_eq!(unexpected.hint.as_deref(), Some("process:git: because"));
        let missing = &differences(&expect(&["process:git"]), &BTreeSet::new(), &[])[0];
        assert_eq!(
            (&*missing.expected, &*missing.found),
            ("process:git", "none")
        );
    }
}
