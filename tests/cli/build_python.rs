//! `boll build` of a capsule in Python: its environment, its component, its errors.

use std::fs;

use crate::support::environment::TestEnvironment;

const PYPROJECT: &str = "[project]\nname = \"hello\"\nversion = \"1.0.0\"\n\
     [dependency-groups]\nbuild = [\"componentize-py==0.25.1\"]\n\
     [tool.boll]\npath = [\"src\"]\n";

const APP: &str = r#"from wit_world import exports
from wit_world.imports import log
from wit_world.imports.types import Reply_Final


class Handler(exports.Handler):
    def handle(self, action, event):
        log.emit(log.Level.INFO, f"asked to {action}", [])
        return Reply_Final(b"hello " + event.payload)
"#;

/// A capsule in Python, written by hand.
fn project() -> TestEnvironment {
    TestEnvironment::with_greeter(&[("pyproject.toml", PYPROJECT), ("src/app.py", APP)])
}

#[test]
fn a_capsule_in_python_is_built_once_runs_and_shows_its_errors() {
    let env = project();
    let run = env
        .boll(&["run", ".", "--build", "--payload", "world"])
        .ends(0)
        .says(&["installing componentize-py==0.25.1", "building `app`"]);
    assert_eq!(run.stdout, "hello world");
    assert_eq!(run.messages(), ["asked to greet"]);

    let build = || env.boll(&["build", "--output", "json"]).ends(0);
    assert_eq!(build().json()["fresh"], true);
    // What is no source makes nothing stale.
    env.write("cases/one.toml", "");
    assert_eq!(build().stderr, "");

    let component = env.current().join("dist/capsule.wasm");
    let before = fs::read(&component).expect("the component");
    env.write_newer("src/app.py", "from nowhere import nothing\n", &component);
    let run = env.boll(&["build"]).fails(2).says(&[
        "building `app` with componentize-py failed",
        "No module named 'nowhere'",
    ]);
    assert!(!run.stderr.contains("installing"), "{run:#?}");
    assert_eq!(fs::read(&component).expect("the component"), before);

    // An environment, or an installation, that was interrupted is made again.
    let unfinished = env.current().join(".venv/boll-unfinished.txt");
    assert!(!unfinished.exists());
    let packages = env.current().join(".venv/bin/componentize-py");
    for (begun, says) in [
        (
            "the environment is being made",
            &["making the virtual environment", "installing"][..],
        ),
        ("packages are being installed", &["installing"]),
    ] {
        fs::write(&unfinished, begun).expect("written");
        fs::remove_file(&packages).expect("removed");
        let app = format!("{APP}# {begun}\n");
        env.write_newer("src/app.py", app, &component);
        env.boll(&["build"]).ends(0).says(says);
        assert!(!unfinished.exists() && packages.exists());
    }
}

#[test]
fn without_python_it_says_what_to_install() {
    let env = project();
    env.boll_on(env.current(), &["build"])
        .fails(4)
        .says(&["`python3` is missing", "python3-venv"]);
}

#[test]
fn what_is_wrong_in_the_project_has_its_place() {
    let env = project();
    env.write(
        "pyproject.toml",
        PYPROJECT.replace("path = ", "modul = \"main\"\npath = "),
    );
    env.boll(&["build"])
        .fails(2)
        .says(&["pyproject.toml:7:1", "unknown key `modul`", "`module`"]);
    env.write("pyproject.toml", "[project]\nname = \"hello\"\n");
    env.boll(&["build"]).fails(2).says(&[
        "nothing here asks for componentize-py",
        "[dependency-groups]",
    ]);
}
