//! The keys of JSON output are those that the reference lists, and no others.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use crate::support::environment::{Piped, Run, TestEnvironment};
use crate::support::guests::{guests_bytes, prepared};
use crate::support::root;

/// What a capsule says itself is not descended into, nor are lines of the log.
const LEAVES: [&str; 2] = ["payload", "log"];

/// A manifest that asks for something of each kind.
const MANIFEST: &str = r#"
    [[process]]
    program = "sh"
    args = ["-c", "**"]
    env = ["BASH_ENV"]
    [[publish]]
    topic = "news.*"
    [[hook]]
    topic = "told"
    action = "deny"
    [[hook]]
    topic = "echoed"
    action = "echo"
    [[files]]
    path = "/data"
    [[network]]
    host = "example.com"
    port = 443
    [config.limit]
    type = "integer"
    default = 1
    [[action]]
    name = "echo"
    default = true
"#;

/// A component of which one import is unknown, and an import and an export differ.
const ODD: &str = r#"(component
    (import "boll:log/log@0.2.0" (instance (export "shout" (func (param "message" string)))))
    (import "acme:own/thing@1.0.0" (instance $thing
        (export "run" (func (result (result (error u32)))))))
    (export "boll:lifecycle/run@0.2.0" (instance $thing)))"#;

/// The keys that the reference lists in a section.
fn listed(section: &str) -> BTreeSet<String> {
    let page = root().join("docs/reference/json-output.md");
    let page = fs::read_to_string(page).expect("the reference");
    let (_, rest) = page
        .split_once(&format!("\n## {section}\n"))
        .unwrap_or_else(|| panic!("no section {section}"));
    let part = rest.split("\n## ").next().unwrap_or(rest);
    let cells = part.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = cells.filter_map(|line| line.split_once(" | ")?.0.strip_suffix('`'));
    let keys = cells.flat_map(|cell| cell.split("`, `").map(str::to_owned));
    keys.collect()
}

/// The paths to the values in a document.
fn paths(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    let name = path.rsplit('.').next().unwrap_or(path);
    match value {
        Value::Object(keys) if !LEAVES.contains(&name) => {
            for (key, below) in keys {
                let dot = if path.is_empty() { "" } else { "." };
                paths(below, &format!("{path}{dot}{key}"), found);
            }
        }
        Value::Array(list) if !LEAVES.contains(&name) && list.iter().any(Value::is_object) => {
            for below in list {
                paths(below, &format!("{path}[]"), found);
            }
        }
        _ => drop(found.insert(path.to_owned())),
    }
}

fn is_below(path: &str, key: &str) -> bool {
    let rest = path.strip_prefix(key);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// Holds what commands wrote against a section.
fn has(section: &str, documents: &[Value]) {
    let listed = listed(section);
    let mut seen = BTreeSet::new();
    for document in documents {
        paths(document, "", &mut seen);
    }
    let unlisted: Vec<&String> = seen
        .iter()
        .filter(|path| !listed.iter().any(|key| is_below(path, key)))
        // Where there is nothing, a list is empty, and a table is null.
        .filter(|path| !listed.iter().any(|key| is_below(key, path)))
        .collect();
    assert!(unlisted.is_empty(), "{section}: not listed: {unlisted:?}");
    let unseen: Vec<&String> = listed
        .iter()
        .filter(|key| !seen.iter().any(|path| is_below(path, key)))
        .collect();
    assert!(unseen.is_empty(), "{section}: not written: {unseen:?}");
}

/// Runs `boll` with JSON output.
fn run(env: &TestEnvironment, line: &str) -> Run {
    let words: Vec<&str> = line.split(' ').collect();
    env.boll(&[&["--output", "json"], &words[..]].concat())
}

fn environment() -> TestEnvironment {
    let env = TestEnvironment::new();
    env.guests(MANIFEST);
    env
}

#[test]
fn errors() {
    let env = environment();
    env.write("bad/Capsule.toml", "[capsule]\nid = 1\n");
    let errors = ["run bad", "run nowhere"].map(|line| {
        let stderr = run(&env, line).ends(2).stderr;
        serde_json::from_str(&stderr).expect("a line of JSON")
    });
    has("errors", &errors);
}

#[test]
fn events() {
    let env = TestEnvironment::new();
    let manifest = "[capsule]\nid = \"made\"\nversion = \"1.0.0\"\n";
    env.write("made/Capsule.toml", manifest);
    env.write("made/component", guests_bytes());
    env.write(
        "made/Makefile",
        "dist/capsule.wasm: component\n\techo made; mkdir -p dist; cp component $@\n",
    );
    let first = run(&env, "build made --verbose").ends(0);
    env.write("made/component", "newer");
    let stale = run(&env, "check made").stderr;
    let lines = first.stderr.lines().chain(stale.lines());
    let events: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    let of = |kinds: &[&str]| -> Vec<Value> {
        let is_one = |event: &&Value| kinds.iter().any(|kind| event["kind"] == *kind);
        events.iter().filter(is_one).cloned().collect()
    };
    has("progress", &of(&["progress"]));
    has("messages", &of(&["note", "tool", "warning"]));
}

#[test]
fn what_calls_capsules() {
    let env = environment();
    env.grant(
        "[capsule.guests]\ndigest = \"any\"\nallow = [\"files:/data /srv\", \"process:sh\", \
         \"publish:news.*\", \"subscribe:*\", \"network:example.com:443\"]\n",
    );
    let json = |line: &str| run(&env, line).ends(0).json();
    has("run", &[json("run guests echo --payload x")]);
    // A subscriber that denies is a failure, and its answer is there.
    let denied = run(&env, "trigger told guests --payload x").ends(1).json();
    has(
        "trigger",
        &[denied, json("trigger echoed guests --payload x")],
    );
    has(
        "trigger --intercept",
        &[json("trigger --intercept echoed guests --payload x")],
    );
}

#[test]
fn what_makes_capsules() {
    let env = TestEnvironment::new();
    has("new", &[run(&env, "new mine --lang rust").ends(0).json()]);
    let built = format!("build {}", crate::example("rust"));
    has("build", &[run(&env, &built).ends(0).json()]);
}

#[test]
fn what_tells_of_capsules() {
    let env = environment();
    let check = "check guests --allow process:sh --allow publish:other";
    let (given, whole) = (run(&env, check), run(&env, "check guests --workspace /"));
    let tools = env.write(
        "tools/bin/go",
        fs::read("/usr/bin/true").expect("a program"),
    );
    fs::set_permissions(&tools, fs::Permissions::from_mode(0o755)).expect("chmod");
    env.grant("[sandbox]\ntools = [\"go\"]\n");
    let missing = env.guests("[[process]]\nprogram = \"no-such-program\"\n");
    let path = std::env::var("PATH").expect("PATH");
    let path = format!("{}:{path}", tools.parent().expect("a folder").display());
    let missing = env.boll_on(path, &["--output", "json", "check", &missing]);
    env.grant("");
    has(
        "check",
        &[
            given.ends(0).json(),
            whole.ends(0).json(),
            missing.ends(0).json(),
        ],
    );

    env.write("one.wasm", guests_bytes());
    env.write("odd.wasm", wat::parse_str(ODD).expect("sound"));
    env.write("empty.wasm", wat::parse_str("(component)").expect("sound"));
    let worlds = ["one.wasm", "odd.wasm", "empty.wasm"];
    let worlds = worlds.map(|file| run(&env, &format!("check --world {file}")).json());
    has("check --world", &worlds);

    let alone = run(&env, "inspect one.wasm").ends(0).json();
    has(
        "inspect",
        &[alone, run(&env, "inspect guests").ends(0).json()],
    );
}

#[test]
fn explanations() {
    let env = environment();
    env.grant("[capsule.guests]\ndigest = \"any\"\nallow = [\"process:sh -c x\"]\n");
    let explain = |line: &str| run(&env, &format!("explain guests {line}")).json();
    has(
        "explain process",
        &[
            explain("--allow publish:other process sh -c x"),
            explain("process sh -c y"),
            explain("process sh"),
        ],
    );
    has(
        "explain publish, subscribe, files, network",
        &[
            explain("--allow publish:other publish news.today"),
            explain("subscribe told"),
            explain("files /data/file"),
            explain("network example.com:443"),
            explain("network other.example.com:443"),
        ],
    );
}

#[test]
fn grants_for_good() {
    let env = environment();
    env.grant("[capsule.guests]\ndigest = \"any\"\nallow = [\"process:sh -c x\"]\n");
    has("grants list", &[run(&env, "grants list").ends(0).json()]);
    let revoked = run(&env, "grants revoke guests --all").ends(0).json();
    has("grants revoke", &[revoked]);
}

#[test]
fn tests_of_a_capsule() {
    let env = environment();
    let case = "[[case]]\nname = \"echoes\"\npayload = \"x\"\nexpect = { reply = \"y\" }\n";
    env.write("guests/cases/all.toml", case);
    has("test", &[run(&env, "test guests --trust").ends(1).json()]);
}

/// The first lines of a command that goes on until it is interrupted.
fn first_lines<const N: usize>(env: &TestEnvironment, line: &str) -> [Value; N] {
    let words: Vec<&str> = line.split(' ').collect();
    let command = [&["--output", "json"], &words[..]].concat();
    let mut child = env.boll_command(&command).piped();
    let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let mut lines = lines.map(|line| serde_json::from_str(&line.expect("a line")).expect("JSON"));
    let first = std::array::from_fn(|_| lines.next().expect("a line"));
    let pid = i32::try_from(child.id()).expect("a pid");
    kill(Pid::from_raw(pid), Signal::SIGINT).expect("a signal");
    // Until it closes its output.
    lines.for_each(drop);
    assert_eq!(child.wait().expect("it ends").code(), Some(130));
    first
}

#[test]
fn what_goes_on_until_it_is_interrupted() {
    let env = TestEnvironment::new();
    env.guests("");
    has("up", &first_lines::<1>(&env, "up guests"));
    let [loaded, called] = first_lines(&env, "dev guests echo --payload x");
    has("dev", &[loaded]);
    has("run", &[called]);
}

#[test]
fn what_a_machine_has_and_lacks() {
    prepared();
    let env = environment();
    let doctor = ["--output", "json", "doctor"];
    let lacks = env.boll_on(env.current(), &doctor).ends(4).json();
    has("doctor", &[run(&env, "doctor").json(), lacks.clone()]);
    env.guests("");
    run(&env, "run guests echo --payload x").ends(0);
    has("cache", &[run(&env, "cache list").json()]);
    let mut findings = lacks.as_array().expect("a list").iter();
    let git = findings.find(|one| one["name"] == "git").expect("git");
    let fix = git["fix"]["install"].as_object().expect("packages");
    let keys: BTreeSet<&str> = fix.keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(["line", "packages"]));
}

#[test]
fn the_conformance_suite() {
    prepared();
    let env = TestEnvironment::new();
    let known = "[case.config-get]\nexpect = \"fails\"\nreason = \"it is old\"\n";
    let known = env.write("known.toml", known).display().to_string();
    let packed = env.current().join("suite.tar.gz").display().to_string();
    let env = env.at(root());
    let suite = "conformance --only config-get --only log-emit";
    let results = run(&env, &format!("{suite} --expect {known}")).ends(1);
    has("conformance", &[results.json()]);
    let list = run(&env, &format!("{suite} --list")).ends(0);
    has("conformance --list", &[list.json()]);
    let pack = run(&env, &format!("{suite} --pack {packed}")).ends(0);
    has("conformance --pack", &[pack.json()]);
}
