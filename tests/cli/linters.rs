//! What `boll new` writes passes the linters, formatters and type checkers of its language.

use std::fs;
use std::path::Path;

use crate::support::environment::{Run, TestEnvironment};
use crate::support::guests::prepared;
use crate::support::linters;

/// A new project, whose tools are found.
struct Project(TestEnvironment);

impl Project {
    fn new(language: &str) -> Self {
        prepared();
        let project = Self(TestEnvironment::new());
        project.0.boll(&["new", "mine", "--lang", language]).ends(0);
        project
    }

    fn folder(&self) -> std::path::PathBuf {
        self.0.current().join("mine")
    }

    fn build(&self) -> Run {
        self.0.boll_on(linters::path(), &["build", "mine"]).ends(0)
    }

    /// Runs one of the tools in the project.
    fn run(&self, line: &[&str]) -> Run {
        let mut command = self.0.command(line[0]);
        command.args(&line[1..]).current_dir(self.folder());
        command.env("PATH", linters::path());
        // What a project in Rust depends on is compiled once for all runs.
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new");
        command.env("CARGO_TARGET_DIR", target);
        Run::of(command.output().expect("it starts"))
    }

    fn passes(&self, line: &[&str]) -> Run {
        self.run(line).ends(0)
    }
}

#[test]
fn a_project_in_rust_passes_clippy_rustfmt_and_its_tests() {
    let project = Project::new("rust");
    project.passes(&["cargo", "fmt", "--all", "--check"]);
    let clippy = ["cargo", "clippy", "--workspace", "--all-targets"];
    project.passes(&[&clippy[..], &["--", "-D", "warnings"]].concat());
    let tested = project.passes(&["cargo", "test", "--workspace"]);
    assert!(tested.stdout.contains("1 passed"), "{tested:#?}");
}

#[test]
fn a_project_in_python_passes_ruff_mypy_and_pyright() {
    let project = Project::new("python");
    project.build();
    let all = |project: &Project| {
        project.passes(&["ruff", "check"]);
        project.passes(&["ruff", "format", "--check"]);
        project.passes(&["mypy", "--strict"]);
        project.passes(&["pyright"]);
    };
    all(&project);
    // The library, too, of which they take the types.
    project.passes(&["mypy", "--strict", "src", "sdk"]);
    project.passes(&["pyright", "src", "sdk"]);
    // What they leave behind is no source.
    assert!(project.folder().join(".mypy_cache").is_dir());
    let again = project.0.boll(&["build", "mine", "--output", "json"]);
    assert_eq!(again.ends(0).json()["fresh"], true);

    // They know the types of the library and of the contract.
    let app = project.folder().join("src/app.py");
    let right = fs::read_to_string(&app).expect("the module");
    for wrong in [
        right.replace("event.text()", "event.txt()"),
        right.replace("config.get(\"greeting\")", "config.get(3)"),
        format!("{right}\n\nfrom wit_world.imports import log as raw\n\nraw.enabled(3)\n"),
    ] {
        assert_ne!(wrong, right);
        fs::write(&app, wrong).expect("written");
        for tool in [&["mypy", "--strict"][..], &["pyright"]] {
            let run = project.run(tool);
            assert_eq!(run.code, 1, "{tool:?}: {run:#?}");
            assert!(run.stdout.contains("src/app.py:"), "{run:#?}");
        }
    }
}

#[test]
fn a_project_in_go_passes_vet_and_gofmt_and_is_tested_without_settings() {
    let project = Project::new("go");
    project.build();
    let gofmt = project.passes(&["go", "env", "GOROOT"]).stdout;
    let gofmt = format!("{}/bin/gofmt", gofmt.trim_end());
    assert_eq!(project.passes(&[&gofmt, "-l", "."]).stdout, "");
    // An editor asks for this machine, and for the capsule's only where that is set.
    project.passes(&["go", "vet", "./...", "boll/..."]);
    let wasm = ["env", "GOOS=wasip1", "GOARCH=wasm", "go", "vet", "./..."];
    project.passes(&wasm);
    let test = "package main\n\nimport (\n\t\"log/slog\"\n\t\"strings\"\n\t\"testing\"\n\n\t\"boll\"\n)\n\n\
        func TestOutsideOfACapsule(t *testing.T) {\n\tslog.Info(\"a line\")\n\
        \tdefer func() {\n\t\tsaid, _ := recover().(string)\n\
        \t\tif !strings.Contains(said, \"only a host of capsules has boll:config/config@\") {\n\
        \t\t\tt.Fatal(said)\n\t\t}\n\t}()\n\tboll.Config(\"greeting\")\n}\n";
    fs::write(project.folder().join("main_test.go"), test).expect("written");
    project.passes(&["go", "test", "./..."]);
    assert_eq!(project.passes(&[&gofmt, "-l", "."]).stdout, "");
}

#[test]
fn a_project_in_c_compiles_without_a_warning_as_it_says_to_tools() {
    let project = Project::new("c");
    let built = project.build();
    assert!(!built.stderr.contains("warning"), "{built:#?}");
    let text = fs::read_to_string(project.folder().join("compile_commands.json"));
    let database: serde_json::Value = serde_json::from_str(&text.expect("it")).expect("JSON");
    let files = database.as_array().expect("a list");
    assert_eq!(files.len(), 1);
    assert_eq!(files[0]["file"], "src/capsule.c");
    assert_eq!(
        files[0]["directory"],
        project.folder().to_str().expect("UTF-8")
    );
    let command = files[0]["command"].as_str().expect("a command");
    let options = "-Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only";
    project.passes(&["sh", "-c", &format!("{command} {options}")]);
    // It is no source, and another file of the project comes into it.
    let again = project.0.boll(&["check", "mine"]).ends(0);
    assert!(!again.stderr.contains("stale"), "{again:#?}");
    fs::write(project.folder().join("src/more.c"), "int more = 1;\n").expect("written");
    project.build();
    let text = fs::read_to_string(project.folder().join("compile_commands.json"));
    assert!(text.expect("it").contains("\"src/more.c\""));
}
