//! Each sentence in the documentation of the contract is in `wit/sentences.toml`, and is
//! shown by a case of the conformance suite, or not for a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use wit_parser::{Docs, Resolve, TypeDefKind};

use super::{folder, interfaces, resolve};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sentence: Vec<Sentence>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentence {
    id: String,
    item: String,
    text: String,
    exempt: Option<String>,
    #[serde(default)]
    describes: bool,
}

fn listed() -> Vec<Sentence> {
    let text = fs::read_to_string(folder().join("sentences.toml")).expect("the sentences");
    let file: File = toml::from_str(&text).expect("TOML");
    file.sentence
}

/// The ids that each case names.
fn named_by_cases() -> BTreeMap<String, BTreeSet<String>> {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance/cases");
    let folders = fs::read_dir(cases).expect("the cases");
    let case = |folder: &Path| {
        let text = fs::read_to_string(folder.join("case.json")).expect("a case");
        let mut case: Value = serde_json::from_str(&text).expect("JSON");
        serde_json::from_value(case["sentences"].take()).unwrap_or_default()
    };
    let folders = folders.map(|folder| folder.expect("an entry").path());
    let named = folders.map(|folder| {
        let name = folder.file_name().expect("a name").to_string_lossy();
        (name.into_owned(), case(&folder))
    });
    named.collect()
}

/// A sentence and the item that it is about.
type Said = (String, String);

/// All sentences of the WIT files.
fn of_wit(resolve: &Resolve) -> BTreeSet<Said> {
    let mut said = BTreeSet::new();
    let mut add = |item: String, docs: &Docs| {
        let docs = docs.contents.as_deref().unwrap_or_default();
        said.extend(sentences(docs).map(|text| (item.clone(), text)));
    };
    for (_, package) in &resolve.packages {
        if package.name.namespace == "boll" {
            add(format!("boll:{}", package.name.name), &package.docs);
        }
    }
    for (_, world) in &resolve.worlds {
        let package = world.package.map(|id| &resolve.packages[id].name);
        if let Some(package) = package.filter(|package| package.namespace == "boll") {
            add(format!("boll:{}/{}", package.name, world.name), &world.docs);
        }
    }
    for (name, interface) in interfaces(resolve) {
        let name = name.split('@').next().unwrap_or_default();
        add(name.to_owned(), &interface.docs);
        for function in interface.functions.values() {
            let function_name = function.name.trim_start_matches("[method]");
            add(format!("{name}.{function_name}"), &function.docs);
        }
        for (ty, id) in &interface.types {
            let ty = format!("{name}.{ty}");
            let definition = &resolve.types[*id];
            add(ty.clone(), &definition.docs);
            let parts: Vec<(&str, &Docs)> = match &definition.kind {
                TypeDefKind::Record(record) => {
                    let fields = record.fields.iter();
                    fields.map(|one| (one.name.as_str(), &one.docs)).collect()
                }
                TypeDefKind::Variant(variant) => {
                    let cases = variant.cases.iter();
                    cases.map(|one| (one.name.as_str(), &one.docs)).collect()
                }
                TypeDefKind::Enum(all) => {
                    let cases = all.cases.iter();
                    cases.map(|one| (one.name.as_str(), &one.docs)).collect()
                }
                TypeDefKind::Flags(flags) => {
                    let flags = flags.flags.iter();
                    flags.map(|one| (one.name.as_str(), &one.docs)).collect()
                }
                _ => Vec::new(),
            };
            for (part, docs) in parts {
                add(format!("{ty}.{part}"), docs);
            }
        }
    }
    said
}

/// All sentences of the manifest's reference.
fn of_manifest() -> BTreeSet<Said> {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reference/capsule-toml.md");
    let text = fs::read_to_string(reference).expect("the reference");
    let mut said = BTreeSet::new();
    for section in text.split("\n## `").skip(1) {
        let (table, rest) = section.split_once('`').expect("a table's name");
        let table = format!("manifest:{}", table.replace(['[', ']'], ""));
        let mut in_example = false;
        for line in rest.lines() {
            in_example ^= line.starts_with("```");
            let cells = line.strip_prefix("| `").and_then(|row| row.split_once('`'));
            if let Some((key, cells)) = cells {
                let means = cells.trim_end_matches(" |").rsplit(" | ").next();
                let means = sentences(means.unwrap_or_default());
                said.extend(means.map(|text| (format!("{table}.{key}"), text)));
            } else if !in_example && !line.starts_with(['|', '`']) {
                said.extend(sentences(line).map(|text| (table.clone(), text)));
            }
        }
    }
    said
}

/// The sentences of a text: those of its paragraphs, and each row of a table.
fn sentences(text: &str) -> impl Iterator<Item = String> {
    let (mut sentences, mut words, mut rows) = (Vec::new(), Vec::new(), 0);
    for line in text.lines().chain([""]).map(str::trim) {
        rows = match line.starts_with('|') {
            true => rows + 1,
            false => 0,
        };
        if !line.is_empty() && rows == 0 {
            words.extend(line.split_whitespace());
            continue;
        }
        let mut sentence = String::new();
        for (at, word) in words.iter().enumerate() {
            sentence.push_str(word);
            let next = words.get(at + 1).and_then(|next| next.chars().next());
            let begins = next.is_none_or(|next| next.is_ascii_uppercase() || "`[".contains(next));
            if next.is_none() || (word.ends_with(['.', '!', '?']) && begins) {
                sentences.push(std::mem::take(&mut sentence));
            } else {
                sentence.push(' ');
            }
        }
        words.clear();
        // The first two rows are the head.
        if rows > 2 {
            sentences.push(line.to_owned());
        }
    }
    sentences.into_iter()
}

#[test]
fn each_sentence_of_the_contract_is_listed_and_no_other() {
    let mut said = of_wit(&resolve());
    assert!(said.len() > 200, "{said:#?}");
    said.append(&mut of_manifest());
    let mut listed_here = BTreeSet::new();
    for sentence in listed() {
        let new = listed_here.insert((sentence.item, sentence.text));
        assert!(new, "{} is there twice", sentence.id);
    }
    let missing: Vec<&Said> = said.difference(&listed_here).collect();
    assert!(
        missing.is_empty(),
        "not in wit/sentences.toml: {missing:#?}"
    );
    let gone: Vec<&Said> = listed_here.difference(&said).collect();
    assert!(gone.is_empty(), "no longer in the contract: {gone:#?}");
}

#[test]
fn each_sentence_is_shown_by_a_case_or_exempt() {
    let named = named_by_cases();
    let shown: BTreeSet<&String> = named.values().flatten().collect();
    let (mut ids, mut wrong) = (BTreeSet::new(), Vec::new());
    let listed = listed();
    for sentence in &listed {
        assert!(ids.insert(&sentence.id), "{} is there twice", sentence.id);
        let is_shown = shown.contains(&sentence.id);
        match (is_shown, sentence.describes, &sentence.exempt) {
            (true, false, None) | (false, true, None) => {}
            (false, false, Some(reason)) if reason.len() > 40 => {}
            (false, false, None) => wrong.push(format!("{}: no case shows it", sentence.id)),
            (false, false, Some(_)) => wrong.push(format!("{}: too short a reason", sentence.id)),
            _ => wrong.push(format!("{}: shown, and more", sentence.id)),
        }
    }
    for (case, named) in &named {
        if named.is_empty() {
            wrong.push(format!("{case} shows no sentence"));
        }
        let unknown = named.iter().filter(|id| !ids.contains(id));
        wrong.extend(unknown.map(|id| format!("{case}: there is no sentence {id}")));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_text_is_split_into_its_sentences_and_rows() {
    let text = "One. `two` says:\n\nthree, e.g. four.\n| a | b |\n|---|---|\n| x | y |\n| z |\nEnd";
    let found: Vec<String> = sentences(text).collect();
    let expected = [
        "One.",
        "`two` says:",
        "three, e.g. four.",
        "| x | y |",
        "| z |",
        "End",
    ];
    assert_eq!(found, expected);
}
