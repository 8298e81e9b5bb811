//! Grants: what a capsule asks for is refused until the operator allows it.

use crate::support::environment::{Run, TestEnvironment};
use crate::support::repository::Repository;
use crate::{GIT_LOG, example};

/// Pastes the line that a refusal gives, as a user would.
fn paste(env: &TestEnvironment, refused: &Run) -> Run {
    let mut lines = refused.stderr.lines();
    lines
        .find(|line| line.ends_with("to allow it for one run:"))
        .expect("the hint");
    let line = lines.next().expect("a line to paste");
    Run::of(env.command("sh").args(["-c", line]).output().expect("sh"))
}

#[test]
fn what_was_not_granted_is_refused_with_a_line_that_works() {
    let repository = Repository::with_commits();
    let env = TestEnvironment::new().at(repository.path());
    let refused = env.boll(&["run", &example("rust")]).fails(3).says(&[
        "error: git-report needs permissions that have not been granted: \
         \"process:git log **\"",
        "[capsule.git-report]",
    ]);
    assert!(refused.log().is_empty(), "the capsule was not called");
    let run = paste(&env, &refused).ends(0);
    assert_eq!(run.json(), repository.expected_report(1000));
}

#[test]
fn the_line_repeats_what_the_run_was_given() {
    let repository = Repository::with_commits();
    let rust = example("rust");
    let env = TestEnvironment::new();
    std::os::unix::fs::symlink(&rust, env.current().join("a capsule's folder")).expect("a link");
    let refused = env
        .boll(&[
            "run",
            "a capsule's folder",
            "report",
            "--workspace",
            repository.name(),
            "--config",
            "limit=2",
            "--config",
            "label=two words; $HOME",
        ])
        .fails(3);
    let run = paste(&env, &refused).ends(0);
    assert_eq!(run.json()["commits"], 2);
    assert_eq!(run.json()["repository"], "two words; $HOME");
}

#[test]
fn the_lines_for_the_operators_file_work_too() {
    let repository = Repository::with_commits();
    let env = TestEnvironment::new().at(repository.path());
    let rust = example("rust");
    let refused = env.boll(&["run", &rust]).fails(3);
    let lines: Vec<&str> = refused
        .stderr
        .lines()
        .map(str::trim_start)
        .map(|line| line.trim_start_matches(['|', '=', ' ']))
        .filter(|line| {
            ["[capsule.", "digest = ", "allow = "]
                .iter()
                .any(|start| line.starts_with(start))
        })
        .collect();
    assert_eq!(lines.len(), 3, "{}", refused.stderr);
    assert!(
        refused
            .stderr
            .contains(env.operator().to_str().expect("UTF-8"))
    );
    env.grant(&lines.join("\n"));
    env.boll(&["run", &rust]).ends(0);
}

#[test]
fn a_refusal_as_json_has_the_hints() {
    let env = TestEnvironment::new();
    let run = env
        .boll(&["run", &example("rust"), "--output", "json"])
        .fails(3);
    let last = run.stderr.lines().last().expect("a line");
    let error: serde_json::Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(error["exit"], 3);
    let hint = error["hints"][0].as_str().expect("a hint");
    assert!(hint.contains("--allow"), "{hint}");
}

#[test]
fn a_narrower_grant_than_asked_for_is_enough_to_start_and_holds() {
    let repository = Repository::with_commits();
    let env = TestEnvironment::new().at(repository.path());
    let rust = example("rust");
    let narrow = "process:git log --oneline";
    env.boll(&["run", &rust, "--allow", narrow])
        .fails(1)
        .says(&["the capability `process:git` is missing"]);
    env.boll(&["run", &rust, "--allow", "process:git push **"])
        .fails(3);
    env.boll(&["run", &rust, "--allow", "process:git"]).ends(0);
}

#[test]
fn a_grant_that_is_none_is_refused_as_an_argument() {
    let env = TestEnvironment::new();
    let rust = example("rust");
    for (grant, complaint) in [
        (
            "git",
            "grants are `process:PROGRAM [ARGS]`, `files:PATH [PLACE]`, \
             `files-write:PATH [PLACE]`, `network:HOST:PORT`, `workspace:write`, \
             `workspace:git`, `network:host`, `sandbox:none`, `publish:TOPIC`, `subscribe:TOPIC` and \
             `interface:NAME`",
        ),
        ("process:", "names no program"),
        ("process:git '", "a quote is not closed"),
    ] {
        env.boll(&["run", &rust, "--allow", grant])
            .fails(2)
            .says(&[complaint]);
    }
}

#[test]
fn a_grant_beyond_the_manifest_gives_nothing() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    let payload = r#"{"program":"touch","args":["made"]}"#;
    let run = env
        .boll(&[
            "run",
            &guests,
            "run",
            "--payload",
            payload,
            "--allow",
            "process:touch",
            "--allow",
            "process:true",
            "--allow",
            "workspace:write",
        ])
        .ends(0);
    assert_eq!(run.json()["err"]["denied"]["capability"], "process:touch");
    assert!(!env.current().join("made").exists());
}

#[test]
fn a_grant_for_this_run_is_not_kept() {
    let repository = Repository::with_commits();
    let env = TestEnvironment::new().at(repository.path());
    let rust = example("rust");
    env.boll(&["run", &rust, "--allow", GIT_LOG]).ends(0);
    assert!(!env.operator().exists());
    env.boll(&["run", &rust]).fails(3);
}

#[test]
fn grants_for_good_are_listed_and_taken_back_and_the_rest_of_the_file_stays() {
    let env = TestEnvironment::new();
    let text = "# mine\r\n[capsule.guests]\r\ndigest = \"any\" # every build\r\nallow = [\r\n  \
                \"process:true\", # one\r\n  \"process:echo hi\", # two\r\n]\r\n\r\n[process]\r\nruns = 3\r\n";
    let real = env.write("dotfiles/boll.toml", text);
    std::fs::create_dir_all(env.operator().parent().expect("a folder")).expect("a folder");
    std::os::unix::fs::symlink(&real, env.operator()).expect("a link");
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    env.boll(&["run", &guests, "nothing"]).ends(0);
    let list = env.boll(&["grants", "list"]).ends(0);
    assert_eq!(
        list.stdout,
        "guests any\n  process:true  (line 5)\n  process:echo hi  (line 6)\n"
    );
    let none = env.boll(&["grants", "list", "other"]).ends(0);
    assert_eq!(none.stdout, "nothing is granted for good\n");
    env.boll(&["grants", "revoke", "guests", "process:ls"])
        .fails(2)
        .says(&["guests has no grant \"process:ls\"", "\"process:echo hi\""]);
    env.boll(&["grants", "revoke", "other", "--all"])
        .fails(2)
        .says(&["grants nothing to other"]);
    env.boll(&["grants", "revoke", "guests"])
        .fails(2)
        .says(&["--all"]);
    env.boll(&["grants", "revoke", "guests", "process:true"])
        .ends(0);
    assert!(env.operator().is_symlink());
    let left = text.replace("  \"process:true\", # one\r\n", "");
    assert_eq!(std::fs::read_to_string(&real).expect("it"), left);
    env.boll(&["run", &guests, "nothing"]).fails(3);
    env.boll(&["grants", "revoke", "guests", "--all"]).ends(0);
    let left = left.replace("  \"process:echo hi\", # two\r\n", "");
    assert_eq!(std::fs::read_to_string(&real).expect("it"), left);
    let again = env.boll(&["grants", "revoke", "guests", "--all"]).ends(0);
    assert_eq!(again.stdout, "guests has no grants: nothing is revoked\n");
    assert_eq!(std::fs::read_to_string(&real).expect("it"), left);
}

#[test]
fn an_action_that_the_manifest_does_not_list_is_refused_with_those_that_it_lists() {
    let env = TestEnvironment::new();
    let asks = "[[process]]\nprogram = \"true\"\n[[action]]\nname = \"echo\"\n[[action]]\n\
                name = \"nothing\"\n";
    let guests = env.guests(asks);
    env.boll(&["run", &guests, "config"])
        .fails(2)
        .says(&["lists no action `config`", "it has: echo, nothing"]);
    env.boll(&["run", &guests])
        .fails(2)
        .says(&["no default action", "it has: echo, nothing"]);
}

#[test]
fn the_current_folder_is_the_capsule_where_none_is_named() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[action]]\nname = \"echo\"\ndefault = true\n");
    let inside = env.current().join(&guests);
    let run = |args: &[&str]| {
        let mut boll = env.boll_command(args);
        crate::support::environment::Run::of(boll.current_dir(&inside).output().expect("it runs"))
    };
    for args in [
        &["run", "--payload", "hi"][..],
        &["run", "echo", "--payload", "hi"],
        &["run", ".", "echo", "--payload", "hi"],
    ] {
        assert_eq!(run(args).ends(0).stdout, "hi");
    }
    env.boll(&["run"])
        .fails(2)
        .says(&["cannot read ./Capsule.toml"]);
}
