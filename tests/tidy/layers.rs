//! The layers of the command line: what a module names lies below it.

use std::collections::{BTreeMap, BTreeSet};

use crate::arrows::Arrows;

/// The modules of the program from the ground up. Those of a layer do not name each
/// other.
const LAYERS: [&[&str]; 16] = [
    &[
        "around",
        "denials",
        "foreign",
        "language",
        "output",
        "schema",
        "secret_file",
        "system_limit",
        "wasm",
        "way",
        "whole_file",
        "worker",
        "wrap",
    ],
    &["events", "terminal"],
    &["beneath", "failure", "users", "world"],
    &[
        "environment",
        "home",
        "interrupt",
        "kept",
        "report",
        "room",
        "template",
        "watch",
    ],
    &["question"],
    &["cases", "keys", "mend", "toolchain"],
    &["carried", "doctor", "sample_repository", "trust"],
    &["project"],
    &["complete", "protected"],
    &["others"],
    &["git_settings", "operator"],
    &["configuration", "log_sink", "session"],
    &["conformance", "prepared"],
    &["args", "grants"],
    &["host", "payload", "testing"],
    &["commands", "error_map"],
];

/// The module of the crate's root that a file belongs to.
fn top(file: &str) -> &str {
    file.split("::").next().unwrap_or(file)
}

#[test]
fn modules_of_the_command_line_name_what_lies_below_them() {
    let layers: BTreeMap<&str, usize> = LAYERS
        .iter()
        .enumerate()
        .flat_map(|(layer, modules)| modules.iter().map(move |module| (*module, layer)))
        .collect();
    let arrows = Arrows::of("host/cli/src");
    // The start of the program names whatever it likes.
    let program = || arrows.iter().filter(|(from, _)| *from != "main");
    let modules: BTreeSet<&str> = program().map(|(from, _)| top(from)).collect();
    let placed: BTreeSet<&str> = layers.keys().copied().collect();
    assert_eq!(modules, placed, "each module has a layer");
    let wrong: Vec<String> = program()
        .flat_map(|(from, named)| named.iter().map(move |to| (from, to.as_str())))
        .filter(|(from, to)| top(from) != top(to) && layers[top(to)] >= layers[top(from)])
        .map(|(from, to)| format!("{from} names {to}"))
        .collect();
    assert!(wrong.is_empty(), "against the layers: {wrong:#?}");
}
