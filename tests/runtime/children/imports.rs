//! A component imports what its code uses, so that a reviewer sees what it can
//! leave behind.

use crate::support::environment::TestEnvironment;
use crate::support::guests::built;
use crate::support::root;

/// Which of `children` and `streams` a capsule imports.
fn imports(folder: &str) -> [bool; 2] {
    built(folder);
    let check = TestEnvironment::new()
        .at(root())
        .boll(&["check", folder, "--output", "json"]);
    let report = check.json();
    let imports = report["imports"].as_array().expect("a list");
    ["children", "streams"].map(|name| {
        let interface = format!("boll:process/{name}@0.2.0");
        imports
            .iter()
            .any(|import| import["interface"] == interface.as_str())
    })
}

#[test]
fn what_is_not_used_is_not_imported() {
    assert_eq!(imports("examples/git-report/rust"), [false, false]);
    assert_eq!(imports("tests/guests/process-only"), [true, false]);
    assert_eq!(imports("tests/guests"), [true, true]);
}
