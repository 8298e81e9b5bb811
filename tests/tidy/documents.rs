//! Documents: their links lead somewhere, and the quick start stays short.

use std::fs;
use std::path::Path;

use crate::sources::{files, relative, root};

/// The targets of the links in a text, code blocks left out.
fn links(text: &str) -> Vec<String> {
    let mut links = Vec::new();
    let mut code = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        }
        if code {
            continue;
        }
        for rest in line.split("](").skip(1) {
            links.extend(rest.split(')').next().map(str::to_owned));
        }
    }
    links
}

/// A heading as a link names it.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|one| one.is_alphanumeric() || [' ', '-', '_'].contains(one))
        .map(|one| if one == ' ' { '-' } else { one })
        .collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for file in files("md") {
        let text = fs::read_to_string(&file).expect("UTF-8");
        for link in links(&text) {
            if link.starts_with("http") || link.starts_with("mailto:") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let folder = file.parent().unwrap_or(Path::new(""));
            let target = if path.is_empty() {
                file.clone()
            } else {
                folder.join(path)
            };
            let found = target.exists()
                && (heading.is_empty()
                    || fs::read_to_string(&target).is_ok_and(|text| {
                        text.lines()
                            .any(|line| line.starts_with('#') && anchor(line) == heading)
                    }));
            if !found {
                broken.push(format!("{}: {link}", relative(&file)));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn the_quick_start_is_two_commands() {
    let read = |name: &str| fs::read_to_string(root().join(name)).expect("UTF-8");
    let readme = read("README.md");
    let (_, rest) = readme
        .split_once("## Quick start\n")
        .expect("a quick start");
    let (part, _) = rest.split_once("\n## ").expect("a heading after it");
    let commands: Vec<&str> = part
        .lines()
        .filter(|line| line.starts_with("cargo "))
        .collect();
    assert_eq!(
        commands,
        ["cargo run --release -- demo", "cargo xtask test"]
    );
    assert!(read(".cargo/config.toml").contains("--package xtask"));
    assert!(read("CONTRIBUTING.md").contains("\ncargo xtask test\n"));
}

/// Each piece of Rust in the page about embedding is code that a test compiles and runs.
#[test]
fn the_pieces_of_the_embedding_page_are_compiled() {
    let read = |name: &str| fs::read_to_string(root().join(name)).expect("UTF-8");
    let page = read("docs/embedding.md");
    let compiled = [
        "tests/runtime/embedding.rs",
        "examples/embed-interface/src/store.rs",
    ];
    let compiled = compiled.map(read).concat();
    let pieces = page.split("```rust\n").skip(1);
    let pieces: Vec<&str> = pieces.filter_map(|rest| rest.split("```").next()).collect();
    assert!(pieces.len() > 5, "the page has pieces");
    let others: Vec<&&str> = pieces
        .iter()
        .filter(|piece| !compiled.contains(**piece))
        .collect();
    assert!(others.is_empty(), "not in the tests: {others:#?}");
}
