//! Processes of a capsule, as the command line sets them up.

use std::fs;

use serde_json::{Value, json};

use crate::support::environment::TestEnvironment;
use crate::support::repository::Repository;

const SH: &str = "[[process]]\nprogram = \"sh\"\n";
const SH_WRITES: &str = "[[process]]\nprogram = \"sh\"\nworkspace = \"read-write\"\n";

fn run(env: &TestEnvironment, capsule: &str, payload: &Value, more: &[&str]) -> Value {
    let payload = payload.to_string();
    let args = [&["run", capsule, "run", "--payload", &payload], more].concat();
    env.boll(&args).ends(0).json()
}

#[test]
fn the_workspace_is_read_only_unless_asked_for_and_granted() {
    let env = TestEnvironment::new();
    fs::create_dir(env.current().join("files")).expect("a folder");
    env.write("files/file", "as it was");
    let touch = json!({"program": "sh", "args": ["-c", "echo changed > file; cat file"]});
    let here = ["--workspace", "files", "--allow", "process:sh"];
    let writing = [&here[..], &["--allow", "workspace:write"]].concat();

    let reads = env.guests(SH);
    for more in [&here[..], &writing] {
        let reply = run(&env, &reads, &touch, more);
        assert_eq!(reply["ok"]["stdout"]["text"], "as it was", "{reply}");
    }
    let writes = env.guests(SH_WRITES);
    let payload = touch.to_string();
    let refused = [&["run", &writes, "run", "--payload", &payload], &here[..]].concat();
    env.boll(&refused).fails(3).says(&["\"workspace:write\""]);
    let content = || fs::read_to_string(env.current().join("files/file")).expect("the file");
    assert_eq!(content(), "as it was");

    let reply = run(&env, &writes, &touch, &writing);
    assert_eq!(reply["ok"]["stdout"]["text"], "changed\n", "{reply}");
    assert_eq!(content(), "changed\n");
}

#[test]
fn what_is_denied_is_shown_with_its_arguments_and_a_line_that_explains_it() {
    let env = TestEnvironment::new();
    env.write("a b/x", "");
    let guests = env.guests("[[process]]\nprogram = \"sh\"\nargs = [\"-c\", \"true\"]\n");
    let payload = json!({"program": "sh", "args": ["-c", "echo 'a b'"]}).to_string();
    let args = ["run", &guests, "run", "--payload", &payload];
    let more = ["--workspace", "a b", "--allow", "process:sh -c true"];
    let run = env.boll(&[&args[..], &more].concat()).ends(0).says(&[
        r#"denied: process sh -c "echo 'a b'"; to see why:"#,
        r#"explain --workspace 'a b' --allow 'process:sh -c true' guests process sh -c "#,
    ]);
    let line = run.stderr.lines().find(|line| line.contains(" explain "));
    let words = shlex::split(line.expect("a line")).expect("words");
    let words: Vec<&str> = words[1..].iter().map(String::as_str).collect();
    let explained = env.boll(&words);
    assert!(
        explained
            .stdout
            .contains("no [[process]] of the manifest matches these arguments"),
        "{explained:#?}"
    );
    // Nothing was denied.
    let payload = json!({"program": "sh", "args": ["-c", "true"]}).to_string();
    let args = ["run", &guests, "run", "--payload", &payload];
    let run = env.boll(&[&args[..], &more].concat()).ends(0);
    assert!(!run.stderr.contains("denied"), "{run:#?}");
}

#[test]
fn a_program_that_is_not_there_is_named() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"no-such-program\"\n");
    let reply = run(
        &env,
        &guests,
        &json!({"program": "no-such-program"}),
        &["--allow", "process:no-such-program"],
    );
    let text = reply["err"]["not-found"].as_str().expect("not found");
    assert!(text.contains("`no-such-program`"), "{text}");
}

#[test]
fn what_the_program_prints_to_the_log_has_its_name() {
    let env = TestEnvironment::new();
    let guests = env.guests(SH);
    let payload = json!({"program": "sh", "args": ["-c", "echo out; echo err >&2"],
                         "stdout": "log", "stderr": "log", "label": "speaker"});
    let payload = payload.to_string();
    let run = env
        .boll(&[
            "run",
            &guests,
            "run",
            "--payload",
            &payload,
            "--allow",
            "process:sh",
        ])
        .ends(0);
    let mut lines: Vec<_> = run
        .log()
        .iter()
        .map(|line| ["child", "source", "message"].map(|key| line[key].clone()))
        .collect();
    lines.sort_by_key(|line| line[2].to_string());
    assert_eq!(
        lines,
        [["speaker", "stderr", "err"], ["speaker", "stdout", "out"]]
            .map(|line| line.map(Value::from))
    );
}

#[test]
fn nothing_of_the_users_environment_reaches_the_program() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"env\"\n");
    let output = env
        .boll_command(&[
            "run",
            &guests,
            "run",
            "--payload",
            r#"{"program":"env"}"#,
            "--allow",
            "process:env",
        ])
        .env("PLANTED", "secret")
        .output()
        .expect("boll starts");
    let run = crate::support::environment::Run::of(output).ends(0);
    assert!(!run.stdout.contains("PLANTED"), "{}", run.stdout);
    assert!(run.stdout.contains("PATH="), "{}", run.stdout);
}

#[test]
fn git_that_another_program_starts_is_refused_with_the_grant_that_it_lacks() {
    let repository = Repository::empty();
    let env = TestEnvironment::new();
    let guests = env.guests(
        "[[process]]\nprogram = \"sh\"\nworkspace = \"read-write\"\n\
         [[process]]\nprogram = \"git\"\nworkspace = \"read-write\"\n",
    );
    let run = |program: &str, args: &[&str]| {
        let payload = json!({"program": program, "args": args}).to_string();
        let workspace = repository.path().display().to_string();
        let args = [
            "run",
            &*guests,
            "run",
            "--workspace",
            &workspace,
            "--payload",
            &payload,
        ];
        let allowed = ["process:sh", "process:git", "workspace:write"];
        let allowed = allowed.map(|grant| ["--allow", grant]).concat();
        env.boll(&[&args[..], &allowed].concat()).ends(0).stderr
    };
    for script in [
        "touch new; git add new",
        "git commit --allow-empty -m x || true",
        "cd . && exec git config a.b c",
    ] {
        let told = run("sh", &["-c", script]);
        assert!(told.contains("workspace:git"), "{script}: {told}");
    }
    assert!(run("git", &["add", "."]).contains("workspace:git"));
    for script in ["touch newer; git status", "ls /no/such", "cat .git/none"] {
        let told = run("sh", &["-c", script]);
        assert!(!told.contains("workspace:git"), "{script}: {told}");
    }
}
