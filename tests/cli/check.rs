//! `boll check`: what a capsule imports, asks for and is granted.

use serde_json::json;

use crate::support::environment::TestEnvironment;
use crate::{GIT_LOG, example};

#[test]
fn the_check_lists_imports_requests_and_grants() {
    let env = TestEnvironment::new();
    let rust = example("rust");
    let check = |more: &[&str]| {
        let args = [&["check", &rust, "--output", "json"], more].concat();
        env.boll(&args).ends(0).json()
    };
    let before = check(&[]);
    assert_eq!(before["id"], "git-report");
    let import = json!({"interface": "boll:process/process@0.2.0", "functions": ["run"]});
    let imports = before["imports"].as_array().expect("a list");
    assert!(imports.contains(&import), "{imports:#?}");
    assert_eq!(
        before["asks"],
        json!([
            {
                "capability": "process:git",
                "scope": "git log **",
                "arbitrary_code": {
                    "program": "git",
                    "reason": "starts pagers, hooks and filters that its configuration names",
                },
            },
            {"capability": "config:label", "scope": "a string", "note": "not set"},
            {
                "capability": "config:limit",
                "scope": "an integer",
                "note": "default 1000",
                "from": "the manifest's default",
            },
        ])
    );
    assert_eq!(before["granted"], json!([]));
    assert_eq!(before["missing"], json!([GIT_LOG]));

    let after = check(&["--allow", GIT_LOG]);
    assert_eq!(
        after["granted"],
        json!([{"name": "process:git", "scope": "git log **"}])
    );
    assert_eq!(after["missing"], json!([]));
}

#[test]
fn the_same_is_there_as_text() {
    let env = TestEnvironment::new();
    let rust = example("rust");
    let asks = "asks for\n  process:git  git log **\n";
    for (args, granted, missing) in [
        (&[][..], "  nothing", GIT_LOG),
        (
            &["--allow", GIT_LOG],
            "  process:git  git log **",
            "nothing",
        ),
    ] {
        let run = env.boll(&[&["check", &rust], args].concat()).ends(0);
        let end = format!("is granted\n{granted}\nis not granted\n  {missing}\n");
        assert!(
            run.stdout.starts_with("git-report 0.2.0\n"),
            "{}",
            run.stdout
        );
        assert!(run.stdout.contains(asks), "{}", run.stdout);
        assert!(run.stdout.ends_with(&end), "{}", run.stdout);
    }
}

#[test]
fn the_check_runs_nothing() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[action]]\nname = \"trap\"\n");
    let run = env.boll(&["check", &guests]).ends(0);
    assert_eq!(run.stderr, "");
}

#[test]
fn what_a_request_asks_for_besides_its_program_is_said() {
    let env = TestEnvironment::new();
    let guests = env
        .guests("[[process]]\nprogram = \"ls\"\nworkspace = \"read-write\"\nnetwork = \"host\"\n");
    let run = env
        .boll(&["check", &guests, "--allow", "network:host"])
        .ends(0);
    let ask = "process:ls  ls ** (writes to the workspace; reaches everything that the host \
               reaches, its loopback services too)\n";
    assert!(run.stdout.contains(ask), "{}", run.stdout);
    let end = "is granted\n  network:host  reaches everything that the host reaches, its loopback \
               services too\nis not granted\n  process:ls\n  workspace:write\n";
    assert!(run.stdout.ends_with(end), "{}", run.stdout);
}

#[test]
fn what_runs_arbitrary_code_is_said_by_the_file_that_it_is() {
    let env = TestEnvironment::new();
    std::fs::create_dir(env.current().join("bin")).expect("a folder");
    env.write("tool", "#!/bin/sh\n");
    for (name, target) in [("harmless", "/usr/bin/bash"), ("tool", "../tool")] {
        let link = env.current().join("bin").join(name);
        std::os::unix::fs::symlink(target, link).expect("a link");
    }
    let guests = env.guests(
        "[[process]]\nprogram = \"sh\"\nargs = [\"-c\", \"true\"]\n\
         [[process]]\nprogram = \"awk\"\n[[process]]\nprogram = \"env\"\n\
         [[process]]\nprogram = \"/workspace/bin/harmless\"\n\
         [[process]]\nprogram = \"/workspace/bin/tool\"\n\
         [[process]]\nprogram = \"ls\"\n\
         [[process]]\nprogram = \"zsh-that-is-not-there\"\n\
         [[process]]\nprogram = \"ruby9.9\"\n",
    );
    // The files that the names lead to are this machine's.
    let real = |name: &str| {
        let path = std::path::Path::new("/usr/bin").join(name);
        let real = path.canonicalize().expect("a program of every machine");
        let name = real.file_name().expect("a name");
        name.to_str().expect("UTF-8").to_owned()
    };
    let json = env
        .boll(&["check", &guests, "--output", "json"])
        .ends(0)
        .json();
    let found: Vec<_> = json["asks"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|ask| ask["arbitrary_code"]["program"].as_str())
        .collect();
    let (sh, awk) = (real("sh"), real("awk"));
    assert_eq!(
        found,
        [
            Some(&*sh),
            Some(&*awk),
            Some("env"),
            Some("bash"),
            None,
            None,
            None,
            Some("ruby9.9")
        ],
        "{json:#}"
    );
    let text = env.boll(&["check", &guests]).ends(0).stdout;
    let line = format!(
        "process:sh  sh -c true\n    runs arbitrary code inside the sandbox: {sh} is a shell\n"
    );
    assert!(text.contains(&line), "{text}");
    assert!(text.contains("process:ls  ls **\n  process:zsh"), "{text}");
}

#[test]
fn the_check_says_how_a_capsule_is_run() {
    let env = TestEnvironment::new();
    let guests = env.guests(
        "[instance]\nmode = \"resident\"\nmemory-mib = 32\ntime-ms = 500\n\
         [requires]\nstore = \"^1.2\"\n",
    );
    let check = env
        .boll(&["check", &guests, "--output", "json"])
        .ends(0)
        .json();
    let expected = serde_json::json!([
        "one resident instance for all calls",
        "memory 32 MiB",
        "time of a call 500 ms",
        "requires store ^1.2",
    ]);
    assert_eq!(check["runs"], expected);
    assert_eq!(
        check["exports"],
        serde_json::json!(["boll:hook/handler@0.2.0"])
    );
    let text = env.boll(&["check", &guests]).ends(0).stdout;
    assert!(
        text.contains("\nexports\n  boll:hook/handler@0.2.0\n"),
        "{text}"
    );
}

#[test]
fn what_is_allowed_and_not_asked_for_is_said() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[process]]\nprogram = \"git\"\nargs = [\"log\", \"**\"]\n");
    let grants = [
        "process:git",
        "process:gti",
        "process:git push",
        "process:/usr/bin/git log",
        "network:host",
        "sandbox:none",
        "publish:a.b",
    ];
    let grants: Vec<&str> = grants
        .iter()
        .flat_map(|grant| ["--allow", *grant])
        .collect();
    let check = [&["check", &*guests], &grants[..]].concat();
    let said = "is allowed by --allow, and not asked for\n  process:gti\n  process:git push\n  \
                network:host\n  publish:a.b\n";
    let text = env.boll(&check).ends(0).stdout;
    assert!(text.ends_with(said), "{text}");
    let json = env
        .boll(&[&check[..], &["--output", "json"]].concat())
        .json();
    let expected = [
        "process:gti",
        "process:git push",
        "network:host",
        "publish:a.b",
    ];
    assert_eq!(json["not_asked_for"], json!(expected));
    let args = ["check", &*guests, "--allow", "process:git"];
    let text = env.boll(&args).ends(0).stdout;
    assert!(!text.contains("not asked for"), "{text}");
    // A run says it as well, and goes on.
    let args = [
        "run",
        &*guests,
        "nothing",
        "--allow",
        "process:git",
        "--allow",
    ];
    let run = env.boll(&[&args[..], &["process:gti"]].concat()).ends(0);
    run.says(&[
        "process:gti",
        "changes nothing: guests asks for nothing that it allows",
    ]);
    let run = env.boll(&args[..5]).ends(0);
    assert!(!run.stderr.contains("changes nothing"), "{run:#?}");
}

#[test]
fn what_a_manifest_says_is_cut_and_nothing_of_it_is_obeyed() {
    let env = TestEnvironment::new();
    let long = "9".repeat(5000);
    let guests = env.guests(&format!(
        "[requires]\nstore = \"^1.0.0-a{long}\"\n\
         [config.long]\ntype = \"string\"\ndefault = \"{long}\"\n\
         [config.obeyed]\ntype = \"string\"\ndefault = \"\\u001b[2J\\u009b31m\\u202e\"\n"
    ));
    let manifest = env.current().join(&guests).join("Capsule.toml");
    let text = std::fs::read_to_string(&manifest).expect("a manifest");
    let version = format!("version = \"1.0.0+{long}\"");
    let text = text.replace("version = \"1.0.0\"", &version);
    assert!(text.contains(&version), "{text}");
    std::fs::write(&manifest, text).expect("written");
    // A pipe may lead to a terminal.
    let text = env.boll(&["check", &guests]).ends(0).stdout;
    let mut lines = text.lines().filter(|line| line.contains("999"));
    assert!(lines.all(|line| line.len() < 500), "{text}");
    for cut in [
        "guests 1.0.0+999",
        "requires store ^1.0.0-a999",
        "default 999",
    ] {
        assert!(text.contains(cut), "{cut}: {text}");
    }
    assert_eq!(text.matches(" bytes)").count(), 3, "{text}");
    assert!(
        text.contains("default \\u{1b}[2J\\u{9b}31m\\u{202e}"),
        "{text}"
    );
    let mut all = text.chars();
    assert!(all.all(|one| one == '\n' || boll_host::plain::is_plain(one)));
    for command in [
        &["inspect", &*guests][..],
        &["explain", &*guests, "publish", "a.b"],
    ] {
        let text = env.boll(command).stdout;
        let mut all = text.chars();
        assert!(
            all.all(|one| one == '\n' || boll_host::plain::is_plain(one)),
            "{text}"
        );
    }
    let json = env
        .boll(&["check", &guests, "--output", "json"])
        .ends(0)
        .json();
    assert_eq!(json["version"], format!("1.0.0+{long}"));
}
