//! The program, with the capsule of `examples/guard`.

use std::path::Path;
use std::process::{Command, Output};

fn run(program: &Path, args: &[&str]) -> Output {
    let started = Command::new(program).args(args).output();
    started.unwrap_or_else(|error| panic!("{}: {error}", program.display()))
}

#[test]
fn it_calls_publishes_and_cancels() {
    let embed = Path::new(env!("CARGO_BIN_EXE_embed"));
    // Built with this test, where the tests of the whole workspace are.
    let boll = embed.with_file_name("boll");
    let guard = concat!(env!("CARGO_MANIFEST_DIR"), "/../guard/rust");
    let built = run(&boll, &["build", guard]);
    assert!(built.status.success(), "{built:?}");
    let component = String::from_utf8(built.stdout).expect("a path");

    let ended = run(embed, &[guard, component.trim_end()]);

    assert!(ended.status.success(), "{ended:?}");
    let said = String::from_utf8(ended.stdout).expect("UTF-8");
    let lines: Vec<&str> = said.lines().collect();
    let milk = format!("invoked: Continue(Some({:?}))", br#""buy milk""#);
    assert_eq!(lines[0], milk);
    assert!(
        lines[1].contains(r#"Deny("a note needs some text")"#),
        "{said}"
    );
    assert!(lines[2].starts_with("cancelled "), "{said}");
    assert!(lines[2].contains("Cancelled"), "{said}");
}
