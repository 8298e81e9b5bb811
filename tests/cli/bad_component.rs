//! Components that a host must refuse, each with a message that says what it
//! is, and none with a panic.

use std::fs;

use crate::support::environment::{Run, TestEnvironment};
use crate::support::guests::{guests_bytes, no_handler, unlinkable};

/// Runs these bytes as a capsule.
fn refused(bytes: &[u8]) -> Run {
    let env = TestEnvironment::new();
    let capsule = env.capsule("sample", bytes, "");
    let run = env.boll(&["run", &capsule, "echo"]).fails(2);
    run.says(&[
        "error: the capsule sample cannot be loaded: ",
        "help: the component is sample/component.wasm",
    ])
}

#[test]
fn a_component_that_is_not_there_is_named() {
    let env = TestEnvironment::new();
    let capsule = env.capsule("sample", b"", "");
    fs::remove_file(env.current().join("sample/component.wasm")).expect("removed");
    env.boll(&["run", &capsule, "echo"])
        .fails(2)
        .says(&["cannot read the component sample/component.wasm: No such file"]);
}

#[test]
fn what_is_no_webassembly_is_refused() {
    for bytes in [&b""[..], b"\x7fELF", b"\0as", b"hello"] {
        refused(bytes).says(&["it is not WebAssembly"]);
    }
}

#[test]
fn webassembly_text_is_refused() {
    for text in ["(module)", "\n  (component)"] {
        refused(text.as_bytes()).says(&["it is WebAssembly text"]);
    }
}

#[test]
fn a_core_module_is_refused() {
    refused(b"\0asm\x01\0\0\0").says(&["it is a core module, not a component", "wasm32-wasip2"]);
}

#[test]
fn an_unknown_version_is_refused() {
    refused(b"\0asm\x0e\0\x01\0").says(&["it is not a valid component"]);
    refused(b"\0asm\x0d").says(&["it is not a valid component"]);
}

#[test]
fn a_truncated_component_is_refused() {
    let bytes = guests_bytes();
    for length in [9, 100, bytes.len() / 2, bytes.len() - 1] {
        refused(&bytes[..length]).says(&["it is not a valid component"]);
    }
}

#[test]
fn a_corrupted_component_is_refused() {
    let bytes = guests_bytes();
    for place in [10, bytes.len() / 3, bytes.len() / 2] {
        let mut bytes = bytes.clone();
        for byte in &mut bytes[place..place + 64] {
            *byte ^= 0xff;
        }
        refused(&bytes).says(&["it is not a valid component"]);
    }
}

#[test]
fn the_empty_component_has_no_way_into_it() {
    refused(b"\0asm\x0d\0\x01\0")
        .says(&["it exports neither `boll:hook/handler@0.2.0` nor `boll:lifecycle/run@0.2.0`"]);
}

#[test]
fn a_component_without_a_handler_is_refused() {
    let bytes = fs::read(no_handler()).expect("the component");
    refused(&bytes)
        .says(&["it exports neither `boll:hook/handler@0.2.0` nor `boll:lifecycle/run@0.2.0`"]);
}

#[test]
fn a_component_that_imports_what_no_host_has_is_refused() {
    let bytes = fs::read(unlinkable()).expect("the component");
    refused(&bytes).says(&[
        "`boll:test-unlinkable/nowhere@0.2.0`",
        "neither part of the contract nor an interface of this host",
    ]);
}

#[test]
fn the_check_says_the_same_and_still_lists_the_imports() {
    let env = TestEnvironment::new();
    let bytes = fs::read(unlinkable()).expect("the component");
    let capsule = env.capsule("sample", &bytes, "");
    let run = env
        .boll(&["check", &capsule])
        .ends(2)
        .says(&["`boll:test-unlinkable/nowhere@0.2.0`"]);
    assert!(
        run.stdout
            .contains("boll:test-unlinkable/nowhere@0.2.0  call"),
        "{}",
        run.stdout
    );
    let capsule = env.capsule("text", b"(component)", "");
    env.boll(&["check", &capsule])
        .fails(2)
        .says(&["it is WebAssembly text"]);
}
