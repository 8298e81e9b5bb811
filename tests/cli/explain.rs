//! `boll explain`: which rule decides about a command, the one that decides
//! when the command is run.

use serde_json::{Value, json};

use crate::support::environment::{Run, TestEnvironment};

/// What the capsule asks for; its first line is the manifest's fifth.
const ASKS: &str = "
[[process]]
program = \"ls\"
args = [\"-l\", \"**\"]

[[process]]
program = \"touch\"
args = [\"*\"]
workspace = \"read-write\"
network = \"host\"
";

fn explained(env: &TestEnvironment, capsule: &str, more: &[&str]) -> Run {
    env.boll(&[&["explain", capsule], more].concat())
}

/// The file that a program of the system is.
fn real(path: &str) -> String {
    let real = std::fs::canonicalize(path).expect("a program of every machine");
    real.to_str().expect("UTF-8").to_owned()
}

/// Standard output, with this environment's and this machine's own paths left
/// out.
fn text(env: &TestEnvironment, run: &Run) -> String {
    let operator = env.operator().display().to_string();
    let current = env.current().display().to_string();
    run.stdout
        .replace(&format!("; it is {}", real("/usr/bin/touch")), "")
        .replace(&format!("; it is {}", real("/usr/bin/ls")), "")
        .replace(&operator, "boll.toml")
        .replace(&current, "CURRENT")
}

#[test]
fn an_allowed_command_names_request_grants_and_what_it_reaches() {
    let env = TestEnvironment::new();
    let guests = env.guests(ASKS);
    env.grant(
        "[capsule.guests]\ndigest = \"any\"\nallow = [\n  \"workspace:write\",\n  \
         \"process:touch a\",\n  \"process:touch\",\n]\n",
    );
    env.write("work/file", "");
    let args = ["--workspace", "work", "--allow", "network:host"];
    let touch = ["process", "touch", "file"];
    let run = explained(&env, &guests, &[&args[..], &touch].concat()).ends(0);
    assert_eq!(run.stderr, "");
    insta::assert_snapshot!(text(&env, &run), @r#"
    allowed: touch file
      program    /usr/bin/touch, found in the sandbox's PATH
      asked for  by guests/Capsule.toml:10: touch *
      granted    by boll.toml:6: process:touch
      granted    by boll.toml:4: workspace:write
      granted    by --allow: network:host
      workspace  CURRENT/work, read-write
      network    host
      sandbox    bubblewrap
      runs       a fresh instance for each call
    "#);
    let run = explained(
        &env,
        &guests,
        &[
            "--allow",
            "process:ls",
            "--workspace",
            "work",
            "process",
            "/usr/bin/ls",
            "-l",
        ],
    )
    .ends(0);
    insta::assert_snapshot!(text(&env, &run), @r#"
    allowed: /usr/bin/ls -l
      program    /usr/bin/ls
      asked for  by guests/Capsule.toml:6: ls -l **
      granted    by --allow: process:ls
      workspace  CURRENT/work, read-only
      network    none
      sandbox    bubblewrap
      runs       a fresh instance for each call
    "#);
}

#[test]
fn a_denied_command_names_all_that_is_missing_and_a_line_that_allows_it() {
    let env = TestEnvironment::new();
    let guests = env.guests(ASKS);
    let run = explained(
        &env,
        &guests,
        &[
            "--allow",
            "network:host",
            "process",
            "--env",
            "TZ",
            "touch",
            "a b",
        ],
    )
    .ends(3)
    .says(&[
        "error: process:touch is not allowed: the operator has not granted it",
        "add to the [[process]] at guests/Capsule.toml:10: env = [\"TZ\"]",
        "boll run guests --allow network:host --allow 'process:touch *' --allow workspace:write",
        "allow = [\"process:touch *\", \"workspace:write\"]",
    ]);
    insta::assert_snapshot!(text(&env, &run), @r#"
    denied: touch 'a b'
      program    /usr/bin/touch, found in the sandbox's PATH
      asked for  by guests/Capsule.toml:10: touch *
      granted    by --allow: network:host
      missing    process:touch: the operator has not granted it; "process:touch *" would
      missing    process:touch: the manifest's [[process]] does not list `TZ` in its `env`
      missing    workspace:write: the operator has not granted it; "workspace:write" would
      workspace  CURRENT, read-write
      network    host
      sandbox    bubblewrap
      runs       a fresh instance for each call
    "#);
}

#[test]
fn a_command_that_nothing_asks_for_names_what_would_ask() {
    let env = TestEnvironment::new();
    let guests = env.guests(ASKS);
    let run = explained(
        &env,
        &guests,
        &["process", "ls", "-a", "x y", "--", "--output"],
    )
    .ends(3)
    .says(&[
        "write into guests/Capsule.toml:",
        "program = \"ls\"",
        "args = [\"-a\", \"x y\", \"--\", \"--output\"]",
        "boll run guests --allow \"process:ls -a 'x y' -- --output\"",
    ]);
    insta::assert_snapshot!(text(&env, &run), @r#"
    denied: ls -a 'x y' -- --output
      program    /usr/bin/ls, found in the sandbox's PATH
      asked for  by nothing
      not by     guests/Capsule.toml:6: ls -l **
      missing    process:ls: no [[process]] of the manifest matches these arguments
      missing    process:ls: the operator has not granted it; "process:ls -a 'x y' -- --output" would
      runs       a fresh instance for each call
    "#);
    let run = explained(
        &env,
        &guests,
        &["--allow", "process:sh", "process", "sh", "--help"],
    )
    .ends(3);
    let stdout = text(&env, &run);
    assert!(
        stdout.contains("missing    process:sh: the manifest has no [[process]]"),
        "{stdout}"
    );
    assert!(
        stdout.contains("warning    runs arbitrary code inside the sandbox"),
        "{stdout}"
    );
}

#[test]
fn the_lines_that_it_gives_allow_the_command() {
    let env = TestEnvironment::new();
    let guests = env.guests(ASKS);
    env.write("work/file", "");
    let touch = ["--workspace", "work", "process", "touch", "file"];
    let lines = |run: &Run| -> String {
        run.stderr
            .lines()
            .map(|line| line.trim_start_matches(['|', '=', ' ']))
            .filter(|line| {
                ["[capsule.", "digest = ", "allow = "]
                    .iter()
                    .any(|start| line.starts_with(start))
            })
            .map(|line| format!("{line}\n"))
            .collect()
    };
    let run = explained(&env, &guests, &touch).ends(3);
    env.grant(&lines(&run));
    explained(&env, &guests, &touch).ends(0);
    // To an entry that is there, grants are added.
    let ls = ["--workspace", "work", "process", "ls", "-l"];
    let run = explained(&env, &guests, &ls)
        .ends(3)
        .says(&["change the entry in"]);
    env.grant(&lines(&run));
    explained(&env, &guests, &ls).ends(0);
    explained(&env, &guests, &touch).ends(0);
    // Grants to another component are no help, and it says so.
    env.grant(&format!(
        "[capsule.guests]\ndigest = \"blake3:{}\"\nallow = [\"process:ls\"]\n",
        "0".repeat(64)
    ));
    explained(&env, &guests, &ls)
        .ends(3)
        .says(&["but for another component"]);
}

#[test]
fn the_same_is_there_as_json() {
    let env = TestEnvironment::new();
    let guests = env.guests(ASKS);
    env.grant("[capsule.guests]\ndigest = \"any\"\nallow = [\"process:touch\"]\n");
    let args = ["--output", "json", "process", "touch", "file"];
    let run = explained(
        &env,
        &guests,
        &[&["--allow", "workspace:write"], &args[..]].concat(),
    )
    .ends(3);
    let file = env.operator().display().to_string();
    let request = json!({"file": "guests/Capsule.toml", "line": 10, "asks": "touch *"});
    let path = "/usr/bin/touch";
    assert_eq!(
        run.json(),
        json!({
            "allowed": false,
            "command": "touch file",
            "program": {"name": "touch", "path": path, "real": real(path)},
            "request": request,
            "candidates": [request],
            "grants": [
                {"grant": "process:touch", "by": {"file": {"file": file, "line": 3}}},
                {"grant": "workspace:write", "by": "allow"},
            ],
            "missing": [{
                "capability": "network:host",
                "reason": "the operator has not granted it; \"network:host\" would",
                "grant": "network:host",
            }],
            "reaches": {
                "folder": env.current(),
                "workspace": "read-write",
                "network": "host",
                "sandbox": true,
                "backend": "bubblewrap",
            },
            "runs": ["a fresh instance for each call"],
        })
    );
    let error: Value = serde_json::from_str(run.stderr.trim_end()).expect("JSON");
    assert_eq!(error["exit"], 3);
    assert!(
        error["hints"][0]
            .to_string()
            .contains("--allow network:host"),
        "{error}"
    );
}

#[test]
fn what_instances_may_use_and_what_is_allowed_in_vain_is_said() {
    let env = TestEnvironment::new();
    let guests = env.guests(&format!(
        "[instance]\nmode = \"resident\"\nmemory-mib = 32\ntime-ms = 500\n{ASKS}\
         [[publish]]\ntopic = \"a.b\"\n"
    ));
    let runs = "one resident instance for all calls; memory 32 MiB; time of a call 500 ms";
    for what in [&["process", "ls", "-l"][..], &["publish", "a.b"]] {
        let grants = ["process:ls", "publish:a.*", "process:lls"];
        let grants = grants.iter().flat_map(|grant| ["--allow", *grant]);
        let args: Vec<&str> = grants.chain(what.iter().copied()).collect();
        let text = explained(&env, &guests, &args).ends(0).stdout;
        let end = format!(
            "\n  runs       {runs}\n  no use     --allow process:lls: the manifest asks for \
             nothing that it allows\n"
        );
        assert!(text.ends_with(&end), "{text}");
        let args = [&["--output", "json"], &args[..]].concat();
        let json = explained(&env, &guests, &args).ends(0).json();
        let said: Vec<&str> = runs.split("; ").collect();
        assert_eq!(json["runs"], json!(said));
        assert_eq!(json["not_asked_for"], json!(["process:lls"]));
    }
}

#[test]
fn a_link_is_explained_by_where_it_leads() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"ls\"\n");
    std::os::unix::fs::symlink("/usr/bin/touch", env.current().join("ls")).expect("a link");
    let run = explained(
        &env,
        &guests,
        &["--allow", "process:ls", "process", "/workspace/ls"],
    )
    .ends(3);
    let program = format!(
        "program    /workspace/ls; it is {}\n",
        real("/usr/bin/touch")
    );
    assert!(run.stdout.contains(&program), "{run:#?}");
    // Another folder as the workspace has no such link.
    let other = env.current().join("guests");
    let other = other.to_str().expect("UTF-8");
    explained(
        &env,
        &guests,
        &["--workspace", other, "process", "/workspace/ls"],
    )
    .fails(4)
    .says(&["no program `/workspace/ls` in the sandbox"]);
}

/// What a capsule is told when it runs the command, beside what `explain` says.
#[test]
fn it_says_what_a_run_does() {
    let env = TestEnvironment::new();
    let guests = env.guests(
        "[[process]]\nprogram = \"echo\"\nargs = [\"a\", \"**\"]\nenv = [\"ASKED\"]\n\
         [[process]]\nprogram = \"printf\"\n",
    );
    let grants = ["--allow", "process:echo a *", "--allow", "process:printf"];
    for (words, variable) in [
        (&["echo", "a", "b"][..], None),
        (&["echo", "a", "b"], Some("ASKED")),
        (&["echo", "a", "b"], Some("OTHER")),
        (&["echo", "a", "b", "c"], None),
        (&["echo"], None),
        (&["printf", "x"], None),
        (&["true"], None),
    ] {
        let variables: Vec<_> = variable.iter().map(|name| [*name, "1"]).collect();
        let payload = json!({"program": words[0], "args": words[1..], "env": variables});
        let payload = payload.to_string();
        let run = ["run", &guests, "run", "--payload", &payload];
        let reply = env.boll(&[&run[..], &grants].concat()).ends(0).json();

        let mut args = [&grants[..], &["--output", "json", "process"]].concat();
        args.extend(variable.iter().flat_map(|name| ["--env", *name]));
        args.extend(words);
        let explained = explained(&env, &guests, &args);
        let explanation = explained.json();
        assert_eq!(explanation["allowed"], reply["ok"].is_object(), "{reply}");
        assert_eq!(explained.code, if reply["ok"].is_object() { 0 } else { 3 });
        if let Some(denied) = reply["err"].get("denied") {
            for key in ["capability", "reason"] {
                assert_eq!(explanation["missing"][0][key], denied[key], "{words:?}");
            }
        }
    }
}

#[test]
fn a_workspace_that_a_run_refuses_allows_nothing() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"true\"\nworkspace = \"read-write\"\n");
    let grants = ["--allow", "process:true", "--allow", "workspace:write"];
    let run = [&["run", &*guests, "nothing"], &grants[..]].concat();
    let run = env.boll(&run).fails(2);
    for output in ["text", "json"] {
        let args = ["--output", output, "process", "true"];
        let explained = explained(&env, &guests, &[&grants[..], &args].concat()).fails(2);
        assert_eq!(explained.stdout, "");
        if output == "text" {
            assert_eq!(explained.stderr, run.stderr);
        }
    }
    env.write("work/file", "");
    let args = ["--workspace", "work", "process", "true"];
    explained(&env, &guests, &[&grants[..], &args].concat()).ends(0);
}

#[test]
fn a_command_that_cannot_be_one_is_refused() {
    let env = TestEnvironment::new();
    let guests = env.guests(ASKS);
    for (args, code, complaint) in [
        (&["process", "./ls"][..], 2, "`./ls` is a relative path"),
        (&["process", ""], 2, "the program's name is empty"),
        (
            &["process", "ls", "--env", "A=B"],
            3,
            "no [[process]] of the manifest",
        ),
        (
            &["process", "--env", "A=B", "ls"],
            2,
            "`A=B` is not the name",
        ),
        (
            &["process", "no-such-program"],
            4,
            "no program `no-such-program`",
        ),
        (&["process"], 2, "Usage: "),
        (&[], 2, "Usage: "),
    ] {
        explained(&env, &guests, args).ends(code).says(&[complaint]);
    }
}
