//! Every case in docs/adversarial.md, and every boundary in docs/security.md, names
//! tests that exist.

use std::fs;

use crate::named_tests::{Row, name_tests, named_in, rows, runs};
use crate::sources::{root, sources};

fn table(heading: &str) -> Vec<Row> {
    let path = root().join("docs/adversarial.md");
    rows(&fs::read_to_string(path).expect("the document"), heading)
}

#[test]
fn every_case_is_numbered_and_tried_by_tests_that_exist() {
    let mut cases = table("Cases");
    assert!(cases.len() > 10, "the table of cases was not found");
    let first = cases.len();
    cases.extend(table("Cases from attacks and reports"));
    assert!(cases.len() > first + 10, "the second table was not found");
    let numbers: Vec<String> = cases.iter().map(|row| row.first().to_owned()).collect();
    let all: Vec<String> = (1..=cases.len()).map(|number| number.to_string()).collect();
    assert_eq!(numbers, all);
    name_tests(&cases);
}

#[test]
fn every_mistake_is_shown_absent_by_tests_that_exist() {
    let mistakes = table("Mistakes that hosts make");
    assert!(mistakes.len() > 10, "the table of mistakes was not found");
    name_tests(&mistakes);
}

#[test]
fn every_boundary_is_kept_by_tests_that_exist() {
    let text = fs::read_to_string(root().join("docs/security.md")).expect("the document");
    let boundaries = text
        .split("\n## Boundaries\n")
        .nth(1)
        .expect("the boundaries");
    let boundaries = boundaries.split("\n## ").next().unwrap_or_default();
    let sources = sources("");
    for boundary in boundaries.split("\n### ").skip(1) {
        let title = boundary.lines().next().unwrap_or_default();
        let mut named = named_in(boundary).peekable();
        assert!(named.peek().is_some(), "{title}: no test is named");
        for name in named {
            assert!(
                runs(&sources, name),
                "{title}: no test that runs is called `{name}`"
            );
        }
    }
}
