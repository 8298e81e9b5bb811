//! Every invariant in ARCHITECTURE.md names tests that exist.

use std::fs;

use crate::sources::{root, sources};

/// The names in backticks in the last column of each row, by row.
fn rows(text: &str) -> Vec<(String, Vec<String>)> {
    let section = text
        .split("\n## Invariants")
        .nth(1)
        .expect("a section `Invariants`");
    let section = section.split("\n## ").next().unwrap_or_default();
    section
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| # "))
        .map(|line| {
            let last = line.trim_end().trim_end_matches('|').rsplit('|').next();
            let names = last.unwrap_or_default().split('`').skip(1).step_by(2);
            (line.to_owned(), names.map(str::to_owned).collect())
        })
        .collect()
}

#[test]
fn every_invariant_is_kept_by_tests_that_exist() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let sources = sources("");
    let rows = rows(&text);
    assert!(rows.len() > 10, "the table of invariants was not found");
    for (row, names) in rows {
        assert!(!names.is_empty(), "no test is named: {row}");
        for name in names {
            let function = format!("fn {name}(");
            let exists = sources
                .iter()
                .any(|source| is_test(&source.text, &function));
            assert!(exists, "no test is called `{name}`: {row}");
        }
    }
}

/// Whether the text has this function, with a test's attribute above it.
fn is_test(text: &str, function: &str) -> bool {
    text.match_indices(function).any(|(at, _)| {
        let above = text[..at].lines().rev().take(4);
        above.into_iter().any(|line| {
            let line = line.trim_start();
            line.starts_with("#[test]") || line.starts_with("#[tokio::test")
        })
    })
}

#[test]
fn every_place_of_the_code_map_exists() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let places = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|place| {
            ["host/", "wit/", "tests/", "guest-sdk/"]
                .iter()
                .any(|start| place.starts_with(start))
        })
        .filter(|place| !place.contains(['*', ' ', '<', '{']));
    for place in places {
        assert!(
            root().join(place).exists(),
            "ARCHITECTURE.md names `{place}`"
        );
    }
}
