//! Files: each says what it is for, and none grows without end.

use crate::sources::sources;

#[test]
fn every_file_begins_with_what_it_is_for() {
    let silent: Vec<String> = sources("")
        .into_iter()
        .filter(|source| !source.text.starts_with("//!"))
        // A module of unit tests is for testing the file that it belongs to.
        .filter(|source| !(source.is_tests() && source.path.starts_with("host/src/")))
        .map(|source| source.path)
        .collect();
    assert!(
        silent.is_empty(),
        "without a first line that says what it is for: {silent:#?}"
    );
}

#[test]
fn no_file_is_longer_than_450_lines() {
    let long: Vec<String> = sources("")
        .into_iter()
        .filter(|source| source.text.lines().count() > 450)
        .map(|source| source.path)
        .collect();
    assert!(long.is_empty(), "split by job: {long:#?}");
}

#[test]
fn the_library_prints_nothing_and_leaves_nothing_undone() {
    let words = [
        "println!",
        "print!(",
        "dbg!",
        "todo!",
        "unimplemented!",
        "process::exit",
    ];
    library_has_none_of(&words);
}

#[test]
fn the_library_reads_neither_home_nor_environment() {
    let words = ["env::var", "env::args", "env::current_dir", "home_dir"];
    library_has_none_of(&words);
}

#[test]
fn every_test_guest_is_built_by_a_test() {
    let support = sources("tests/support/");
    for (folder, used) in [
        ("tests/guests", "\"tests/guests\""),
        ("tests/guests/http", "\"tests/guests/http\""),
        ("tests/guests/no-handler", "\"tests/guests/no-handler\""),
        ("tests/guests/process-only", "\"tests/guests/process-only\""),
        ("tests/guests/run-only", "\"tests/guests/run-only\""),
        ("tests/guests/service", "\"tests/guests/service\""),
        ("tests/guests/unlinkable", "\"tests/guests/unlinkable\""),
        ("tests/guests/wasi-names", "\"tests/guests/wasi-names\""),
    ] {
        let manifest = crate::sources::root().join(folder).join("Capsule.toml");
        assert!(manifest.is_file(), "{folder} has no Capsule.toml");
        assert!(
            support.iter().any(|source| source.text.contains(used)),
            "{folder} is not used"
        );
    }
}

/// Fails when the library, its tests left out, mentions a word.
fn library_has_none_of(words: &[&str]) {
    let found: Vec<String> = sources("host/src/")
        .iter()
        .filter(|source| !source.is_tests())
        .flat_map(|source| source.mentions(words))
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}
