//! `boll build`: the component of a capsule.

use std::fs;
use std::path::Path;

use crate::example;
use crate::support::environment::{Piped, Run, TestEnvironment};

#[test]
fn the_build_prints_the_component_and_is_fresh_the_second_time() {
    let env = TestEnvironment::new();
    for language in ["rust", "javascript"] {
        let folder = example(language);
        let first = env.boll(&["build", &folder]).ends(0);
        let component = first.stdout.trim_end();
        let head = fs::read(component).expect("the component");
        assert!(head.starts_with(b"\0asm\x0d\0\x01\0"), "{component}");
        let modified = || {
            Path::new(component)
                .metadata()
                .and_then(|data| data.modified())
        };
        let before = modified().expect("a time");
        let second = env.boll(&["build", &folder, "--output", "json"]).ends(0);
        assert_eq!(second.json()["component"], component);
        assert_eq!(second.json()["fresh"], true);
        assert_eq!(modified().expect("a time"), before);
    }
}

#[test]
fn the_manifest_itself_names_the_capsule_too() {
    let folder = example("rust");
    let env = TestEnvironment::new().at(&folder);
    let built = |name: &str| env.boll(&["build", name]).ends(0).stdout;
    assert_eq!(built("Capsule.toml"), built("."));
    assert_eq!(built(&format!("{folder}/Capsule.toml")), built("."));
}

#[test]
fn a_quiet_build_says_nothing_but_the_result() {
    let run = TestEnvironment::new()
        .boll(&["build", &example("rust"), "--quiet"])
        .ends(0);
    assert_eq!((run.stdout.lines().count(), &*run.stderr), (1, ""));
}

#[test]
fn what_cannot_be_built_says_why() {
    let env = TestEnvironment::new();
    let named = env.capsule("named", b"", "");
    env.boll(&["build", &named])
        .fails(2)
        .says(&["named names its component: there is nothing to build"]);

    env.write(
        "empty/Capsule.toml",
        "[capsule]\nid = \"empty\"\nversion = \"1.0.0\"\n",
    );
    env.boll(&["build", "empty"])
        .fails(2)
        .says(&["holds none of Cargo.toml, package.json, pyproject.toml, go.mod, Makefile"]);
}

#[test]
fn what_does_not_compile_shows_the_compilers_words() {
    let env = TestEnvironment::new();
    crate::support::guests::prepared();
    env.write(
        "Capsule.toml",
        "[capsule]\nid = \"wrong\"\nversion = \"1.0.0\"\n",
    );
    env.write(
        "Cargo.toml",
        "[package]\nname = \"wrong\"\nedition = \"2024\"\n[lib]\ncrate-type = [\"cdylib\"]\n\
         [workspace]\n",
    );
    env.write("src/lib.rs", "fn wrong() -> u8 { \"text\" }\n");
    env.boll(&["build"]).fails(2).says(&[
        "`wrong` does not build for wasm32-wasip2",
        "mismatched types",
    ]);
}

#[test]
fn a_workspace_above_that_does_not_list_the_capsule_is_named_with_what_to_do() {
    let env = TestEnvironment::new();
    crate::support::guests::prepared();
    env.write("Cargo.toml", "[workspace]\nmembers = []\n");
    env.boll(&["new", "mine", "--lang", "rust"]).ends(0);
    let file = env.current().join("mine/Cargo.toml");
    let text = fs::read_to_string(&file).expect("it");
    let (own, workspace) = text.split_once("\n# Keeps this project").expect("its end");
    assert!(workspace.contains("[workspace]"), "a new one stands alone");
    env.write("mine/Cargo.toml", own);
    env.boll(&["build", "mine"]).fails(2).says(&[
        "believes it's in a workspace when it's not",
        "add an empty `[workspace]` table",
    ]);
}

#[test]
fn builds_of_one_folder_wait_for_one_another() {
    let env = TestEnvironment::new();
    env.write(
        "Capsule.toml",
        "[capsule]\nid = \"slow\"\nversion = \"1.0.0\"\n",
    );
    env.write("component", b"\0asm\x0d\0\x01\0");
    env.write(
        "Makefile",
        "dist/capsule.wasm: component\n\tmkdir -p dist\n\techo begun >>dist/builds\n\
         \tsleep 1\n\tcp component $@\n",
    );
    let start = || env.boll_command(&["build"]).piped();
    let runs = [start(), start(), start()]
        .map(|child| Run::of(child.wait_with_output().expect("boll ends")).ends(0));
    let waited = |run: &&Run| run.stderr.contains("waiting for another build of");
    assert_eq!(runs.iter().filter(waited).count(), 2, "{runs:#?}");
    let builds = fs::read_to_string(env.current().join("dist/builds")).expect("the recipe ran");
    assert_eq!(builds, "begun\n");
}
