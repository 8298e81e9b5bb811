mod round_trip;

use std::time::Duration;

use super::*;
use crate::capsule::ConfigType;
use crate::policy::{FileAccess, NetworkAccess, OnFailure};

const HEAD: &str = "[capsule]\nid = \"sample\"\nversion = \"1.0.0\"\n";

fn parse(rest: &str) -> Manifest {
    Manifest::parse("Capsule.toml", &format!("{HEAD}{rest}")).expect("a manifest")
}

fn fails(text: &str) -> String {
    let error = Manifest::parse("Capsule.toml", text).expect_err("the manifest is wrong");
    match &error.hint {
        Some(hint) => format!("{error} ({hint})"),
        None => error.to_string(),
    }
}

fn fails_after_head(rest: &str) -> String {
    fails(&format!("{HEAD}{rest}"))
}

#[test]
fn the_smallest_manifest_asks_for_nothing() {
    let manifest = parse("");
    assert!(manifest.requests.processes.is_empty());
    assert!(manifest.config.is_empty());
    assert!(manifest.default_action().is_none());
    assert_eq!(manifest.instance, InstanceRequest::default());
}

#[test]
fn every_part_is_read() {
    let manifest = parse(
        r#"
description = "does things"

[build]
tool = "npm"

[[process]]
program = "git"
args = ["log", "**"]
env = ["GIT_PAGER"]
workspace = "read-write"
network = "host"

[[process]]
program = "ls"

[config.limit]
type = "integer"
default = 10

[config.mode]
type = "enum"
values = ["fast", "slow"]
required = true

[config.token]
type = "string"
secret = true

[config.shape]
type = "json"
default = { a = [1, 2] }

[[action]]
name = "report"

[[action]]
name = "other"
default = true

[instance]
memory-mib = 16
time-ms = 500

[[files]]
path = "/data"

[[files]]
path = "/workspace/out"
access = "read-write"

[[network]]
host = "*.Example.com"
port = 443

[[network]]
host = "::1"
port = "*"
"#,
    );
    let network: Vec<_> = manifest
        .requests
        .network
        .iter()
        .map(|request| (request.endpoint.to_string(), request.line))
        .collect();
    assert_eq!(
        network,
        [
            ("*.example.com:443".to_owned(), Some(55)),
            ("[::1]:*".to_owned(), Some(59)),
        ]
    );
    let files: Vec<_> = manifest
        .requests
        .files
        .iter()
        .map(|request| (request.path.as_str(), request.access, request.line))
        .collect();
    assert_eq!(
        files,
        [
            ("/data", FileAccess::Read, Some(48)),
            ("/workspace/out", FileAccess::ReadWrite, Some(51)),
        ]
    );
    assert_eq!(manifest.build, Some(BuildTool::Npm));
    assert_eq!(manifest.requests.processes[0].env[0].as_str(), "GIT_PAGER");
    assert_eq!(manifest.requests.processes[0].network, NetworkAccess::Host);
    assert_eq!(manifest.requests.processes[1].network, NetworkAccess::None);
    assert_eq!(manifest.requests.processes[0].line, Some(10));
    assert_eq!(manifest.requests.processes[1].line, Some(17));
    assert_eq!(manifest.config["limit"].default.as_deref(), Some("10"));
    assert_eq!(
        manifest.config["mode"].value_type,
        ConfigType::Enum(vec!["fast".into(), "slow".into()])
    );
    assert!(manifest.config["mode"].required);
    assert!(manifest.config["token"].secret);
    assert_eq!(
        manifest.config["shape"].default.as_deref(),
        Some(r#"{"a":[1,2]}"#)
    );
    assert_eq!(manifest.default_action().expect("one").name, "other");
    assert_eq!(manifest.instance.memory, Some(16 << 20));
    assert_eq!(manifest.instance.time, Some(Duration::from_millis(500)));
}

#[test]
fn every_error_has_its_place() {
    for (text, expected) in [
        ("", "Capsule.toml:1:1: missing field `capsule`"),
        ("[capsule", "Capsule.toml:1:9: "),
        (
            "[capsule]\nid = \"Sample\"\nversion = \"1.0.0\"",
            "Capsule.toml:2:6: `Sample` is not a capsule id",
        ),
        (
            "[capsule]\nid = \"a\"\nversion = \"one\"",
            "Capsule.toml:3:11: ",
        ),
        (
            "[capsule]\nid = \"a\"\nversion = \"1.0.0\"\nidd = 3",
            "Capsule.toml:4:1: unknown key `idd` (did you mean `id`?)",
        ),
    ] {
        let error = fails(text);
        assert!(error.starts_with(expected), "{error}");
    }
    for (rest, expected) in [
        (
            "[[proces]]\n",
            "Capsule.toml:4:3: unknown key `proces` (did you mean `process`?)",
        ),
        (
            "[[process]]\nprogram = \"./git\"",
            "Capsule.toml:5:11: `./git` names no program",
        ),
        (
            "[[process]]\nprogram = \"git\"\nargs = [\"**\", \"x\"]",
            "Capsule.toml:6:8: `**` may only stand at the end",
        ),
        (
            "[[process]]\nprogram = \"git\"\nenv = [\"LD_PRELOAD\"]",
            "Capsule.toml:6:7: `LD_PRELOAD` makes a program load other code",
        ),
        (
            "[[process]]\nprogram = \"git\"\nworkspace = \"write\"",
            "Capsule.toml:6:13: unknown value `write` (did you mean `read-write`?)",
        ),
        (
            "[[process]]\nprogram = \"git\"\nnetwork = \"hots\"",
            "Capsule.toml:6:11: unknown value `hots` (did you mean `host`?)",
        ),
        (
            "[[process]]\nprogram = \"git\"\nnetwrok = \"host\"",
            "Capsule.toml:6:1: unknown key `netwrok` (did you mean `network`?)",
        ),
        (
            "[[process]]\nprogram = \"git\"\nline = 3",
            "Capsule.toml:6:1: unknown key `line`",
        ),
        (
            "[config.n]\ntype = \"integer\"\ndefault = \"ten\"",
            "Capsule.toml:6:11: the value is not an integer",
        ),
        (
            "[config.n]\ntype = \"enum\"",
            "Capsule.toml:5:8: an enum needs `values`",
        ),
        (
            "[config.n]\ntype = \"string\"\nsecret = true\ndefault = \"x\"",
            "Capsule.toml:7:11: a manifest cannot contain secrets",
        ),
        (
            "[config.n]\ntype = \"string\"\nrequired = true\ndefault = \"x\"",
            "Capsule.toml:7:11: a required key cannot have a default",
        ),
        (
            "[instance]\nmemory-mib = 0",
            "Capsule.toml:5:14: `memory-mib` must be a whole number from 1 to 4294967295",
        ),
        (
            "[[action]]\nname = \"a\"\n[[action]]\nname = \"a\"",
            "Capsule.toml:6:1: the action `a` is listed twice",
        ),
        (
            "[[hook]]\ntopic = \"x..y\"\naction = \"a\"",
            "Capsule.toml:5:9: `` is no segment of a topic",
        ),
        (
            "[[files]]\npath = \"data\"",
            "Capsule.toml:5:8: `data` is not a path in its plain form",
        ),
        (
            "[[files]]\npath = \"/\"",
            "Capsule.toml:5:8: `/` is the whole machine",
        ),
        (
            "[[files]]\npath = \"/a\"\naccess = \"write\"",
            "Capsule.toml:6:10: unknown value `write` (expected one of: read, read-write)",
        ),
        (
            "[[files]]\npath = \"/a\"\n[[files]]\npath = \"/a\"",
            "Capsule.toml:6:1: the folder `/a` is listed twice",
        ),
        (
            "[[interface]]\nname = \"a:b/c@1.0.0\"",
            "Capsule.toml:5:8: `a:b/c@1.0.0` has a version: an interface is named without one",
        ),
        (
            "[[interface]]\nname = \"a:b/c\"\n[[interface]]\nname = \"a:b/c\"",
            "Capsule.toml:6:1: the interface `a:b/c` is listed twice",
        ),
        (
            "[[network]]\nhost = \"a.example/\"\nport = 1",
            "Capsule.toml:5:8: `a.example/` is not the name or the address of a host",
        ),
        (
            "[[network]]\nhost = \"a.example\"\nport = 0",
            "Capsule.toml:6:8: `0` is not a port",
        ),
        (
            "[[network]]\nhost = \"a.example\"\nport = 65536",
            "Capsule.toml:6:8: `65536` is not a port",
        ),
        (
            "[[network]]\nhost = \"a.example\"",
            "Capsule.toml:4:1: missing field `port`",
        ),
        (
            "[[network]]\nhost = \"a.b\"\nport = 1\n[[network]]\nhost = \"A.b.\"\nport = 1",
            "Capsule.toml:7:1: the host and port `a.b:1` are listed twice",
        ),
        ("[files]\npath = \"/a\"", "Capsule.toml:4:1: "),
        (
            "[[hook]]\ntopic = \"x\"",
            "Capsule.toml:4:1: missing field `action`",
        ),
        (
            "[[hook]]\ntopic = \"x\"\naction = \"\"",
            "Capsule.toml:4:1: a hook needs the name of an action",
        ),
        (
            "[[hook]]\ntopic = \"x\"\naction = \"a\"\non-failure = \"stopp\"",
            "Capsule.toml:7:14: unknown value `stopp` (did you mean `stop`?)",
        ),
        (
            "[[hook]]\ntopic = \"x\"\naction = \"a\"\ntimeout-ms = 0",
            "Capsule.toml:7:14: ",
        ),
        (
            "[[publish]]\ntopic = \"**.x\"",
            "Capsule.toml:5:9: `**` may only stand at the end",
        ),
        (
            "[instance]\nmode = \"resident\"\nconcurrency = 2",
            "Capsule.toml:6:15: a resident instance takes one call at a time",
        ),
        (
            "[instance]\ncalls = 2",
            "Capsule.toml:5:9: each call has a fresh instance: remove `calls`",
        ),
        (
            "[instance]\nmode = \"resident\"\nmemory-percent = 101",
            "Capsule.toml:6:18: `memory-percent` must be a whole number from 1 to 100",
        ),
        (
            "[service]\nready-ms = 0",
            "Capsule.toml:5:12: `ready-ms` must be a whole number from 1 to 4294967295",
        ),
        (
            "[requires]\nsample = \"1\"",
            "Capsule.toml:5:1: a capsule cannot require itself",
        ),
        (
            "[requires]\nOther = \"1\"",
            "Capsule.toml:5:1: `Other` is not a capsule id",
        ),
        (
            "[requires]\nother = \"one\"",
            "Capsule.toml:5:9: not a version requirement",
        ),
    ] {
        let error = fails_after_head(rest);
        assert!(error.starts_with(expected), "{error}\nexpected {expected}");
    }
}

#[test]
fn component_and_build_exclude_each_other() {
    let error = fails_after_head("component = \"a.wasm\"\n[build]\ntool = \"cargo\"");
    assert!(
        error.contains("either a component (`a.wasm`) or a build"),
        "{error}"
    );
}

#[test]
fn values_are_checked_by_type() {
    let number = ConfigType::Number;
    assert_eq!(number.check("1.50").expect("fits"), "1.5");
    assert!(number.check("inf").is_err());
    assert!(ConfigType::Integer.check("1.5").is_err());
    assert!(ConfigType::Boolean.check("yes").is_err());
    assert_eq!(ConfigType::String.check("").expect("fits"), "");
    assert!(ConfigType::Json.check("{").is_err());
    let mode = ConfigType::Enum(vec!["a".into(), "b".into()]);
    let error = mode.check("hunter2").expect_err("unfit").to_string();
    assert_eq!(error, "the value is not one of a, b");
}
