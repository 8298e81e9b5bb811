//! The public API, by its snapshots: its types have names of their own, can grow, and use
//! no types of crates that are not agreed on.

use std::collections::BTreeMap;
use std::fs;

use crate::sources::root;

/// Enums that never grow, so that whoever matches one names each case.
const COMPLETE: [(&str, &[&str]); 2] = [
    (
        "they have the cases of the contract, which is frozen with its package's version",
        &[
            "AnswerOutcome",
            "Failure",
            "FieldValue",
            "Input",
            "Keep",
            "Level",
            "LogLevel",
            "Outcome",
            "Published",
            "Reply",
            "Source",
            "Value",
            "Verdict",
        ],
    ),
    (
        "nothing is beside their cases",
        &[
            "Allocation",
            "FileAccess",
            "OnFailure",
            "PortPattern",
            "TreeBound",
        ],
    ),
];

/// Crates whose types the API has: they are its subject. Errors of `wasmparser` become the
/// library's own. With `wasmtime` interfaces of the embedder's are linked; the library
/// re-exports it.
const AGREED: [&str; 13] = [
    "alloc",
    "boll_host",
    "boll_sdk",
    "core",
    "log",
    "semver",
    "serde_core",
    "serde_json",
    "std",
    "toml",
    "uuid",
    "wasmparser",
    "wasmtime",
];

/// The lines of the snapshots of the library and of the SDK.
fn snapshots() -> [Vec<String>; 2] {
    ["boll_host", "boll_sdk"].map(|name| {
        let path = root().join(format!("tests/api/snapshots/{name}.snap"));
        let text = fs::read_to_string(path).expect("a snapshot");
        text.lines().map(str::to_owned).collect()
    })
}

/// Returns the path of the type that a line declares, without its parameters.
fn declared(line: &str) -> Option<&str> {
    let line = line.trim_start_matches("#[non_exhaustive] ");
    let kinds = ["enum", "struct", "trait", "type", "union"];
    let item = kinds
        .iter()
        .find_map(|kind| line.strip_prefix(&format!("pub {kind} ")))?;
    // What belongs to another type is one of its associated types.
    if item.split(" = ").next()?.contains(">::") {
        return None;
    }
    let path = item.split(['(', ' ', '<']).next()?;
    let (parent, _) = path.rsplit_once("::")?;
    let parent = parent.rsplit("::").next()?;
    parent.starts_with(char::is_lowercase).then_some(path)
}

fn name(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or(path)
}

#[test]
fn no_two_public_types_share_a_name() {
    let [host, _] = snapshots();
    let mut paths: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in host.iter().filter_map(|line| declared(line)) {
        paths.entry(name(path)).or_default().push(path);
    }
    assert!(paths.len() > 100, "the snapshot is read");
    paths.retain(|_, paths| paths.len() > 1);
    assert!(paths.is_empty(), "the same name twice: {paths:#?}");
}

#[test]
fn a_public_enum_can_grow_or_is_complete() {
    let lines = snapshots().concat();
    let complete: Vec<&str> = COMPLETE
        .iter()
        .flat_map(|(_, names)| *names)
        .copied()
        .collect();
    let closed: Vec<&str> = lines
        .iter()
        .filter(|line| line.starts_with("pub enum "))
        .filter_map(|line| declared(line))
        .map(name)
        .collect();
    let unlisted: Vec<&&str> = closed
        .iter()
        .filter(|one| !complete.contains(one))
        .collect();
    assert!(unlisted.is_empty(), "not `#[non_exhaustive]`: {unlisted:?}");
    let gone: Vec<&&str> = complete
        .iter()
        .filter(|one| !closed.contains(one))
        .collect();
    assert!(gone.is_empty(), "listed, and no open enum: {gone:?}");
}

#[test]
fn the_public_api_names_no_crate_that_is_not_agreed_on() {
    let lines = snapshots().concat();
    let mut foreign = Vec::new();
    for line in &lines {
        let paths = line.split(|one: char| !(one.is_alphanumeric() || one == '_' || one == ':'));
        let crates = paths
            .filter_map(|path| path.split_once("::"))
            .map(|(one, _)| one);
        let unknown = crates.filter(|one| {
            let is_crate = one.starts_with(|one: char| one.is_ascii_lowercase());
            // wasmtime's error, under the name of the crate that it is defined in.
            is_crate && !AGREED.contains(one) && *one != "wasmtime_internal_core"
        });
        foreign.extend(unknown.map(|one| format!("{one}: {line}")));
    }
    assert!(foreign.is_empty(), "{foreign:#?}");
}
