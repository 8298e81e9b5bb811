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
        "  File \"src/app.py\", line 1, in <module>",
        "No module named 'nowhere'",
    ]);
    // Nothing of what stands between Boll and the project.
    for other in [
        "installing",
        "boll_entry",
        "AssertionError",
        "importlib",
        "anyhow",
    ] {
        assert!(!run.stderr.contains(other), "{run:#?}");
    }
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
fn a_syntax_error_is_found_at_once_in_what_is_imported_and_nowhere_else() {
    let env = project();
    env.boll(&["build", "--quiet"]).ends(0);
    // Nobody imports it.
    env.write("src/unused.py", "def (:\n");
    env.write("src/deep/__init__.py", "from . import inner\n");
    for (wrong, line, said) in [
        ("def f(x:\n    return x\n", 1, "was never closed"),
        ("a = 1\nif a:\nb = 2\n", 3, "expected an indented block"),
        ("a = 'b\n", 1, "unterminated string literal"),
        ("return 3\n", 1, "'return' outside function"),
        (
            "def f(x):\n    print(f\"{x}: {x['a']}\"\n    return 1\n",
            2,
            "was never closed",
        ),
    ] {
        env.write("src/deep/inner.py", wrong);
        env.write("src/app.py", format!("import deep\n{APP}"));
        let place = format!("  File \"src/deep/inner.py\", line {line}");
        let run = env.boll(&["build"]).fails(2);
        let run = run.says(&["`app` has a syntax error", &place, said]);
        // It was not waited for componentize-py, which takes seconds.
        assert!(!run.stderr.contains("componentize-py"), "{run:#?}");
    }
    // What is newer than the Python that looks is not judged: the capsule's own has it.
    let newer = "def first[T](all: list[T]) -> T:\n    return all[0]\n\n\
         def quoted(x):\n    return f\"{x[\"a\"]}\"\n\n\
         def caught():\n    try:\n        return 1\n    except KeyError, ValueError:\n        return 2\n";
    env.write("src/deep/inner.py", newer);
    env.boll(&["build"]).ends(0);
}

#[test]
fn tracebacks_have_the_projects_own_files_and_lines() {
    let env = project();
    env.boll(&["new", "mine", "--lang", "python"]).ends(0);
    env.write(
        "mine/src/helper.py",
        "def deep(text):\n    return {}[text]\n",
    );
    env.write(
        "mine/src/app.py",
        "from boll import Capsule, action\n\nimport helper\n\n\nclass Handler(Capsule):\n    \
         @action\n    def greet(self, event):\n        return helper.deep(event.text())\n",
    );
    let run = env.boll(&["run", "mine", "--payload", "x"]).fails(1);
    assert_eq!(
        run.messages(),
        [
            "Traceback (most recent call last):",
            "  File \"src/app.py\", line 9, in greet",
            "    return helper.deep(event.text())",
            "           ~~~~~~~~~~~^^^^^^^^^^^^^^",
            "  File \"src/helper.py\", line 2, in deep",
            "    return {}[text]",
            "           ~~^^^^^^",
            "KeyError: 'x'",
        ]
    );
    run.says(&["the capsule failed: KeyError: 'x'"]);

    // A project that was moved has an environment whose programs name another place.
    let moved = env.current().join("moved");
    fs::rename(env.current().join("mine"), &moved).expect("moved");
    env.write("moved/src/helper.py", "def deep(text:\n");
    env.boll(&["build", "moved"]).fails(2).says(&[
        "making the virtual environment .venv",
        "installing componentize-py",
        "  File \"src/helper.py\", line 1",
    ]);
    let program = fs::read_to_string(moved.join(".venv/bin/pip")).expect("a script");
    assert!(program.contains("/moved/.venv/bin/python"), "{program}");
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
