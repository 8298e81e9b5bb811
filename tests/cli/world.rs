//! `boll check --world` and `boll check` of components whose imports no host has, and of
//! those that are no capsules.

use wit_parser::Resolve;

use crate::support::environment::TestEnvironment;

/// What a capsule has to export.
const RUNS: &str = r#"
    (core module $m (func (export "run") (result i32) (i32.const 0)))
    (core instance $i (instantiate $m))
    (func $run (result (result)) (canon lift (core func $i "run")))"#;

/// A component that imports an interface with one function.
fn importing(interface: &str, function: &str) -> Vec<u8> {
    let text = format!(r#"(component (import "{interface}" (instance {function})))"#);
    wat::parse_str(text).expect("a component")
}

/// A component with one export of an interface that has the function `run`.
fn exporting(interface: &str) -> Vec<u8> {
    let text = format!(
        r#"(component {RUNS}
            (instance $run (export "run" (func $run)))
            (export "{interface}" (instance $run)))"#
    );
    wat::parse_str(text).expect("a component")
}

#[test]
fn wasi_is_compared_with_what_the_host_links() {
    let env = TestEnvironment::new();
    let arguments = r#"(export "get-arguments" (func (result (list string))))"#;
    for (interface, function, said) in [
        ("wasi:cli/environment@0.2.0", arguments, "conforms"),
        ("wasi:cli/environment@0.2.99", arguments, "conforms"),
        (
            "wasi:cli/environment@0.2.3",
            r#"(export "get-arguments" (func (result u64)))"#,
            "get-arguments: func() -> list<string>; # get-arguments: func() -> u64;",
        ),
        (
            "wasi:cli/exit@0.2.99",
            r#"(export "exit-loudly" (func))"#,
            "# exit-loudly: func();",
        ),
        (
            "wasi:cli/environment@0.3.0",
            arguments,
            "which is WASI 0.3; this host has WASI 0.2",
        ),
        (
            "wasi:cli/environment@0.2.0-rc-2023-11-10",
            arguments,
            "the host has version 0.2.12 of it",
        ),
        (
            "wasi:cli/nonsense@0.2.0",
            "",
            "not among the interfaces of WASI that this host has",
        ),
        (
            "wasi:keyvalue/store@0.2.0-draft",
            "",
            "not among the interfaces of WASI that this host has",
        ),
    ] {
        env.write("one.wasm", importing(interface, function));
        let run = env.boll(&["check", "--world", "one.wasm"]).ends(2);
        let line = run.stdout.lines().find(|line| line.contains(interface));
        assert!(line.is_some(), "{run:?}");
        let spaces_folded = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(spaces_folded.contains(said), "{run:?}");
    }
}

#[test]
fn a_capsule_with_another_wasi_is_refused_when_it_is_checked() {
    let env = TestEnvironment::new();
    for (import, said) in [
        (
            r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit" (func))))"#,
            "it does not fit the contract",
        ),
        (
            r#"(import "wasi:cli/nonsense@0.2.0" (instance (export "x" (func))))"#,
            "not among the interfaces of WASI that this host has",
        ),
    ] {
        let text = format!(
            r#"(component {import} {RUNS}
                (func $ok (result (result (error string))) (canon lift (core func $i "run") (memory (core memory $i "memory"))))
                (instance $run (export "run" (func $ok)))
                (export "boll:lifecycle/run@0.2.0" (instance $run)))"#
        )
        .replace(
            r#"(core module $m (func (export "run") (result i32) (i32.const 0)))"#,
            r#"(core module $m (memory (export "memory") 1)
                (func (export "run") (result i32) (i32.const 0)))"#,
        );
        let component = wat::parse_str(text).expect("a component");
        let capsule = env.capsule("odd", &component, "");
        env.boll(&["check", &capsule]).ends(2).says(&[said]);
        // A run says the same.
        env.boll(&["up", &capsule]).ends(2).says(&[said]);
    }
}

#[test]
fn what_is_no_capsule_is_named_for_what_it_is() {
    let env = TestEnvironment::new();
    let composed = format!("(component (component {RUNS}) (component {RUNS}))");
    let composed = wat::parse_str(composed).expect("a component");
    for (component, kind, said, hint) in [
        (
            exporting("wasi:cli/run@0.2.3"),
            "a command of WASI 0.2",
            "so it is a command and no capsule",
            "a new capsule, which `boll new NAME --lang LANG` writes",
        ),
        (
            exporting("wasi:http/incoming-handler@0.2.0"),
            "an HTTP server of WASI 0.2",
            "this host lets nothing into a capsule but calls and hooks",
            "Boll lets no requests into a capsule",
        ),
        (
            exporting("wasi:cli/run@0.3.0"),
            "a component of WASI 0.3",
            "so it is a command and no capsule",
            "build it for WASI 0.2",
        ),
        (
            exporting("acme:text/split@1.0.0"),
            "a library",
            "there is no way into it",
            "compose it with a component that exports `boll:hook/handler`",
        ),
        (
            composed,
            "a library: it exports neither what Boll calls nor a main function, composed of 2 components",
            "there is no way into it",
            "compose it",
        ),
    ] {
        env.write("one.wasm", component);
        let run = env.boll(&["check", "--world", "one.wasm"]).ends(2);
        assert!(run.stdout.starts_with(kind), "{run:?}");
        assert!(run.stdout.contains(said), "{run:?}");
        run.says(&["does not conform to the contract", hint]);
    }
}

#[test]
fn a_package_of_wit_and_a_module_are_named_too() {
    let env = TestEnvironment::new();
    let mut resolve = Resolve::default();
    let text = "package acme:blob@1.0.0; interface store { get: func(); }";
    let package = resolve.push_str("blob.wit", text).expect("WIT");
    let package = wit_component::encode(&resolve, package).expect("a package");
    env.write("wit.wasm", package);
    env.boll(&["check", "--world", "wit.wasm"])
        .ends(2)
        .says(&["it is a WIT package in binary form", "boll bindings"]);
    env.write("core.wasm", wat::parse_str("(module)").expect("a module"));
    env.boll(&["check", "--world", "core.wasm"]).ends(2).says(&[
        "not a component: this is a core module",
        "boll componentize",
    ]);
}
