//! `boll explain CAPSULE files`: which rule decides about a file.

use std::fs;

use serde_json::json;

use crate::support::environment::{Run, TestEnvironment};

const ASKS: &str = "
[[files]]
path = \"/data\"

[[files]]
path = \"/workspace/out\"
access = \"read-write\"
";

fn explained(env: &TestEnvironment, args: &[&str]) -> Run {
    env.boll(&[&["explain", "guests"], args].concat())
}

#[test]
fn an_allowed_file_names_request_grant_and_folder() {
    let env = TestEnvironment::new();
    env.guests(ASKS);
    let data = env.current().with_file_name("data");
    fs::create_dir(&data).expect("a folder");
    env.write("out/there", "");
    env.grant(&format!(
        "[capsule.guests]\ndigest = \"any\"\nallow = [\"files:/data {}\"]\n",
        data.display()
    ));
    let run = explained(&env, &["files", "/data/below/file"]).ends(0);
    let operator = env.operator();
    let expected = format!(
        "allowed: read /data/below/file\n  \
         asked for  by guests/Capsule.toml:6: /data, read\n  \
         granted    by {}:3: files:/data {}\n  \
         folder     {}\n  \
         runs       a fresh instance for each call\n",
        operator.display(),
        data.display(),
        data.display()
    );
    assert_eq!(run.stdout, expected);
    let run = explained(
        &env,
        &[
            "--allow",
            "files-write:/workspace",
            "files",
            "--write",
            "/workspace/out/x",
        ],
    )
    .ends(0);
    let out = env.current().join("out");
    for told in [
        "allowed: read-write /workspace/out/x\n",
        "granted    by --allow: files-write:/workspace\n",
        &format!("folder     {}\n", out.display()),
    ] {
        assert!(run.stdout.contains(told), "{run:#?}");
    }
}

#[test]
fn a_denied_file_names_what_is_missing_and_what_would_allow_it() {
    let env = TestEnvironment::new();
    env.guests(ASKS);
    explained(&env, &["files", "--write", "/data/file"])
        .ends(3)
        .says(&[
            "files-write:/data/file is not allowed: the manifest's [[files]] does not ask for",
            "path = \"/data\"",
            "access = \"read-write\"",
        ]);
    explained(&env, &["files", "/data/file"]).ends(3).says(&[
        "files:/data is not allowed: the operator has not granted it",
        "boll run guests --allow files:/data",
        "allow = [\"files:/data\"]",
    ]);
    let run = explained(&env, &["--output", "json", "files", "/etc/passwd"]).ends(3);
    assert_eq!(
        run.json(),
        json!({
            "allowed": false,
            "file": "/etc/passwd",
            "use": "read",
            "request": null,
            "grants": [],
            "missing": [
                {
                    "capability": "files:/etc/passwd",
                    "reason": "the manifest has no [[files]] that this lies below",
                    "grant": null,
                },
                {
                    "capability": "files:/etc/passwd",
                    "reason": "the operator has not granted it; \"files:/etc/passwd\" would",
                    "grant": "files:/etc/passwd",
                },
            ],
            "folder": null,
            "runs": ["a fresh instance for each call"],
        })
    );
    explained(&env, &["files", "data/../x"])
        .fails(2)
        .says(&["`data/../x` is not a path in its plain form"]);
}

#[test]
fn what_it_prints_is_what_allows_it() {
    let env = TestEnvironment::new();
    env.guests("[[files]]\npath = \"/data\"\naccess = \"read-write\"\n");
    let data = env.current().with_file_name("data");
    fs::create_dir(&data).expect("a folder");
    env.write("ws/there", "");
    let policy = env.write("other.toml", "");
    let (data, policy) = (data.display().to_string(), policy.display().to_string());
    let given = ["--workspace", "ws", "--policy", &policy, "--expose", "ws"];
    let held = format!("files:/data {data}");
    let asked = ["--allow", &held, "files", "--write", "/data/file"];
    let run = explained(&env, &[&given[..], &asked].concat()).ends(3);
    let allow = format!("files-write:/data {data}");
    run.says(&[
        &format!(
            "boll run guests --workspace ws --policy {policy} --expose ws --allow '{held}' --allow \
             '{allow}'"
        ),
        &format!("allow = [\"{allow}\"]"),
        "other.toml:",
        "[capsule.guests]",
    ]);
    // And so it is.
    fs::write(
        &policy,
        format!("[capsule.guests]\ndigest = \"any\"\nallow = [\"{allow}\"]\n"),
    )
    .expect("written");
    let asked = ["files", "--write", "/data/file"];
    explained(&env, &[&given[..], &asked].concat()).ends(0);
}
