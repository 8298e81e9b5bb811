//! `boll build` of a capsule in C, and the two commands that its Makefile calls.

use std::fs;
use std::os::unix::fs::symlink;

use crate::support::environment::TestEnvironment;

const MAKEFILE: &str = "BOLL ?= boll\n\
     dist/capsule.wasm: capsule.c gen/capsule.h\n\
     \t@mkdir -p dist\n\
     \t$(WASI_CC) -Os -Wall -Wextra -mexec-model=reactor -Igen -o dist/core.wasm \
     capsule.c gen/capsule.c gen/capsule_component_type.o\n\
     \t$(BOLL) componentize dist/core.wasm -o $@\n\
     gen/capsule.h: wit/world.wit\n\
     \t$(BOLL) bindings wit --lang c --world capsule -o gen\n";

const CAPSULE: &str = r#"#include "capsule.h"
#include <stdio.h>
#include <stdlib.h>

bool exports_boll_hook_handler_handle(capsule_string_t *action,
                                      exports_boll_hook_handler_event_t *event,
                                      exports_boll_hook_handler_reply_t *ret,
                                      exports_boll_hook_handler_failure_t *err) {
    (void)err;
    char *text;
    int length = asprintf(&text, "%.*s: hello %.*s", (int)action->len, (char *)action->ptr,
                          (int)event->payload.len, (char *)event->payload.ptr);
    ret->tag = 1; // final
    ret->val.final.ptr = (uint8_t *)text;
    ret->val.final.len = (size_t)length;
    return true;
}
"#;

/// A capsule in C, written by hand.
fn project() -> TestEnvironment {
    TestEnvironment::with_greeter(&[("Makefile", MAKEFILE), ("capsule.c", CAPSULE)])
}

#[test]
fn a_capsule_in_c_is_built_once_runs_and_shows_its_errors() {
    let env = project();
    let run = env
        .boll(&["run", ".", "--build", "--payload", "world"])
        .ends(0)
        .says(&["running `make`"]);
    assert_eq!(run.stdout, "greet: hello world");

    let build = || env.boll(&["build", "--output", "json"]).ends(0);
    assert_eq!(build().json()["fresh"], true);

    let component = env.current().join("dist/capsule.wasm");
    let unfinished = format!("{CAPSULE}void unfinished(void) {{ int x; }}\n");
    env.write_newer("capsule.c", unfinished, &component);
    let warned = env.boll(&["build"]).ends(0).says(&["unused variable 'x'"]);
    assert!(
        warned.stdout.ends_with("dist/capsule.wasm\n"),
        "{warned:#?}"
    );
    env.write_newer("capsule.c", "int wrong = ;\n", &component);
    env.boll(&["build"]).fails(2).says(&[
        "`make` failed",
        "capsule.c:1:13: error: expected expression",
    ]);
}

#[test]
fn without_make_or_a_compiler_it_says_what_to_install() {
    let env = project();
    let without = |path: &str| env.boll_on(path, &["build"]).fails(4);
    let bin = env.current().join("bin");
    fs::create_dir(&bin).expect("a folder");
    let path = bin.to_str().expect("UTF-8");
    without(path).says(&["`make` is missing"]);
    symlink("/usr/bin/make", bin.join("make")).expect("a link");
    without(path).says(&[
        "no C compiler that builds for wasm32-wasi",
        "boll doctor --lang c",
    ]);
    // One that is there and cannot is told with what it says.
    symlink("/bin/false", bin.join("clang-3")).expect("a link");
    without(path).says(&["clang-3: it failed"]);
}

#[test]
fn bindings_and_components_are_refused_with_what_is_wrong() {
    let env = TestEnvironment::new();
    env.write("wit/world.wit", "package a:b;\nworld one {}\n");
    let bindings =
        |world: &str| env.boll(&["bindings", "--lang", "c", "--world", world, "-o", "gen"]);
    bindings("two")
        .fails(2)
        .says(&["wit has no world `two`; it has `one`"]);
    let files = bindings("one").ends(0).stdout;
    assert!(files.contains("gen/one.h\n"), "{files}");
    env.write(
        "wit/world.wit",
        "package a:b;\nworld one {\n  imprt x;\n}\n",
    );
    bindings("one").fails(2).says(&["wit/world.wit:3:3"]);

    let componentize = |name: &str| env.boll(&["componentize", name, "-o", "out.wasm"]);
    componentize("none.wasm")
        .fails(2)
        .says(&["cannot read none.wasm"]);
    env.write("text.wasm", "text");
    componentize("text.wasm")
        .fails(2)
        .says(&["text.wasm is no core module"]);
    env.write("core.wasm", b"\0asm\x01\0\0\0");
    let run = componentize("core.wasm").ends(0);
    assert_eq!(run.stdout, "out.wasm\n");
    componentize("out.wasm")
        .fails(2)
        .says(&["it is a component already"]);
}

/// A world of the author's own: all of the contract with an interface that has bytes and texts, too, or a part.
const WORLDS: &str = "package boll:capsule@0.2.0;\n\
     interface mail {\n  send: func(data: list<u8>) -> list<u8>;\n\
     \x20 names: func(all: list<string>) -> option<string>;\n}\n\
     world mine { include capsule; import mail; }\n\
     world small {\n  import boll:log/log@0.2.0;\n  import boll:config/config@0.2.0;\n\
     \x20 export boll:hook/handler@0.2.0;\n}\n";

/// Reads what the host gives in every form, 6 MB in all. The instance may have 3 MiB.
const READS: &str = r#"#include "boll.h"
static bool reads(boll_call *call) {
    boll_caller caller = boll_called_by(call);
    boll_command command = {.args = (const char *const[]){"head", "-c", "200000", "/dev/zero", NULL}};
    boll_output output;
    boll_child child;
    boll_exit exit;
    boll_text line, greeting;
    return boll_run(call, &command, &output) && boll_spawn(call, &command, &child) &&
           boll_read_line(call, &child, &line) && boll_wait(call, &child, &exit) &&
           boll_config(call, "greeting", &greeting) && output.out.len + line.len == 400000 && caller.started_at_ms &&
           greeting.len == 5;
}
static bool greet(boll_call *call) {
    for (int round = 0; round < 15; round++) {
        boll_call inner = *call;
        inner.allocations = NULL;
        bool read = reads(&inner);
        boll_release(&inner);
        if (!read) return false;
    }
    return boll_reply(call, boll_format(call, "read"));
}
BOLL_CAPSULE({"greet", greet})
"#;

#[test]
fn a_world_of_ones_own_has_the_library_and_loses_no_memory() {
    let env = TestEnvironment::new();
    env.boll(&["new", "own", "--lang", "c"]).ends(0);
    env.write("own/wit/own.wit", WORLDS);
    let makefile = env.current().join("own/Makefile");
    let text = fs::read_to_string(&makefile).expect("it");
    let build = |world: &str| {
        let world = format!("WORLD := {world}\n");
        env.write_newer(
            "own/Makefile",
            text.replace("WORLD := capsule\n", &world),
            &makefile,
        );
        let built = env.boll(&["build", "own"]).ends(0);
        assert!(!built.stderr.contains("warning"), "{built:#?}");
    };
    // A part of the contract: what the library has for the rest is not there.
    build("small");
    env.boll(&["test", "own"]).ends(0);

    env.write("own/src/capsule.c", READS);
    build("mine");
    let manifest = fs::read_to_string(env.current().join("own/Capsule.toml")).expect("it");
    env.write(
        "own/Capsule.toml",
        format!(
            "{manifest}\n[instance]\nmemory-mib = 3\n\n\
             [[process]]\nprogram = \"head\"\nargs = [\"**\"]\n"
        ),
    );
    let run = ["run", "own", "--build", "--allow", "process:head **"];
    assert_eq!(env.boll(&run).ends(0).stdout, "read");
}

/// A capsule with texts that are not UTF-8.
const ODD: &str = r#"#include "boll.h"
static bool deny(boll_call *call) { return boll_deny(call, "a\xff" "b"); }
static bool fail(boll_call *call) { return boll_fail(call, "a\xff" "b"); }
static bool line(boll_call *call) {
    boll_log(WARN, "m\xff", boll_text_field("k", "v\xff"), boll_integer("n", 3));
    return boll_reply(call, boll_format(call, "ok"));
}
static bool run(boll_call *call) {
    boll_command command = {.args = (const char *const[]){"git", "a\xff", NULL}};
    boll_output output;
    return boll_run(call, &command, &output);
}
BOLL_CAPSULE({"deny", deny}, {"fail", fail}, {"line", line}, {"run", run})
"#;

#[test]
fn text_that_is_not_utf_8_goes_out_with_a_replacement_and_a_name_is_refused() {
    let env = TestEnvironment::new();
    env.boll(&["new", "odd", "--lang", "c"]).ends(0);
    env.write("odd/src/capsule.c", ODD);
    env.lists_actions("odd", &["deny", "fail", "line", "run"]);
    env.boll(&["build", "odd"]).ends(0);
    for (action, said) in [
        ("deny", "the capsule denied: a\u{fffd}b"),
        ("fail", "the capsule failed: a\u{fffd}b"),
        ("run", "an argument is not UTF-8: a\u{fffd}"),
    ] {
        env.boll(&["run", "odd", action]).fails(1).says(&[said]);
    }
    let run = env.boll(&["run", "odd", "line"]).ends(0);
    assert_eq!(run.stdout, "ok");
    assert!(run.messages().contains(&"m\u{fffd}".to_owned()), "{run:#?}");
}
