//! What keeps processes in: the operator's file chooses, and nothing else does.

use serde_json::{Value, json};

use crate::support::environment::{Run, TestEnvironment};

const SH: &str = "[[process]]\nprogram = \"sh\"\n";
const LANDLOCK: &str = "[sandbox]\nbackend = \"landlock\"\n";
const NONE: &str = "[sandbox]\nbackend = \"none\"\n";

/// Has a capsule run a script.
fn sh(env: &TestEnvironment, capsule: &str, script: &str, grants: &[&str]) -> Run {
    let payload = json!({"program": "sh", "args": ["-c", script]}).to_string();
    let mut args = vec!["run", capsule, "run", "--payload", &payload];
    for grant in ["process:sh"].iter().chain(grants) {
        args.extend(["--allow", grant]);
    }
    env.boll(&args)
}

fn stdout(run: &Run) -> Value {
    run.json()["ok"]["stdout"]["text"].clone()
}

#[test]
fn landlock_keeps_out_what_it_says_where_the_operator_chooses_it() {
    let env = TestEnvironment::new();
    let capsule = env.guests(SH);
    let outside = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(outside.path(), "secret").expect("written");
    let path = outside.path().display();
    let script = format!("cat {path} || echo refused; ls -d /workspace || echo $PWD");
    let workspace = env.current().canonicalize().expect("a path");

    env.grant(LANDLOCK);
    let run = sh(&env, &capsule, &script, &[]).ends(0);
    let expected = format!("refused\n{}\n", workspace.display());
    assert_eq!(stdout(&run), expected, "{run:#?}");
}

#[test]
fn without_a_sandbox_nothing_runs_but_by_a_grant_and_with_a_line_in_the_log() {
    let env = TestEnvironment::new();
    let capsule = env.guests(SH);
    env.grant(NONE);
    sh(&env, &capsule, "touch ran", &[])
        .fails(3)
        .says(&["\"sandbox:none\""]);
    let granted = ["sandbox:none"];
    let run = sh(&env, &capsule, "echo ran", &granted).ends(0);
    assert_eq!(stdout(&run), "ran\n");
    let told = &run.stderr;
    assert!(!told.contains('\x1b'), "colours are for terminals: {told}");
    let line = told
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find(|line| line["message"] == "starting a process without a sandbox")
        .unwrap_or_else(|| panic!("no line in {told}"));
    assert_eq!(line["level"], "warn");
    let text = line.to_string();
    for part in ["\"sh\"", "process:sh", "\"arguments\":2"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn a_grant_for_no_sandbox_changes_nothing_where_there_is_one() {
    let env = TestEnvironment::new();
    let capsule = env.guests(SH);
    let run = sh(&env, &capsule, "pwd", &["sandbox:none"]).ends(0);
    assert_eq!(stdout(&run), "/workspace\n");
    assert!(!run.stderr.contains("without a sandbox"), "{run:#?}");
}

#[test]
fn neither_a_manifest_nor_a_file_of_the_project_chooses() {
    let env = TestEnvironment::new();
    for text in [LANDLOCK, NONE] {
        let capsule = env.guests(text);
        env.boll(&["run", &capsule, "nothing"]).fails(2);
        let asking = format!("{SH}sandbox = \"none\"\n");
        let capsule = env.guests(&asking);
        env.boll(&["run", &capsule, "nothing"]).fails(2);

        let capsule = env.guests(SH);
        for name in ["boll.toml", ".boll.toml", "boll/boll.toml"] {
            env.write(name, text);
        }
        let run = sh(&env, &capsule, "pwd", &["sandbox:none"]).ends(0);
        assert_eq!(stdout(&run), "/workspace\n");
    }
}

#[test]
fn what_is_chosen_is_said() {
    let env = TestEnvironment::new();
    let capsule = env.guests(SH);
    for (text, name, doctor) in [
        ("", "bubblewrap", "bwrap works"),
        (LANDLOCK, "landlock", "less than bubblewrap"),
        (NONE, "none", "the operator's file has chosen so"),
    ] {
        env.grant(text);
        let row = format!("  sandbox    {name}\n");
        let mut explain = vec!["explain", &capsule, "--allow", "process:sh"];
        explain.extend(["--allow", "sandbox:none", "process", "sh"]);
        let explained = env.boll(&explain).ends(0);
        assert!(explained.stdout.contains(&row), "{explained:#?}");
        let checked = env.boll(&["check", &capsule]).ends(0);
        assert!(checked.stdout.contains(&row), "{checked:#?}");
        let looked = env.boll(&["doctor"]).ends(0);
        assert!(looked.stdout.contains(doctor), "{looked:#?}");
    }
    let looked = env.boll(&["doctor"]).ends(0);
    assert!(looked.stdout.contains("there is no sandbox"), "{looked:#?}");
    // Without a sandbox the grant is among what is missing.
    let checked = env.boll(&["check", &capsule]).ends(0);
    assert!(checked.stdout.contains("sandbox:none"), "{checked:#?}");
    let denied = env.boll(&[
        "explain",
        &capsule,
        "--allow",
        "process:sh",
        "process",
        "sh",
    ]);
    assert_eq!(denied.code, 3);
    let told = &denied.stdout;
    assert!(told.contains("missing    sandbox:none"), "{denied:#?}");
    assert!(
        told.contains("runs arbitrary code without a sandbox"),
        "{denied:#?}"
    );
}

#[test]
fn what_a_backend_cannot_do_has_a_place() {
    let env = TestEnvironment::new();
    let capsule = env.guests(SH);
    let file = env.operator();
    let file = file.to_str().expect("UTF-8");
    for (text, place, complaint) in [
        (
            "[sandbox]\nbackend = \"docker\"\n",
            "2:11",
            "expected one of: bubblewrap, landlock, none",
        ),
        (
            &format!("{LANDLOCK}tmp-mib = 1\n"),
            "3:11",
            "cannot limit this",
        ),
        (
            &format!("{NONE}read-only = [\"/usr\"]\n"),
            "3:14",
            "without a sandbox",
        ),
    ] {
        env.grant(text);
        let place = format!("{file}:{place}");
        env.boll(&["run", &capsule, "nothing", "--allow", "process:sh"])
            .fails(2)
            .says(&[&place, complaint]);
    }
}
