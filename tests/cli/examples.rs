//! The examples: each scenario in every language, which say the same to the byte.

use std::fs;
use std::path::{Path, PathBuf};

use crate::GIT_LOG;
use crate::support::environment::{Run, TestEnvironment};
use crate::support::repository::Repository;
use crate::support::{go, guests, root};

/// Each language, and where the example's code is.
const LANGUAGES: [(&str, &str); 5] = [
    ("rust", "src/lib.rs"),
    ("javascript", "src/capsule.js"),
    ("python", "src/app.py"),
    ("c", "capsule.c"),
    ("go", "main.go"),
];

pub(crate) const SCENARIOS: [&str; 3] = ["git-report", "guard", "repl"];

const PYTHON: &str = "process:python3 -i -u -q";

/// What the guard asks for.
const GUARD: [&str; 2] = ["publish:guard.masked", "subscribe:notes.save"];

fn folder(scenario: &str, language: &str) -> PathBuf {
    root().join("examples").join(scenario).join(language)
}

/// Runs `boll` for the scenario in every language; gives the runs, Rust's first.
fn in_every_language(scenario: &str, at: &Path, before: &[&str], after: &[&str]) -> Vec<Run> {
    guests::prepared();
    let run = |(language, _)| {
        let folder = folder(scenario, language).display().to_string();
        let env = TestEnvironment::new().at(at);
        env.boll_on(go::path(), &[before, &[&folder], after].concat())
    };
    LANGUAGES.map(run).into()
}

/// The same, where all print this and log the same messages.
#[track_caller]
fn all_say(runs: Vec<Run>, expected: &str, messages: &[&str]) {
    for (run, (language, _)) in runs.into_iter().zip(LANGUAGES) {
        let run = run.ends(0);
        assert_eq!(run.stdout, expected, "{language}");
        assert_eq!(run.messages(), messages, "{language}");
    }
}

#[test]
fn a_scenario_has_one_manifest_and_a_language_one_short_file() {
    for scenario in SCENARIOS {
        let read = |language: &str, name: &str| {
            let path = folder(scenario, language).join(name);
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        for (language, source) in LANGUAGES {
            assert_eq!(
                read(language, "Capsule.toml"),
                read("rust", "Capsule.toml"),
                "{scenario} in {language}"
            );
            let lines = read(language, source).lines().count();
            assert!(lines < 80, "{scenario} in {language}: {lines} lines");
        }
    }
}

#[test]
fn every_language_reports_the_same_commits() {
    let repository = Repository::with_commits();
    let messages = ["running git", "git ended", "read the commits"];
    let report = |after: &[&str]| {
        let after = [&["--allow", GIT_LOG], after].concat();
        in_every_language("git-report", repository.path(), &["run"], &after)
    };
    for limit in [1000, 3, 0] {
        let setting = format!("limit={limit}");
        let runs = report(&["--config", &setting]);
        let expected = runs[0].stdout.clone();
        assert_eq!(runs[0].json(), repository.expected_report(limit));
        all_say(runs, &expected, &messages);
    }
    for run in report(&["--config", "label=Bé\"\\"]) {
        assert_eq!(run.ends(0).json()["repository"], "Bé\"\\");
    }
}

#[test]
fn every_language_tells_what_git_complains_about() {
    let env = TestEnvironment::new();
    let after = ["--allow", GIT_LOG];
    for run in in_every_language("git-report", env.current(), &["run"], &after) {
        run.fails(1)
            .says(&["the capsule failed: git: exit status: 128: fatal: not a git repository"]);
    }
}

#[test]
fn the_guard_masks_and_denies_in_every_language() {
    let env = TestEnvironment::new();
    let publish = |payload: &str| {
        let mut after = vec!["--intercept", "--payload", payload];
        let grants = GUARD.map(|grant| format!("guard={grant}"));
        after.extend(grants.iter().flat_map(|grant| ["--allow", grant]));
        in_every_language("guard", env.current(), &["trigger", "notes.save"], &after)
    };
    let masked = "\"a ****** \\\"é\\\" ********\"";
    all_say(publish(r#""a secret \"\u00e9\" password""#), masked, &[]);
    all_say(publish(r#""plain""#), "\"plain\"", &[]);
    for run in publish(r#"" \n""#) {
        run.fails(1).says(&["guard denied: a note needs some text"]);
    }
    for run in publish("3") {
        run.fails(1).says(&["guard stopped it"]);
    }
}

#[test]
fn one_python_answers_in_every_language() {
    let env = TestEnvironment::new();
    let expressions = "(x := 6)\n\n x * 7\r\n1 / 0\n'hé\\n\"' * 2\nexit()\nx +\n[x, {}]";
    let after = ["--allow", PYTHON, "--payload", expressions];
    let answers = "[\"6\",\"42\",\"ZeroDivisionError: division by zero\",\
                   \"'hé\\\\n\\\"hé\\\\n\\\"'\",\"SystemExit: None\",\
                   \"SyntaxError: invalid syntax (<string>, line 1)\",\"[6, {}]\"]";
    let runs = in_every_language("repl", env.current(), &["run"], &after);
    all_say(runs, answers, &["Python ended"]);

    let after = ["--allow", PYTHON, "--payload", "\n"];
    let runs = in_every_language("repl", env.current(), &["run"], &after);
    all_say(runs, "[]", &["Python ended"]);
}

#[test]
fn nothing_runs_without_its_grants_in_any_language() {
    let env = TestEnvironment::new();
    for (scenario, action, missing) in [
        ("git-report", "report", &[GIT_LOG][..]),
        ("guard", "review", &GUARD),
        ("repl", "evaluate", &[PYTHON]),
    ] {
        for run in in_every_language(scenario, env.current(), &["run"], &[action]) {
            run.fails(3).says(missing);
        }
    }
}

#[test]
fn every_language_passes_the_same_cases() {
    let env = TestEnvironment::new();
    for (scenario, file) in SCENARIOS.into_iter().zip(["report", "review", "evaluate"]) {
        let cases = |language| {
            let path = folder(scenario, language).join(format!("cases/{file}.toml"));
            fs::read_to_string(path).expect("cases")
        };
        for (language, _) in LANGUAGES {
            assert_eq!(cases(language), cases("rust"), "{scenario} in {language}");
        }
        for run in in_every_language(scenario, env.current(), &["test"], &["--strict"]) {
            run.ends(0);
        }
    }
}

#[test]
fn the_libraries_pass_their_own_tests() {
    let env = TestEnvironment::new();
    for (library, program, args) in [
        ("js", "npm", &["test"][..]),
        (
            "python",
            "python3",
            &["-m", "unittest", "discover", "-t", ".", "tests"],
        ),
    ] {
        let mut tests = env.command(program);
        let tests = tests
            .args(args)
            .current_dir(root().join("guest-sdk").join(library));
        let ended = tests.output().expect("the tests start");
        assert!(ended.status.success(), "{library}: {ended:?}");
    }
}
