//! Manual pages: whole, and as the tools that show them want them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::completions::not_tried;
use crate::support::environment::TestEnvironment;

fn pages(env: &TestEnvironment) -> Vec<PathBuf> {
    let run = env.boll(&["man", "--to", "man1"]).ends(0);
    run.stdout
        .lines()
        .map(|line| env.current().join(line))
        .collect()
}

#[test]
fn every_page_has_examples_files_variables_and_exit_codes() {
    let env = TestEnvironment::new();
    let pages = pages(&env);
    for name in [
        "boll.1",
        "boll-run.1",
        "boll-explain-process.1",
        "boll-man.1",
    ] {
        assert!(
            pages.iter().any(|page| page.ends_with(name)),
            "{name}: {pages:?}"
        );
    }
    for page in &pages {
        let text = fs::read_to_string(page).expect("a page");
        let mut rest = &*text;
        for title in [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "OPTIONS",
            "EXAMPLES",
            "FILES",
            "ENVIRONMENT",
            "\"EXIT STATUS\"",
            "\"SEE ALSO\"",
        ] {
            let head = format!(".SH {title}\n");
            let (_, after) = rest
                .split_once(&*head)
                .unwrap_or_else(|| panic!("{}: no {title} in its place", page.display()));
            rest = after;
        }
        for word in ["Capsule.toml", "NO_COLOR", "130", "boll"] {
            assert!(text.contains(word), "{}: {word}", page.display());
        }
    }
    let printed = env.boll(&["man"]).ends(0).stdout;
    let first = fs::read_to_string(env.current().join("man1/boll.1")).expect("it");
    assert_eq!(printed, first);
}

#[test]
fn mandoc_finds_nothing_wrong() {
    if Command::new("mandoc").arg("-V").output().is_err() {
        return not_tried("mandoc");
    }
    let env = TestEnvironment::new();
    for page in pages(&env) {
        let output = Command::new("mandoc")
            .args(["-T", "lint", "-W", "all"])
            .arg(&page)
            .output()
            .expect("mandoc starts");
        let told = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && told.is_empty(), "{told}");
    }
}

#[test]
fn man_shows_a_page() {
    let env = TestEnvironment::new();
    let page = pages(&env)
        .into_iter()
        .find(|page| page.ends_with("boll-run.1"));
    let shown = env
        .command("man")
        .arg("-l")
        .arg(page.expect("the page"))
        .env("MANWIDTH", "80")
        .output();
    let Ok(shown) = shown else { return };
    let text = String::from_utf8_lossy(&shown.stdout);
    if shown.status.success() {
        assert!(
            text.contains("EXIT STATUS") && text.contains("SEE ALSO"),
            "{text}"
        );
    }
}
