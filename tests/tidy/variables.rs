//! The reference names every variable that the program's code names, and no others.

use std::collections::BTreeSet;
use std::fs;

use crate::sources::{Source, root, sources};

/// Words in capitals that are no variables.
const WORDS: [&str; 14] = [
    "ACTION",
    "BUILD",
    "ENVIRONMENT",
    "EXAMPLES",
    "FAIL",
    "FILES",
    "KEY",
    "LISTED",
    "OTHER",
    "SH",
    "TP",
    "UNEXPECTED",
    "VALUE",
    "WORKSPACE",
];

/// Variables that libraries read: for the user's folders, and for colours.
const OF_LIBRARIES: [&str; 5] = [
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "NO_COLOR",
    "XDG_CACHE_HOME",
    "XDG_STATE_HOME",
];

fn is_name(text: &str) -> bool {
    let in_capitals = |one: char| one.is_ascii_uppercase() || one.is_ascii_digit() || one == '_';
    let begins = text.starts_with(|one: char| one.is_ascii_uppercase());
    let plain = text.len() > 1 && begins && text.chars().all(in_capitals);
    plain || text.starts_with("npm_config_")
}

/// The words between two of a sign, in a line.
fn between(line: &str, sign: char) -> impl Iterator<Item = &str> {
    line.split(sign).skip(1).step_by(2)
}

/// The names that the code of a file has, but for what it has when it is compiled.
fn named(source: &Source) -> Vec<String> {
    let lines = source.code().filter(|line| {
        let compiled = ["value_name", "env!("]
            .iter()
            .any(|word| line.contains(word));
        !compiled
    });
    let words = lines.flat_map(|line| between(line, '"'));
    words
        .filter(|word| is_name(word) && !WORDS.contains(word))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_reference_names_the_variables_of_the_program() {
    let mut program = sources("host/cli/src/");
    // What a module of tests is called where it is no `tests`.
    program.retain(|source| !source.is_tests() && !source.path.ends_with("mutations.rs"));
    let mut code: BTreeSet<String> = program.iter().flat_map(named).collect();
    code.extend(OF_LIBRARIES.map(str::to_owned));
    let page = root().join("docs/reference/files-and-variables.md");
    let page = fs::read_to_string(page).expect("the reference");
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let listed: BTreeSet<String> = rows
        .flat_map(|line| between(line, '`'))
        .filter(|word| is_name(word))
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, code, "the reference, and the code");
}
