//! Hosts of another make: one that works, and ones that do not.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use super::{conformance, ended};
use crate::support::environment::{Run, TestEnvironment};
use crate::support::npm;
use crate::support::{eventually, marker, processes_with, root};

/// What the host of node and jco implements.
const OF_JCO: [&str; 11] = [
    "capability",
    "config-all",
    "config-get",
    "config-refused",
    "config-reload",
    "handler",
    "handler-topic",
    "lifecycle-caller",
    "log-emit",
    "log-enabled",
    "log-limit",
];

/// The host of node and jco, with what it needs.
fn jco() -> PathBuf {
    let folder = npm::installed("tests/conformance/hosts/jco");
    for path in scripts(&root().join("tests/conformance/hosts/jco")) {
        let name = path.file_name().expect("a name");
        fs::copy(&path, folder.join(name)).expect("copied");
    }
    folder
}

fn scripts(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the host");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "mjs"))
        .collect()
}

#[test]
fn a_host_that_breaks_the_contract_is_found_out() {
    let whole = jco();
    for (file, right, wrong, case) in [
        (
            "guest.mjs",
            "MAX_KEY = 4096",
            "MAX_KEY = 4095",
            "config-get",
        ),
        (
            "guest.mjs",
            "MAX_FIELDS = 64",
            "MAX_FIELDS = 65",
            "log-emit",
        ),
        (
            "guest.mjs",
            "Object.hasOwn(held, capsule) &&",
            "true ||",
            "capability",
        ),
        ("guest.mjs", "{ deny: val }", "{ final: val }", "handler"),
        (
            "guest.mjs",
            "if (!enabled(level)) return;",
            "",
            "log-enabled",
        ),
        (
            "call.mjs",
            "[request.principal, Date.now()]",
            "[, Date.now()]",
            "lifecycle-caller",
        ),
        (
            "open.mjs",
            "capsule.grants = request.grants",
            "void 0",
            "capability",
        ),
        (
            "open.mjs",
            "one.priority - other.priority ||",
            "",
            "handler-topic",
        ),
    ] {
        let environment = TestEnvironment::new();
        for path in scripts(&whole) {
            let name = path.file_name().expect("a name").to_str().expect("UTF-8");
            let mut text = fs::read_to_string(&path).expect("a script");
            if name == file {
                assert!(text.contains(right), "{file} has no `{right}`");
                text = text.replace(right, wrong);
            }
            environment.write(name, text);
        }
        let packages = environment.current().join("node_modules");
        symlink(whole.join("node_modules"), packages).expect("linked");
        let host = format!(
            "node '{}'",
            environment.current().join("host.mjs").display()
        );
        let run = conformance(&["--output", "json", "--only", case, "--host", &host]);
        assert_eq!(ended(&run.ends(1).json(), "failed"), [case], "{right}");
    }
}

#[test]
fn a_host_of_another_make_passes_what_it_supports_and_says_what_it_does_not() {
    let folder = jco();
    let host = format!("node '{}'", folder.join("host.mjs").display());
    let run = conformance(&["--output", "json", "--host", &host]).ends(0);
    let results = run.json();
    assert_eq!(results["host"]["name"], "jco-host");
    assert_eq!(ended(&results, "failed"), Vec::<&str>::new(), "{results:#}");
    assert_eq!(ended(&results, "passed"), OF_JCO);
    let cases = results["cases"].as_array().expect("cases");
    let silent = cases.iter().find(|case| {
        case["result"] == "unsupported" && case["message"].as_str().is_none_or(str::is_empty)
    });
    assert_eq!(silent, None);
}

/// What a host in Python does: it answers `hello`, and then this for each request.
fn host(then: &str) -> String {
    format!(
        "import json, sys, time\n\
         open('starts', 'a').write('x')\n\
         interfaces = ['boll:config/config@0.2.0']\n\
         def say(id, **answer):\n    \
             print(json.dumps({{'id': id, **answer}}), flush=True)\n\
         for line in sys.stdin:\n    \
             request = json.loads(line)\n    \
             if request['do'] == 'hello':\n        \
                 say(request['id'], result={{'protocol': 1, 'name': 'other', 'version': '1', 'interfaces': interfaces}})\n    \
             else:\n        \
                 {then}\n"
    )
}

/// Runs two cases, one after the other, on a host in Python; gives how often it
/// was started, too.
fn on(script: &str) -> (Run, usize) {
    let environment = TestEnvironment::new();
    let file = environment.write("host.py", script);
    let suite = root().join("tests/conformance");
    let command = format!("python3 {}", file.display());
    let suite = suite.to_str().expect("UTF-8");
    let args = [
        "conformance",
        "--suite",
        suite,
        "--host",
        &command,
        "--output",
        "json",
    ];
    let two = ["--only", "config-all", "--only", "config-get"];
    let more = [&two[..], &["--jobs", "1", "--timeout", "4"]].concat();
    let run = environment.boll(&[&args[..], &more[..]].concat());
    let starts = fs::read_to_string(environment.current().join("starts")).unwrap_or_default();
    (run, starts.len())
}

#[track_caller]
fn messages(run: &Run) -> Vec<String> {
    let results: Value = run.json();
    let cases = results["cases"].as_array().expect("cases").iter();
    cases
        .map(|case| {
            assert_eq!(case["result"], "failed", "{case}");
            case["message"].as_str().expect("a message").to_owned()
        })
        .collect()
}

#[test]
fn a_host_that_dies_hangs_or_talks_rubbish_fails_its_case_and_the_next_gets_a_new_one() {
    for (then, says) in [
        (
            "sys.exit('something broke')",
            ["the host ended (exit status: 1)", "something broke"],
        ),
        (
            "sys.exit('not closed') if request['do'] == 'close' else \
             say(request['id'], result={'loaded': 'x'})",
            ["the host ended (exit status: 1)", "not closed"],
        ),
        ("time.sleep(3600)", ["did not answer `open` within 4 s", ""]),
        (
            "print('hello there', flush=True)",
            ["invalid protocol message", "hello there"],
        ),
        (
            "say(99, result={})",
            ["an answer to 99, which was not asked", ""],
        ),
        (
            "say(request['id'], perhaps={})",
            ["invalid protocol message", "perhaps"],
        ),
    ] {
        let (run, starts) = on(&host(then));
        let run = run.ends(1);
        for message in messages(&run) {
            assert!(says.iter().all(|text| message.contains(text)), "{message}");
        }
        assert_eq!(starts, 2, "{then}");
    }
}

#[test]
fn what_a_host_that_hangs_has_started_ends_with_it() {
    let marker = marker();
    let then = format!("import subprocess; subprocess.run(['sleep', '{marker}'])");
    let (run, _) = on(&host(&then));
    for message in messages(&run.ends(1)) {
        assert!(message.contains("did not answer `open`"), "{message}");
    }
    assert_eq!(processes_with(&marker), 0);
}

#[test]
fn an_interrupted_run_leaves_nothing() {
    let environment = TestEnvironment::new();
    let marker = marker();
    let then = format!("import subprocess; subprocess.run(['sleep', '{marker}'])");
    let file = environment.write("host.py", host(&then));
    let suite = root().join("tests/conformance");
    let host = format!("python3 {}", file.display());
    let mut command = environment.boll_command(&["conformance", "--host", &host, "--suite"]);
    command.arg(suite).args(["--only", "config-*"]);
    // Its temporary folders are its own, to be counted.
    let temporary = environment.current().join("temporary");
    fs::create_dir(&temporary).expect("a folder");
    let running = command
        .env("TMPDIR", &temporary)
        .stderr(Stdio::piped())
        .spawn();
    let running = running.expect("boll starts");
    eventually("it runs", || processes_with(&marker) > 0);
    let pid = rustix::process::Pid::from_child(&running);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("signalled");
    let run = Run::of(running.wait_with_output().expect("it ends"));
    run.ends(130).says(&["interrupted"]);
    assert_eq!(processes_with(&marker), 0);
    assert_eq!(fs::read_dir(&temporary).expect("a folder").count(), 0);
}

#[test]
fn a_fault_fails_the_case_and_the_host_goes_on() {
    let (run, starts) = on(&host("say(request['id'], fault='no power')"));
    let run = run.ends(1);
    for message in messages(&run) {
        assert!(message.contains("the host failed: no power"), "{message}");
    }
    assert_eq!(starts, 1);
}

#[test]
fn what_a_host_does_not_support_is_no_failure() {
    let (run, _) = on(&host("say(request['id'], unsupported='anything')"));
    let results = run.ends(0).json();
    assert_eq!(results["unsupported"], 2);
    assert_eq!(results["cases"][0]["message"], "anything");
}

#[test]
fn a_host_that_claims_too_much_is_found_out() {
    let then = "say(request['id'], result={'loaded': 'x', 'case': 'failed', 'step': 's', \
                'expected': 'e', 'found': 'f'})";
    let (run, _) = on(&host(then));
    for message in messages(&run.ends(1)) {
        assert_eq!(message, "step 1 (run-case): s: expected e, found f");
    }
}

#[test]
fn a_host_that_cannot_be_started_or_speaks_otherwise_is_told_at_once() {
    let run = conformance(&["--host", "no-such-host", "--only", "config-get"]);
    run.fails(2)
        .says(&["the host `no-such-host` cannot be started"]);
    let other = host("pass").replace("'protocol': 1", "'protocol': 2");
    let (run, _) = on(&other);
    run.fails(2).says(&["speaks version 2 of the protocol"]);
    let (run, _) = on("import sys\nsys.exit('no module')");
    run.fails(2).says(&["the host ended", "no module"]);
}

#[test]
fn boll_answers_every_request_and_ends_with_its_input() {
    let environment = TestEnvironment::new();
    let workspace = environment.current().display();
    let requests = [
        r#"{"id": 1, "do": "hello", "protocol": 1, "runner": "a test"}"#.to_owned(),
        r#"{"id": 2, "do": "hello", "protocol": 9, "runner": "a test"}"#.to_owned(),
        r#"{"id": 3, "do": "dance"}"#.to_owned(),
        r#"{"id": 4, "do": "held", "capsule": "x"}"#.to_owned(),
        format!(
            r#"{{"id": 5, "do": "open", "workspace": "{workspace}", "settings": {{"colour": 1}}}}"#
        ),
        r#"{"id": 6, "do": "close"}"#.to_owned(),
    ];
    let input = requests.join("\n");
    let run = environment.boll_reading(&["conformance", "--serve"], input.as_bytes());
    let run = run.ends(0);
    let answer = |id: u64| {
        let lines = run.stdout.lines().map(serde_json::from_str::<Value>);
        let mut answers = lines.map(|line| line.expect("JSON"));
        let found = answers.find(|answer| answer["id"] == id);
        found.unwrap_or_else(|| panic!("no answer to {id}: {run:#?}"))
    };
    assert_eq!(answer(1)["result"]["name"], "boll");
    for (id, kind, says) in [
        (2, "unsupported", "version 9"),
        (3, "unsupported", "unknown variant `dance`"),
        (4, "fault", "nothing is open"),
        (5, "unsupported", "unknown field `colour`"),
    ] {
        let text = answer(id)[kind].as_str().unwrap_or_default().to_owned();
        assert!(text.contains(says), "{id}: {text}");
    }
    assert_eq!(answer(6)["result"], serde_json::json!({}));
    let run = environment.boll_reading(&["conformance", "--serve"], b"nonsense\n");
    run.fails(2).says(&["no request of the protocol"]);
}
