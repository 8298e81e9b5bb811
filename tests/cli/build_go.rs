//! `boll build` of a capsule in Go, and what Go's collector has to do with the host.

use std::fs;

use crate::examples::SCENARIOS;
use crate::support::environment::{Run, TestEnvironment};
use crate::support::{go, root};

/// A new project in a folder `hello`, with this as its code in place of the template's.
fn project(code: &str) -> TestEnvironment {
    let env = TestEnvironment::new();
    env.boll(&["new", "hello", "--lang", "go"]).ends(0);
    env.write("hello/main.go", code);
    env
}

fn boll(env: &TestEnvironment, args: &[&str]) -> Run {
    env.boll_on(go::path(), args)
}

const GENERATE: &str = "//go:generate boll bindings wit --lang go --world capsule -o gen\n";

#[test]
fn what_does_not_compile_shows_the_compilers_words() {
    let env = project(&format!(
        "package main\n{GENERATE}func main() {{ wrong }}\n"
    ));
    let build = || boll(&env, &["build", "hello"]).fails(2);
    build().says(&[
        "building with `go build` failed",
        "main.go:3:15: undefined: wrong",
    ]);
    assert!(!build().stderr.contains("go generate"), "they are there");

    let main = env.current().join("hello/main.go");
    env.write_newer("hello/main.go", "package main\nfunc main() {}\n", &main);
    fs::remove_dir_all(env.current().join("hello/gen")).expect("bindings");
    build().says(&["has to say `//go:generate boll bindings wit --lang go --world WORLD -o gen`"]);
}

#[test]
fn without_go_it_says_what_to_install() {
    let env = project("package main\n");
    let without = |args: &[&str]| env.boll_on(env.current(), args);
    let wanted = "`go` is missing: install Go 1.25 or newer, from https://go.dev/dl";
    without(&["build", "hello"]).fails(4).says(&[wanted]);
    let doctor = without(&["doctor", "--lang", "go"]);
    assert_eq!(doctor.code, 4, "{doctor:#?}");
    assert!(doctor.stdout.contains(wanted), "{doctor:#?}");
}

#[test]
fn a_name_of_gos_own_and_a_path_with_a_dot_are_built_and_a_part_of_the_contract_says_what_lacks() {
    let env = TestEnvironment::new();
    // Go has a package `log`.
    env.boll(&["new", "log", "--lang", "go"]).ends(0);
    boll(&env, &["build", "log"]).ends(0);
    boll(&env, &["test", "log"]).ends(0);

    let module = env.current().join("log/go.mod");
    let text = fs::read_to_string(&module).expect("it");
    let dotted = text.replace("module capsule-log", "module example.com/ada/my.capsule");
    assert_ne!(text, dotted);
    env.write_newer("log/go.mod", dotted, &module);
    env.write(
        "log/wit/own.wit",
        "package boll:capsule@0.2.0;\n\
         interface mail { send: func(data: list<u8>) -> list<u8>; }\n\
         world mine { include capsule; import mail; }\n\
         world small { import boll:log/log@0.2.0; export boll:hook/handler@0.2.0; }\n",
    );
    let main = env.current().join("log/main.go");
    let text = fs::read_to_string(&main).expect("it");
    let world = |world: &str| {
        let world = format!("--world {world} ");
        env.write_newer(
            "log/main.go",
            text.replace("--world capsule ", &world),
            &main,
        );
        boll(&env, &["build", "log"])
    };
    world("mine").ends(0);
    fs::remove_dir_all(env.current().join("log/gen")).expect("bindings");
    world("small").fails(2).says(&[
        "building with `go build` failed",
        "let your world say `include capsule;`",
    ]);
}

#[test]
fn the_library_does_what_its_cases_say() {
    let env = TestEnvironment::new().at(root());
    boll(&env, &["test", "tests/guests/go-library", "--strict"]).ends(0);
}

#[test]
fn the_library_and_the_examples_are_as_go_has_them() {
    let env = TestEnvironment::new().at(root());
    boll(&env, &["build", "tests/guests/go-library"]).ends(0);
    let run = |program: &str, args: &[&str], folder: &str| {
        let mut command = env.command(program);
        command.args(args).current_dir(root().join(folder));
        command.envs([("GOOS", "wasip1"), ("GOARCH", "wasm")]);
        Run::of(command.env("PATH", go::path()).output().expect("it starts"))
            .ends(0)
            .stdout
    };
    run("go", &["vet", ".", "boll/..."], "tests/guests/go-library");
    let gofmt = run("go", &["env", "GOROOT"], "tests").trim_end().to_owned() + "/bin/gofmt";
    let mut sources = vec![
        "guest-sdk/go".to_owned(),
        "host/cli/templates/go".to_owned(),
        "host/cli/src/toolchain/bindings/go".to_owned(),
        "tests/guests/go-library/main.go".to_owned(),
    ];
    let example = |scenario| format!("examples/{scenario}/go/main.go");
    sources.extend(SCENARIOS.map(example));
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    assert_eq!(run(&gofmt, &[&["-l"], &sources[..]].concat(), ""), "");
}

/// Go's collector asks the host for the time, which cannot be called while it waits
/// for memory for an answer; and what it was given memory for is let go again.
#[test]
fn a_long_call_collects_what_the_host_answered() {
    let env = project(&format!(
        r#"package main

import (
	"io"
	"strings"

	"boll"
)

{GENERATE}
func init() {{ boll.Action("greet", greet) }}
func main() {{}}

func greet(event boll.Event) (any, error) {{
	for range 300_000 {{
		if boll.Config("greeting") == "" {{
			return nil, nil
		}}
	}}
	zeros := boll.Command("head", "-c", "60000000", "/dev/zero")
	zeros.Capture = 64 << 20
	child, err := zeros.Start()
	if err != nil {{
		return nil, err
	}}
	read, err := io.Copy(io.Discard, child.Stdout)
	if err != nil {{
		return nil, err
	}}
	return []any{{read, len(strings.Repeat(string(event.Payload), 2)), len(event.Payload)}}, child.Close()
}}
"#
    ));
    let manifest = env.current().join("hello/Capsule.toml");
    let asked = "[[process]]\nprogram = \"head\"\nargs = [\"**\"]\n";
    let text = fs::read_to_string(&manifest).expect("a manifest") + asked;
    fs::write(manifest, text).expect("written");
    env.write("payload", "x".repeat(5_000_000));
    let args = [
        "run",
        "hello",
        "--allow",
        "process:head **",
        "--build",
        "--payload-file",
        "payload",
    ];
    let run = boll(&env, &args).ends(0);
    assert_eq!(run.stdout, "[60000000,10000000,5000000]");
}
