//! Every case in docs/adversarial.md names tests that exist.

use std::fs;

use crate::named_tests::{Row, name_tests, rows};
use crate::sources::root;

fn table(heading: &str) -> Vec<Row> {
    let path = root().join("docs/adversarial.md");
    rows(&fs::read_to_string(path).expect("the document"), heading)
}

#[test]
fn every_case_is_numbered_and_tried_by_tests_that_exist() {
    let cases = table("Cases");
    let numbers: Vec<String> = cases.iter().map(|row| row.first().to_owned()).collect();
    let all: Vec<String> = (1..=61).map(|number| number.to_string()).collect();
    assert_eq!(numbers, all);
    name_tests(&cases);
}

#[test]
fn every_mistake_is_shown_absent_by_tests_that_exist() {
    let mistakes = table("Mistakes that hosts make");
    assert!(mistakes.len() > 10, "the table of mistakes was not found");
    name_tests(&mistakes);
}
