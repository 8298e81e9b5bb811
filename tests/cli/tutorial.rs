//! The tutorial: each of its files is written and each of its commands is run, in order,
//! and says what the tutorial shows of it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use crate::support::environment::{BOLL, Run, TestEnvironment};
use crate::support::guests::prepared;
use crate::support::root;

/// A block of the tutorial.
struct Block<'t> {
    /// The file that it is, where the line before it names one.
    file: Option<&'t str>,
    language: &'t str,
    text: String,
}

/// The blocks from a heading on. What stands before it prepares the reader's machine.
fn blocks<'t>(tutorial: &'t str, heading: &str) -> Vec<Block<'t>> {
    let (_, tutorial) = tutorial.split_once(heading).expect("the heading");
    let mut blocks: Vec<Block<'t>> = Vec::new();
    let (mut file, mut inside) = (None, false);
    for line in tutorial.lines() {
        match line.strip_prefix("```") {
            Some(_) if inside => inside = false,
            Some(language) => {
                inside = true;
                blocks.push(Block {
                    file: file.take(),
                    language,
                    text: String::new(),
                });
            }
            None if inside => {
                let block = blocks.last_mut().expect("a block");
                block.text.push_str(line);
                block.text.push('\n');
            }
            None if line.is_empty() => {}
            None => {
                let named = line.strip_prefix('`');
                file = named.and_then(|line| line.strip_suffix("`:"));
            }
        }
    }
    blocks
}

/// Commands, and the lines that are shown of each.
fn commands(console: &str) -> Vec<(&str, Vec<&str>)> {
    let mut commands: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in console.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command, Vec::new())),
            (None, Some((_, shown))) => shown.push(line),
            (None, None) => panic!("no command before {line}"),
        }
    }
    commands
}

#[test]
fn every_command_of_the_tutorial_does_what_it_shows() {
    prepared();
    let env = TestEnvironment::new();
    let path = Path::new(BOLL).parent().into_iter().map(Path::to_owned);
    let others = env::var_os("PATH").expect("PATH");
    let path: OsString = env::join_paths(path.chain(env::split_paths(&others))).expect("a path");
    let shell = |line: &str| {
        let mut shell = env.command("sh");
        // What a project in Rust depends on is compiled once for all runs.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new");
        shell.args(["-ec", line]).env("PATH", &path);
        let ended = shell.env("CARGO_TARGET_DIR", target).output();
        Run::of(ended.expect("sh starts"))
    };
    let tutorial = fs::read_to_string(root().join("docs/tutorial.md")).expect("the tutorial");
    let blocks = blocks(&tutorial, "\n## A first capsule\n");
    let mut shown_of_all = 0;
    for block in &blocks {
        match (block.file, block.language) {
            (Some(file), _) => drop(env.write(file, &block.text)),
            (None, "sh") => drop(shell(&block.text).ends(0)),
            (None, "console") => {
                for (command, shown) in commands(&block.text) {
                    let run = shell(command);
                    let said = format!("{}{}", run.stdout, run.stderr);
                    for line in shown {
                        let line = line.trim_end_matches('…').trim_end();
                        assert!(said.contains(line), "{command}: {line}\n{said}");
                        shown_of_all += 1;
                    }
                }
            }
            (None, language) => panic!("a block in {language} that is not run"),
        }
    }
    assert!(shown_of_all > 10, "of {} blocks", blocks.len());
}
