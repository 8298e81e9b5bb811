//! The conformance suite shows everything that the contract has: each function,
//! and each case of each variant and enum.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wit_parser::{FunctionKind, Resolve, TypeDefKind};

use super::{interfaces, resolve};

/// What no case can show and a test of Boll's own does: a part of the contract, the
/// file, and the test in it.
const SHOWN_ELSEWHERE: [(&str, &str, &str); 5] = [
    (
        "boll:process/children.error.host",
        "host/src/process/stdin.rs",
        "what_the_system_refuses_is_told",
    ),
    (
        "boll:process/children.phase.starting",
        "tests/runtime/scripted.rs",
        "a_child_is_starting_until_its_sandbox_is_there",
    ),
    (
        "boll:process/process.launch-step.cwd",
        "tests/runtime/scripted.rs",
        "the_step_that_failed_is_told",
    ),
    (
        "boll:process/process.launch-step.filter",
        "tests/runtime/scripted.rs",
        "the_step_that_failed_is_told",
    ),
    (
        "boll:process/process.launch-step.limits",
        "tests/runtime/scripted.rs",
        "the_step_that_failed_is_told",
    ),
];

/// A case of the suite.
struct Case {
    name: String,
    covers: BTreeSet<String>,
    /// What shows that it does: its guest, and its file without what it claims.
    text: String,
}

fn suite() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance")
}

fn cases() -> Vec<Case> {
    let folders = fs::read_dir(suite().join("cases")).expect("the cases");
    folders
        .map(|folder| {
            let folder = folder.expect("an entry").path();
            let read = |name: &str| {
                fs::read_to_string(folder.join(name))
                    .unwrap_or_else(|error| panic!("{}/{name}: {error}", folder.display()))
            };
            let mut case: Value = serde_json::from_str(&read("case.json")).expect("JSON");
            let covers = case["covers"].take();
            Case {
                name: folder
                    .file_name()
                    .expect("a name")
                    .to_string_lossy()
                    .into_owned(),
                covers: serde_json::from_value(covers).expect("names"),
                text: format!("{}\n{case}", read("guest.rs")),
            }
        })
        .collect()
}

fn exemptions() -> BTreeMap<String, String> {
    let text = fs::read_to_string(suite().join("exemptions.toml")).expect("the exemptions");
    toml::from_str(&text).expect("TOML")
}

/// Everything that has to be shown, by its name.
fn contract(resolve: &Resolve) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (name, interface) in interfaces(resolve) {
        let name = name.split('@').next().unwrap_or_default();
        for function in interface.functions.values() {
            assert!(
                matches!(
                    function.kind,
                    FunctionKind::Freestanding | FunctionKind::Method(_)
                ),
                "{}: name this kind of function here",
                function.name
            );
            let function = function.name.trim_start_matches("[method]");
            names.insert(format!("{name}.{function}"));
        }
        for (ty, id) in &interface.types {
            let cases: Vec<&str> = match &resolve.types[*id].kind {
                TypeDefKind::Variant(variant) => variant
                    .cases
                    .iter()
                    .map(|case| case.name.as_str())
                    .collect(),
                TypeDefKind::Enum(all) => all.cases.iter().map(|case| case.name.as_str()).collect(),
                TypeDefKind::Flags(flags) => {
                    flags.flags.iter().map(|flag| flag.name.as_str()).collect()
                }
                _ => Vec::new(),
            };
            names.extend(cases.iter().map(|case| format!("{name}.{ty}.{case}")));
        }
    }
    names
}

#[test]
fn every_function_and_case_of_the_contract_is_shown_or_exempt() {
    let contract = contract(&resolve());
    assert!(contract.len() > 100, "{contract:#?}");
    let (cases, exemptions) = (cases(), exemptions());
    let shown: BTreeSet<&String> = cases.iter().flat_map(|case| &case.covers).collect();
    let is_known = |name: &&String| shown.contains(name) || exemptions.contains_key(*name);
    let missing: Vec<&String> = contract.iter().filter(|name| !is_known(name)).collect();
    assert!(missing.is_empty(), "no case shows {missing:#?}");
    let unknown: Vec<&&String> = shown
        .iter()
        .filter(|name| !contract.contains(**name))
        .collect();
    assert!(unknown.is_empty(), "not in the contract: {unknown:#?}");
}

#[test]
fn an_exemption_has_a_reason_and_is_needed() {
    let contract = contract(&resolve());
    let cases = cases();
    for (name, reason) in exemptions() {
        assert!(contract.contains(&name), "not in the contract: {name}");
        assert!(reason.len() > 20, "{name} says too little");
        let shows = cases.iter().find(|case| case.covers.contains(&name));
        assert!(shows.is_none(), "{name} is shown, and needs no exemption");
    }
    for (name, file, test) in SHOWN_ELSEWHERE {
        assert!(exemptions().contains_key(name), "{name} is not exempt");
        let text = fs::read_to_string(suite().join("../..").join(file)).expect(file);
        assert!(
            text.contains(&format!("fn {test}(")),
            "{file} has no {test}"
        );
    }
}

/// A claim that nothing in the case stands for is a mistake.
#[test]
fn what_a_case_claims_stands_in_it() {
    let mut wrong = Vec::new();
    for case in cases() {
        for name in &case.covers {
            let kebab = name.rsplit('.').next().unwrap_or_default();
            let in_rust = [kebab.replace('-', "_"), camel(kebab)];
            let stands = in_rust.iter().any(|word| case.text.contains(word.as_str()));
            if !stands && !case.text.contains(&format!("\"{kebab}\"")) {
                wrong.push(format!("{}: {name}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A name in WIT as the bindings have it.
fn camel(kebab: &str) -> String {
    let words = kebab.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}
