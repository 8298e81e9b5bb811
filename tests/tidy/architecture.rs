//! Every invariant in ARCHITECTURE.md, and every behaviour, names tests that exist.

use std::fs;

use crate::named_tests::{name_tests, rows};
use crate::sources::root;

#[test]
fn every_invariant_is_kept_by_tests_that_exist() {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let rows = rows(&text, "Invariants");
    assert!(rows.len() > 10, "the table of invariants was not found");
    assert!(
        rows.len() <= 25,
        "behaviours belong into docs/behaviours.md"
    );
    name_tests(&rows);
}

#[test]
fn every_behaviour_is_shown_by_tests_that_exist() {
    let text = fs::read_to_string(root().join("docs/behaviours.md")).expect("behaviours.md");
    let rows = rows(&text, "Behaviours and their tests");
    assert!(rows.len() > 10, "the table of behaviours was not found");
    name_tests(&rows);
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
