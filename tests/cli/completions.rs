//! Completions in real shells: commands, options, and what a capsule's manifest lists.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use crate::support::environment::{BOLL, TestEnvironment};

const MANIFEST: &str = r#"
    [[action]]
    name = "greet"
    description = "Greets somebody"
    default = true
    [[action]]
    name = "grow"
    [[hook]]
    topic = "notes.changed"
    action = "greet"
    [[publish]]
    topic = "notes.wanted"
    [[process]]
    program = "git"
    args = ["log"]
    [config.limit]
    type = "integer"
    default = 1
"#;

/// A shell that completes for `boll`; `None` if it is not installed.
struct Shell<'a> {
    env: &'a TestEnvironment,
    name: &'static str,
}

impl<'a> Shell<'a> {
    /// Puts `boll` where the shell finds it, and its script into a file.
    fn of(env: &'a TestEnvironment, name: &'static str) -> Option<Self> {
        let there = Command::new(name).arg("--version").output();
        if !there.is_ok_and(|output| output.status.success()) {
            not_tried(name);
            return None;
        }
        let program = env.current().join("bin/boll");
        if !program.exists() {
            fs::create_dir_all(env.current().join("bin")).expect("a folder");
            std::os::unix::fs::symlink(BOLL, program).expect("a link");
        }
        let script = env.boll(&["completions", name]).ends(0).stdout;
        env.write(&format!("script.{name}"), script);
        Some(Self { env, name })
    }

    /// What it offers for the last word of a line.
    fn offers(&self, line: &str) -> Vec<String> {
        let program = match self.name {
            "bash" => format!(
                "source script.bash; words=({line}''); COMP_WORDS=(); for word in {line}''; do \
                 COMP_WORDS+=(\"$word\"); done; COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); \
                 COMP_TYPE=9; _clap_complete_boll boll \"${{COMP_WORDS[COMP_CWORD]}}\"; \
                 printf '%s\\n' \"${{COMPREPLY[@]}}\""
            ),
            "fish" => format!("source script.fish; complete -C '{line}'"),
            other => panic!("{other}"),
        };
        let path = std::env::var("PATH").expect("PATH");
        let bin = self.env.current().join("bin");
        let output = self
            .env
            .command(self.name)
            .env("PATH", format!("{}:{path}", bin.display()))
            .args(["-c", &program])
            .output()
            .expect("the shell starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        // fish writes the description after a tab.
        let words = text
            .lines()
            .map(|line| line.split('\t').next().unwrap_or(line));
        words.map(|word| word.trim_end().to_owned()).collect()
    }
}

/// Says, past what the test harness holds back, that a tool is not installed. CI has all of them.
pub(crate) fn not_tried(tool: &str) {
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("a test");
    let _ = writeln!(
        std::io::stderr(),
        "not tried: {test}: {tool} is not installed"
    );
}

/// A capsule that cannot be built: what is completed comes from its manifest.
fn capsule(env: &TestEnvironment) {
    let head = "[capsule]\nid = \"sample\"\nversion = \"1.0.0\"\n";
    env.write("sample/Capsule.toml", format!("{head}{MANIFEST}"));
    env.write("sample/Makefile", "dist/capsule.wasm:\n\ttouch ../built\n");
    env.write("notes.txt", "");
}

fn completes(name: &'static str) {
    let env = TestEnvironment::new();
    capsule(&env);
    let Some(shell) = Shell::of(&env, name) else {
        return;
    };
    for (line, offered, not) in [
        ("boll ru", &["run"][..], &["trigger"][..]),
        ("boll run sam", &["sample/"], &["notes.txt"]),
        ("boll run sample gr", &["greet", "grow"], &["sample/"]),
        ("boll dev sample gre", &["greet"], &["grow"]),
        ("boll run --quiet --with sample sample g", &["greet"], &[]),
        ("boll trigger notes.", &["notes.changed"], &["notes.wanted"]),
        ("boll explain sample publish notes.", &["notes.wanted"], &[]),
        ("boll explain sample process g", &["git"], &[]),
        ("boll run sample --config l", &["limit="], &[]),
        ("boll run sample --log-f", &["--log-format"], &[]),
        ("boll run sample --log-format j", &["json"], &["text"]),
        ("boll doctor --lang py", &["python"], &[]),
    ] {
        let offers = shell.offers(line);
        for word in offered {
            assert!(
                offers.iter().any(|one| one == word),
                "{line}: {word}: {offers:?}"
            );
        }
        for word in not {
            assert!(
                !offers.iter().any(|one| one == word),
                "{line}: {word}: {offers:?}"
            );
        }
    }
    assert!(!env.current().join("built").exists(), "nothing is built");
}

#[test]
fn bash_completes_what_a_manifest_lists() {
    completes("bash");
}

#[test]
fn fish_completes_what_a_manifest_lists() {
    completes("fish");
}

#[test]
fn zsh_takes_the_script() {
    let env = TestEnvironment::new();
    let Some(_) = Shell::of(&env, "zsh") else {
        return;
    };
    let line = "autoload -U compinit; compinit -u -D; source script.zsh; \
                print -r -- ${_comps[boll]}";
    let output = env.command("zsh").args(["-fc", line]).output();
    let output = output.expect("zsh starts");
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(shown.contains("boll"), "{output:?}");
}

#[test]
fn a_strangers_manifest_puts_nothing_else_into_a_line() {
    let env = TestEnvironment::new();
    let odd = "a; touch planted";
    let manifest = format!(
        "[capsule]\nid = \"sample\"\nversion = \"1.0.0\"\n[[action]]\nname = \"{odd}\"\n\
         [[action]]\nname = \"$(touch planted)\"\n[[action]]\nname = \"-rf\"\n\
         [[action]]\nname = \"plain\"\n"
    );
    env.write("sample/Capsule.toml", manifest);
    let Some(shell) = Shell::of(&env, "bash") else {
        return;
    };
    let mut offers = shell.offers("boll run sample ");
    offers.retain(|word| !word.starts_with("--"));
    assert_eq!(offers, ["plain"]);
    assert!(!Path::new("planted").exists() && !env.current().join("planted").exists());
}
