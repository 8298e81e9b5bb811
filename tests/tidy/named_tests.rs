//! Tables in documents whose last column names tests: the tests exist, and run.

use crate::sources::{Source, sources};

/// A row of a table.
pub(crate) struct Row {
    /// As it is written.
    pub(crate) line: String,
    /// The names in backticks in the last column.
    tests: Vec<String>,
}

impl Row {
    /// What the first column holds.
    pub(crate) fn first(&self) -> &str {
        self.line.split('|').nth(1).unwrap_or_default().trim()
    }
}

/// The rows of the table below a heading.
pub(crate) fn rows(text: &str, heading: &str) -> Vec<Row> {
    let start = format!("\n## {heading}\n");
    let section = text.split(&*start).nth(1);
    let section = section.unwrap_or_else(|| panic!("no section `{heading}`"));
    let section = section.split("\n## ").next().unwrap_or_default();
    section
        .lines()
        .skip_while(|line| !line.starts_with("|---"))
        .skip(1)
        .take_while(|line| line.starts_with('|'))
        .map(|line| {
            let last = line.trim_end().trim_end_matches('|').rsplit('|').next();
            let names = last.unwrap_or_default().split('`').skip(1).step_by(2);
            Row {
                line: line.to_owned(),
                tests: names.map(str::to_owned).collect(),
            }
        })
        .collect()
}

/// Fails unless each row names a test, and only tests that run.
pub(crate) fn name_tests(rows: &[Row]) {
    let sources = sources("");
    for Row { line, tests } in rows {
        assert!(!tests.is_empty(), "no test is named: {line}");
        for name in tests {
            assert!(
                runs(&sources, name),
                "no test that runs is called `{name}`: {line}"
            );
        }
    }
}

/// The names in a text that only tests have: three words and more, in backticks.
pub(crate) fn named_in(text: &str) -> impl Iterator<Item = &str> {
    let of_tests = |name: &&str| {
        name.matches('_').count() >= 2
            && name
                .chars()
                .all(|one| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_')
    };
    text.split('`').skip(1).step_by(2).filter(of_tests)
}

/// Whether there is a test of this name that runs.
pub(crate) fn runs(sources: &[Source], name: &str) -> bool {
    let function = format!("fn {name}(");
    let mut sources = sources.iter();
    sources.any(|source| is_test(&source.text, &function))
}

/// Whether the text has this function, with a test's attribute above it and
/// none by which it is left out.
fn is_test(text: &str, function: &str) -> bool {
    text.match_indices(function).any(|(at, _)| {
        let above: Vec<&str> = text[..at]
            .rsplit('\n')
            .skip(1)
            .map(str::trim_start)
            .take_while(|line| !line.is_empty() && !line.starts_with('}'))
            .collect();
        let has = |start: &str| above.iter().any(|line| line.starts_with(start));
        (has("#[test]") || has("#[tokio::test")) && !has("#[ignore")
    })
}
