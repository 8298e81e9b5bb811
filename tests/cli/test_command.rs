//! `boll test`: a capsule's own cases.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::example;
use crate::support::environment::{Piped, Run, TestEnvironment};
use crate::support::eventually;
use crate::support::repository::Repository;

/// No machine has it.
const TOOL: &str = "a-tool-that-no-machine-has";

/// What the capsule of these tests asks for.
fn manifest() -> String {
    format!(
        "[[process]]\nprogram = \"{TOOL}\"\nargs = [\"run\", \"**\"]\n\n\
         [[publish]]\ntopic = \"news.*\"\n\n\
         [[hook]]\ntopic = \"told\"\naction = \"deny\"\n\n\
         [config.name]\ntype = \"string\"\n\n\
         [[action]]\nname = \"echo\"\ndefault = true\n\n[[action]]\nname = \"run\"\n"
    )
}

/// Runs cases of that capsule.
fn run(cases: &str, more: &[&str]) -> Run {
    let env = TestEnvironment::new();
    let folder = env.guests(&manifest());
    env.write(&format!("{folder}/cases/all.toml"), cases);
    env.boll(&[&["test", &folder, "--trust"][..], more].concat())
}

const PASSES: &str = "[[case]]\nname = \"echoes\"\npayload = \"x\"\nexpect = { reply = \"x\" }\n";

/// A case that runs the tool, with more in it.
fn running(more: &str) -> String {
    let command = json!({"program": TOOL, "args": ["run", "it"], "stdout": "log"});
    format!("[[case]]\nname = \"runs\"\naction = \"run\"\npayload-json = '{command}'\n{more}")
}

#[test]
fn the_example_passes_its_own_cases() {
    let env = TestEnvironment::new();
    let tested = env.boll(&["test", &example("rust"), "--strict"]).ends(0);
    assert!(tested.stdout.contains(" 0 failed\n"), "{}", tested.stdout);
}

#[test]
fn a_case_that_fails_shows_what_was_expected_and_found() {
    let cases = format!(
        "{PASSES}[[case]]\nname = \"differs\"\npayload-json = {{ a = 1, b = [1, 2] }}\n\
         expect = {{ reply-json = {{ a = 1, b = [1, 3] }} }}\n\
         [[case]]\nname = \"fails\"\naction = \"fail\"\npayload = \"because\"\n\
         expect = {{ denied = \"because\" }}\n"
    );
    let tested = run(&cases, &["--only", "f"]).ends(1);
    assert!(
        tested.stderr.contains("error: 2 of 2 cases failed"),
        "{}",
        tested.stderr
    );
    let steady: Vec<&str> = tested.stdout.lines().collect();
    // The time differs from run to run.
    let steady: Vec<&str> = steady
        .iter()
        .map(|line| line.split(" (").next().unwrap_or(line))
        .collect();
    assert_eq!(
        steady,
        [
            "guests 1.0.0",
            "  failed  differs",
            "          guests/cases/all.toml:5",
            "          reply:",
            "            - expected",
            "            + found",
            "              {",
            "                \"a\": 1,",
            "                \"b\": [",
            "                  1,",
            "            -     3",
            "            +     2",
            "                ]",
            "              }",
            "  failed  fails",
            "          guests/cases/all.toml:9",
            "          outcome:",
            "            expected denied: because",
            "            found    failed: because",
            "0 passed, 2 failed",
        ]
    );
}

#[test]
fn processes_are_played_and_what_is_not_scripted_fails_with_the_lines_to_add() {
    let plays = running(&format!(
        "[[case.process]]\nprogram = \"{TOOL}\"\nargs = [\"run\", \"*\"]\nstdout = \"said\\n\"\n\
         [case.expect]\nlog = [{{ message = \"said\" }}]\n"
    ));
    run(&plays, &[]).ends(0);
    let unscripted = run(&running(""), &[]).ends(1);
    for text in [
        &format!("no scripted process is left for `{TOOL} run it`"),
        "[[case.process]]",
        &format!("program = \"{TOOL}\""),
        "args = [\"run\", \"it\"]",
    ] {
        assert!(
            unscripted.stdout.contains(text),
            "{text}: {}",
            unscripted.stdout
        );
    }
    let unused = format!("{PASSES}[[case.process]]\nprogram = \"{TOOL}\"\n");
    // The table before it is an inline one, to which nothing can be added.
    let unused = unused.replace("expect = { reply = \"x\" }\n", "");
    let unused = run(&unused, &[]).ends(1);
    let text = format!("[[case.process]] {TOOL} **:");
    assert!(unused.stdout.contains(&text), "{}", unused.stdout);
}

#[test]
fn a_refusal_is_expected_or_fails_the_case() {
    let denied = "[case.expect]\ndenials = [\"process:a-tool-that-no-machine-has\"]\n";
    run(&running(&format!("grants = []\n{denied}")), &[]).ends(0);
    let unexpected = run(&running("grants = []\n"), &[]).ends(1);
    for text in ["denials:", "expected none", "has not granted it"] {
        assert!(
            unexpected.stdout.contains(text),
            "{text}: {}",
            unexpected.stdout
        );
    }
    let missing = run(
        &PASSES.replace("reply = \"x\"", "denials = [\"publish:a\"]"),
        &[],
    );
    assert!(missing.ends(1).stdout.contains("expected publish:a"));
}

#[test]
fn subscribers_are_scripted_and_a_topic_reaches_the_capsule() {
    let publish = |more: &str| {
        format!(
            "[[case]]\nname = \"publishes\"\naction = \"intercept\"\n\
             payload-json = {{ topic = \"news.first\", payload = \"x\" }}\n{more}"
        )
    };
    let denies = "[[case.hook]]\ntopic = \"news.*\"\ncapsule = \"guard\"\npayload = \"x\"\n\
                  deny = \"no\"\n[case.expect]\n\
                  reply-json = { verdict = \"denied\", capsule = \"guard\", reason = \"no\" }\n";
    run(&publish(denies), &[]).ends(0);
    let other = run(
        &publish(&denies.replace("payload = \"x\"", "payload = \"y\"")),
        &[],
    )
    .ends(1);
    assert!(
        other.stdout.contains("payload for guard of news.first:"),
        "{}",
        other.stdout
    );
    let silent = run(&publish(&denies.replace("news.*", "other.*")), &[]).ends(1);
    assert!(
        silent.stdout.contains("nobody asked it"),
        "{}",
        silent.stdout
    );

    let told = "[[case]]\nname = \"told\"\ntopic = \"told\"\npayload = \"x\"\n\
                expect = { denied = \"x\" }\n";
    run(told, &[]).ends(0);
    let untold = run(&told.replace("topic = \"told\"", "topic = \"other\""), &[]).ends(1);
    let text = "the manifest has no [[hook]] for the topic other";
    assert!(untold.stdout.contains(text), "{}", untold.stdout);
}

#[test]
fn what_no_case_uses_is_a_warning_or_with_strict_a_failure() {
    let tested = run(PASSES, &[]).ends(0);
    let (_, unused) = tested.stdout.split_once("warning: ").expect("a warning");
    assert_eq!(
        unused,
        format!(
            "the manifest asks for what no case uses:\n  \
             [[process]] {TOOL} run ** (guests/Capsule.toml:5)\n  [[publish]] news.*\n  \
             [[hook]] told -> deny\n  [config.name]\n  [[action]] run\n"
        )
    );
    run(PASSES, &["--strict"]).ends(1).says(&[
        "no case uses [[process]]",
        "[config.name]",
        "help: add a case, or ask for less in the manifest",
    ]);
    let all = format!(
        "{PASSES}{}[[case.process]]\nprogram = \"{TOOL}\"\n\
         [[case]]\nname = \"told\"\ntopic = \"told\"\nexpect = {{ denied = \"\" }}\n\
         [[case]]\nname = \"reads\"\naction = \"config\"\npayload = \"name\"\n\
         expect = {{ denials = [\"config:nobody-declares-this\"] }}\n\
         [[case]]\nname = \"publishes\"\naction = \"trigger\"\n\
         payload-json = {{ topic = \"news.x\" }}\n",
        running("")
    );
    let tested = run(&all, &["--strict"]).ends(0);
    assert!(!tested.stdout.contains("warning"), "{}", tested.stdout);
}

#[test]
fn the_result_is_written_as_json_and_as_junit() {
    let cases = format!("{PASSES}[[case]]\nname = \"a < b\"\nexpect = {{ failed = true }}\n");
    let env = TestEnvironment::new();
    let folder = env.guests(&manifest());
    env.write(&format!("{folder}/cases/all.toml"), cases);
    let tested = env.boll(&[
        "test", &folder, "--trust", "--output", "json", "--junit", "out.xml",
    ]);
    let tested = tested.ends(1).json();
    assert_eq!(
        (&tested["passed"], &tested["failed"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(tested["capsule"], "guests");
    let failed = &tested["cases"][1];
    assert_eq!(failed["name"], "a < b");
    assert_eq!(failed["log"], json!([]));
    assert_eq!(
        (&failed["line"], &failed["processes"]),
        (&json!(5), &json!("scripted"))
    );
    assert_eq!(
        failed["differences"],
        json!([{
            "what": "outcome",
            "expected": "failed: any",
            "found": "reply",
            "hint": Value::Null,
        }])
    );
    assert_eq!(
        tested["coverage"][0],
        json!({"kind": "process", "name": format!("{TOOL} run **"), "line": 5, "used": false})
    );

    let file = fs::read_to_string(env.current().join("out.xml")).expect("it is written");
    let printed = env
        .boll(&["test", &folder, "--format", "junit"])
        .ends(1)
        .stdout;
    for text in [file, printed] {
        let report = quick_junit::Report::deserialize_from_str(&text).expect("JUnit");
        let suite = &report.test_suites[0];
        assert_eq!(
            (suite.name.as_str(), suite.tests, suite.failures),
            ("guests", 2, 1)
        );
        assert_eq!(suite.test_cases[1].name.as_str(), "a < b");
    }
}

/// What Python's parser of XML, which is expat, has of a report: the names of its cases
/// and all of its messages.
fn read_by_expat(xml: &str) -> (Vec<String>, String) {
    let read = "import json, sys, xml.etree.ElementTree as tree\n\
                all = tree.parse(sys.stdin.buffer).getroot()\n\
                names = [case.get('name') for case in all.iter('testcase')]\n\
                print(json.dumps([names, ''.join(all.itertext())]))\n";
    let mut python = Command::new("python3")
        .args(["-c", read])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts");
    let mut stdin = python.stdin.take().expect("a pipe");
    stdin.write_all(xml.as_bytes()).expect("written");
    drop(stdin);
    let ended = python.wait_with_output().expect("it ends");
    assert!(ended.status.success(), "{xml}");
    serde_json::from_slice(&ended.stdout).expect("JSON")
}

#[test]
fn no_name_or_reply_breaks_a_report() {
    let odd = "\\u0000\\u0001\\u000b\\u001b[31m\\u009b2J\\u0085\\u2028\\uFFFE\\uFFFF]]>&<";
    let cases = format!(
        "[[case]]\nname = \"n{odd}\"\npayload = \"p{odd}\"\nexpect = {{ reply = \"{odd}\" }}\n\
         [[case]]\nname = \"two\\nok 1 - passed # SKIP\"\n"
    );
    let report = run(&cases, &["--format", "junit"]).ends(1).stdout;
    let (names, text) = read_by_expat(&report);
    assert_eq!(names.len(), 2);
    assert!(names[0].contains("\\u{fffe}\\u{ffff}]]>&<"), "{names:?}");
    assert!(text.contains("\\u{fffe}\\u{ffff}"), "{text}");
    let read = quick_junit::Report::deserialize_from_str(&report).expect("JUnit");
    assert_eq!(read.test_suites[0].test_cases.len(), 2);
    let table = run(&cases, &[]).ends(1).stdout;
    assert!(
        !table.lines().any(|line| line.starts_with("ok 1")),
        "{table}"
    );
}

#[test]
fn a_case_file_that_is_wrong_is_refused_with_its_line() {
    run(&format!("{PASSES}payloud = \"x\"\n"), &[])
        .fails(2)
        .says(&[
            "error: unknown key `payloud`",
            "--> guests/cases/all.toml:5:1",
            "did you mean `payload`?",
        ]);
    run(PASSES, &["--only", "nothing"])
        .fails(2)
        .says(&["no case has `nothing` in its name", "there are: echoes"]);
    let env = TestEnvironment::new();
    let folder = env.guests(&manifest());
    env.boll(&["test", &folder]).fails(2).says(&[
        "guests has no cases in guests/cases",
        "write one into guests/cases/echo.toml:",
        "[[case]]",
    ]);
}

#[test]
fn the_same_cases_run_with_real_processes_in_the_sandbox() {
    let env = TestEnvironment::new();
    let folder = env.guests(
        "[[process]]\nprogram = \"cat\"\n[[files]]\npath = \"/data\"\naccess = \"read-write\"\n",
    );
    env.write(
        &format!("{folder}/cases/fixture/note"),
        "from the fixture\n",
    );
    let command = json!({"program": "cat", "args": ["note"], "stdout": "log"});
    let cases = format!(
        "[[case]]\nname = \"reads\"\naction = \"run\"\npayload-json = '{command}'\n\
         workspace = \"fixture\"\n\
         [[case.process]]\nprogram = \"cat\"\nstdout = \"scripted\\n\"\n\
         [case.expect]\nlog = [{{ message = \"from the fixture\" }}]\n"
    );
    env.write(&format!("{folder}/cases/all.toml"), cases);
    let real = ["test", &folder, "--trust", "--processes", "real"];
    let real = env.boll(&real).ends(0);
    assert!(real.stdout.contains("real processes)"), "{}", real.stdout);
    // What is expected holds for the script all the same.
    let scripted = env.boll(&["test", &folder]).ends(1);
    assert!(
        scripted.stdout.contains("expected from the fixture"),
        "{}",
        scripted.stdout
    );
    env.grant("[sandbox]\nbackend = \"none\"\n");
    env.boll(&["test", &folder, "--processes", "real"])
        .fails(4)
        .says(&["the operator's file turns the sandbox off"]);
}

#[test]
fn a_repository_is_kept_as_dot_git() {
    let env = TestEnvironment::new();
    let folder = env.guests("[[process]]\nprogram = \"git\"\n");
    let repository = Repository::with_commits();
    let fixture = env.current().join(&folder).join("cases/repository");
    fs::create_dir_all(&fixture).expect("a folder");
    let copied = Command::new("cp")
        .arg("-r")
        .args([repository.path().join(".git"), fixture.join("dot-git")])
        .status();
    assert!(copied.expect("cp starts").success());
    let args = ["log", "--format=%an", "--max-count=1"];
    let command = json!({"program": "git", "args": args, "stdout": "log"});
    let cases = format!(
        "[[case]]\nname = \"logs\"\naction = \"run\"\npayload-json = '''{command}'''\n\
         workspace = \"repository\"\nprocesses = \"real\"\n\
         [case.expect]\nlog = [{{ message = '$(touch x); `y` %aN' }}]\n"
    );
    env.write(&format!("{folder}/cases/all.toml"), cases);
    env.boll(&["test", &folder, "--trust", "--strict"]).ends(0);
}

#[test]
fn an_interrupted_run_ends_at_once_and_leaves_no_folder() {
    let env = TestEnvironment::new();
    let folder = env.guests(&manifest());
    let temporary = env.current().join("temporary");
    fs::create_dir(&temporary).expect("a folder");
    let spins = "[[case]]\nname = \"spins\"\naction = \"spin\"\n";
    env.write(
        &format!("{folder}/cases/all.toml"),
        format!("{spins}{PASSES}"),
    );
    let test = env
        .boll_command(&["test", &folder, "--trust"])
        .env("TMPDIR", &temporary)
        .piped();
    let folders = || fs::read_dir(&temporary).expect("a folder").count();
    eventually("a case has folders", || folders() > 0);
    let pid = i32::try_from(test.id()).expect("a pid");
    kill(Pid::from_raw(pid), Signal::SIGINT).expect("a signal");
    let ended = Run::of(test.wait_with_output().expect("it ends"));
    ended.fails(130).says(&["error: interrupted"]);
    assert_eq!(folders(), 0);
}

#[test]
fn folders_of_a_case_are_copies_and_the_fixture_stays_as_it_is() {
    let env = TestEnvironment::new();
    let folder = env.guests("[[files]]\npath = \"/data\"\naccess = \"read-write\"\n");
    env.write(&format!("{folder}/cases/data/note"), "before");
    let steps = json!([{"read": "/data/note"}, {"write": "/data/note"}]);
    let cases = format!(
        "[[case]]\nname = \"writes\"\naction = \"files\"\npayload-json = '{steps}'\n\
         files = {{ \"/data\" = \"data\" }}\n\
         expect = {{ reply-json = '[{{\"ok\": \"before\"}}, {{\"ok\": null}}]' }}\n"
    );
    env.write(&format!("{folder}/cases/all.toml"), cases);
    env.boll(&["test", &folder, "--trust", "--strict"]).ends(0);
    let note = env.current().join(&folder).join("cases/data/note");
    assert_eq!(fs::read_to_string(note).expect("a file"), "before");
}
