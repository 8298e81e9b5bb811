//! The program, with the capsule that uses its store.

use std::path::Path;
use std::process::{Command, Output};

fn run(program: &Path, args: &[&str]) -> Output {
    let started = Command::new(program).args(args).output();
    started.unwrap_or_else(|error| panic!("{}: {error}", program.display()))
}

#[test]
fn a_capsule_uses_the_store_as_long_as_it_is_granted() {
    let program = Path::new(env!("CARGO_BIN_EXE_embed-interface"));
    // Built with this test, where the tests of the whole workspace are.
    let boll = program.with_file_name("boll");
    let guest = concat!(env!("CARGO_MANIFEST_DIR"), "/guest");
    let built = run(&boll, &["build", guest]);
    assert!(built.status.success(), "{built:?}");
    let component = String::from_utf8(built.stdout).expect("a path");

    let ended = run(program, &[guest, component.trim_end()]);

    assert!(ended.status.success(), "{ended:?}");
    let said = String::from_utf8(ended.stdout).expect("UTF-8");
    let lines: Vec<&str> = said.lines().collect();
    let green = format!("ann gets: Continue(Some({:?}))", br#""green""#);
    let nothing = format!("bob gets: Continue(Some({:?}))", b"null");
    assert_eq!(lines[0], "ann sets: Continue(None)");
    assert_eq!(lines[1..3], [green, nothing]);
    let missing = r#"the operator has not granted it; \"interface:acme:keyvalue/store\" would"#;
    assert!(lines[3].contains(missing), "{said}");
    let audit = String::from_utf8(ended.stderr).expect("UTF-8");
    let audit: Vec<&str> = audit.lines().collect();
    let allowed = "audit: interface:acme:keyvalue/store None";
    assert_eq!(audit[..3], [allowed; 3]);
    assert!(audit[3].contains("Some"), "{audit:?}");
}
