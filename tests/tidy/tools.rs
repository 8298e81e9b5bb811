//! The page of programs is made from their files, and their packages are those that are installed.

use std::fs;

use crate::page::page;
use crate::program::all;
use crate::results::Results;
use crate::sources::root;

#[path = "../../host/xtask/src/debian_of.rs"]
mod debian_of;

/// With `INSTA_UPDATE=always` the page is written.
#[test]
fn the_page_of_programs_is_made_from_their_files() {
    let made = page(&all(&root()), &Results::read(&root()));
    let file = root().join("docs/tools.md");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|update| update == "always") {
        fs::write(&file, &made).expect("written");
    }
    assert!(
        fs::read_to_string(&file).is_ok_and(|text| text == made),
        "docs/tools.md is not what the files say:\n\
         INSTA_UPDATE=always cargo test --release --workspace --test tidy -- tools"
    );
}

/// `cargo xtask` has no parser for TOML.
#[test]
fn the_packages_that_programs_need_are_read_by_the_installer() {
    for program in all(&root()) {
        let file = root()
            .join(crate::program::FOLDER)
            .join(&program.name)
            .with_extension("toml");
        let text = fs::read_to_string(file).expect("the file");
        let read = debian_of::debian_of(&text).expect("a line of packages");
        assert_eq!(read, program.debian, "{}", program.name);
        assert_eq!(
            debian_of::is_large(&text),
            program.large,
            "{}",
            program.name
        );
    }
}

/// What was seen is still there.
#[test]
fn only_programs_that_are_there_were_seen() {
    let programs = all(&root());
    for (name, seen) in Results::read(&root()).0 {
        assert!(
            programs.iter().any(|program| program.name == name),
            "tests/tools/results.toml has {name}, which has no file"
        );
        assert!(
            !seen.version.contains("not found"),
            "tests/tools/results.toml has no version of {name}: {}",
            seen.version
        );
    }
}
