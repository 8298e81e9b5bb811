//! `boll doctor`: what works on this machine, and what is missing.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::environment::{BOLL, Run, TestEnvironment};
use crate::support::guests::prepared;

const NAMES: [&str; 7] = [
    "sandbox",
    "rust target",
    "cargo",
    "git",
    "node",
    "python",
    "c compiler",
];

#[test]
fn a_machine_that_is_prepared_has_nothing_to_mend() {
    prepared();
    let env = TestEnvironment::new();
    let text = env.boll(&["doctor"]).ends(0).stdout;
    let json = env.boll(&["doctor", "--output", "json"]).ends(0).json();
    let findings = json.as_array().expect("a list");
    for name in NAMES {
        assert!(text.contains(name), "{name}: {text}");
        let found = findings
            .iter()
            .any(|one| one["name"] == name && one["status"] == "ok");
        assert!(found, "{name}: {json:#}");
    }
}

#[test]
fn a_machine_without_tools_is_told_what_to_install() {
    prepared();
    let env = TestEnvironment::new();
    let run = env
        .boll_on(env.current(), &["doctor", "--output", "json"])
        .ends(4)
        .says(&["this machine lacks something that Boll needs: ", "git"]);
    let json = run.json();
    let git = json
        .as_array()
        .and_then(|findings| findings.iter().find(|one| one["name"] == "git"))
        .expect("git is looked for");
    assert_eq!(git["status"], "missing");
    assert_eq!(git["fix"]["install"]["packages"][0], "git");
}

#[test]
fn the_tools_of_a_language_are_missing_only_where_it_is_asked_for() {
    prepared();
    let env = TestEnvironment::new();
    let statuses = |args: &[&str]| -> Vec<String> {
        let args = [&["doctor", "--output", "json"], args].concat();
        let json = env.boll_on(env.current(), &args).ends(4).json();
        ["node", "python", "c compiler"]
            .map(|name| {
                let all = json.as_array().expect("a list");
                let one = all.iter().find(|one| one["name"] == name);
                one.expect("it is looked for")["status"].to_string()
            })
            .to_vec()
    };
    assert_eq!(statuses(&[]), ["\"not_needed\""; 3]);
    assert_eq!(
        statuses(&["--lang", "c", "--lang", "python"]),
        ["\"not_needed\"", "\"missing\"", "\"missing\""]
    );
}

#[test]
fn what_needs_an_administrator_is_a_line_and_never_run() {
    prepared();
    let env = TestEnvironment::new();
    for name in ["apt-get", "sudo"] {
        tool(
            &env,
            name,
            &format!("echo >{}/ran\n", env.current().display()),
        );
    }
    let on = |args: &[&str]| {
        env.boll_on(env.current().join("tools"), args)
            .ends(4)
            .stdout
    };
    let text = on(&["doctor", "--fix"]) + &on(&["doctor", "--lang", "c", "--lang", "python"]);
    let install = "apt-get update && apt-get install -y --no-install-recommends \
                   --no-remove -o DPkg::Lock::Timeout=120";
    // As this user pastes it.
    let start = match nix::unistd::geteuid().is_root() {
        true => format!("fix: {install}"),
        false => format!("fix: sudo sh -c '{install}"),
    };
    for packages in [
        "git",
        "python3 python3-venv",
        "clang libclang-rt-dev-wasm32 lld make wasi-libc",
    ] {
        let line = format!("{start} {packages}");
        assert!(text.contains(&line), "no `{line}` in\n{text}");
    }
    for line in text
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("fix: "))
    {
        let shell = env.command("/bin/sh").args(["-nc", line]).status();
        assert!(shell.is_ok_and(|status| status.success()), "{line}");
    }
    assert!(!env.current().join("ran").exists(), "{text}");
}

/// A Rust that has the target when `rustup` was told to add it; its folder is this.
fn rust_without_target(env: &TestEnvironment, sysroot: &str) {
    let here = env.current().display().to_string();
    tool(env, "cargo", "echo cargo 1.95.0\n");
    let rustc = format!(
        "case \"$*\" in\n-V) echo rustc 1.95.0;;\n'--print sysroot') echo {sysroot};;\n\
         *target-libdir*) [ -e {here}/told ] && echo {here}/std;;\nesac\n"
    );
    tool(env, "rustc", &rustc);
    tool(env, "rustup", &format!("echo \"$*\" >{here}/told\n"));
    env.write("std/libstd-1.rlib", "");
}

#[test]
fn the_rust_target_is_added_by_rustup_where_it_is_asked_for() {
    prepared();
    let env = TestEnvironment::new();
    rust_without_target(&env, "/nowhere/toolchains/stable");
    let on = |args: &[&str]| env.boll_on(env.current().join("tools"), args);
    let told = || fs::read_to_string(env.current().join("told")).ok();

    let found = on(&["doctor"]).ends(4).says(&["boll doctor --fix"]).stdout;
    assert!(found.contains("fix: rustup target add wasm32-wasip2\n"));
    env.write("mine/Cargo.toml", "[package]\nname = \"mine\"\n");
    let manifest = "[capsule]\nid = \"mine\"\nversion = \"1.0.0\"\n";
    env.write("mine/Capsule.toml", manifest);
    on(&["build", "mine"]).fails(4).says(&[
        "`boll doctor --fix` adds it",
        "    rustup target add wasm32-wasip2\n",
    ]);
    assert_eq!(told(), None, "looking and building add nothing");

    let fixed = on(&["doctor", "--fix"]).ends(4).stdout;
    assert_eq!(told().as_deref(), Some("target add wasm32-wasip2\n"));
    assert!(
        fixed.contains("rustc 1.95.0 builds for wasm32-wasip2"),
        "{fixed}"
    );
}

#[test]
fn a_rust_that_rustup_does_not_manage_is_left_alone() {
    prepared();
    let env = TestEnvironment::new();
    rust_without_target(&env, "/usr");
    let run = env.boll_on(env.current().join("tools"), &["doctor", "--fix"]);
    let text = run.ends(4).stdout;
    assert!(text.contains("and rustup does not manage it"), "{text}");
    assert!(
        text.contains("https://sh.rustup.rs | sh -s -- --target wasm32-wasip2\n"),
        "{text}"
    );
    assert!(!env.current().join("told").exists(), "{text}");
}

/// Puts a shell script into the folder `tools` as a program.
fn tool(env: &TestEnvironment, name: &str, script: &str) {
    let file = env.write(&format!("tools/{name}"), format!("#!/bin/sh\n{script}"));
    fs::set_permissions(file, fs::Permissions::from_mode(0o755)).expect("chmod");
}

#[test]
fn the_tools_are_not_asked_in_the_current_folder() {
    prepared();
    let env = TestEnvironment::new();
    // A link of `rustup`'s takes another compiler where the folder says so, and Python
    // imports the folder's modules.
    env.write("ensurepip.py", "open('imported', 'w')\n");
    env.write("tools/asked", "");
    let asked = env.current().join("tools/asked");
    for name in ["rustc", "cargo", "node", "git", "go", "clang", "make"] {
        let script = format!("echo {name} $(pwd -P) >> {}\n", asked.display());
        tool(&env, name, &script);
    }
    let path = std::env::var("PATH").expect("PATH");
    let path = format!("{}:{path}", env.current().join("tools").display());
    env.boll_on(path, &["doctor"]);
    let asked = fs::read_to_string(asked).expect("what was asked");
    assert!(asked.contains("cargo /\n"), "{asked}");
    assert!(asked.contains("rustc /\n"), "{asked}");
    assert!(asked.lines().all(|line| line.ends_with(" /")), "{asked}");
    assert!(!env.current().join("imported").exists());
}

#[test]
fn no_language_fails_for_the_tools_of_another() {
    prepared();
    let env = TestEnvironment::new();
    // Node is there, and no Rust.
    let node = std::env::split_paths(&std::env::var_os("PATH").expect("PATH"))
        .map(|folder| folder.join("node"))
        .find(|node| node.is_file())
        .expect("node");
    for name in ["node", "npm", "bwrap"] {
        let program = node.with_file_name(name);
        let program = match program.is_file() {
            true => program,
            false => std::path::Path::new("/usr/bin").join(name),
        };
        fs::create_dir_all(env.current().join("tools")).expect("a folder");
        std::os::unix::fs::symlink(program, env.current().join("tools").join(name))
            .expect("a link");
    }
    let on = |args: &[&str]| {
        let args = [&["doctor", "--output", "json"], args].concat();
        env.boll_on(env.current().join("tools"), &args)
    };
    let status = |json: &serde_json::Value, name: &str| {
        let mut all = json.as_array().expect("a list").iter();
        let one = all
            .find(|one| one["name"] == name)
            .expect("it is looked for");
        one["status"].as_str().expect("a status").to_owned()
    };
    let json = on(&["--lang", "js"]).ends(0).json();
    assert_eq!(status(&json, "node"), "ok");
    // It judges the sandbox and this language only.
    for name in ["rust target", "cargo", "python", "c compiler", "go", "git"] {
        assert_eq!(status(&json, name), "not_needed", "{name}");
    }
    let not_needed = json.as_array().expect("a list").iter();
    let mut not_needed = not_needed.filter(|one| one["status"] == "not_needed");
    assert!(not_needed.all(|one| one["fix"].is_null()), "{json:#}");
    assert_eq!(on(&["--lang", "ts"]).ends(0).json(), json);
    let json = on(&["--lang", "rust"]).ends(4).json();
    assert_eq!(status(&json, "rust target"), "missing");
    assert_eq!(status(&json, "node"), "not_needed");
    on(&["--lang", "rust"])
        .ends(4)
        .says(&["rust target (missing)"]);
    // One language suffices, but for the examples.
    let json = on(&[]).ends(4).json();
    assert_eq!(status(&json, "rust target"), "not_needed");
    assert_eq!(status(&json, "git"), "missing");
}

#[test]
fn it_judges_the_limits_of_the_shell_as_every_command_does() {
    prepared();
    let env = TestEnvironment::new();
    let guests = env.guests("");
    let limited = |limits: &str, args: &str| {
        let line = format!("{limits}; exec {BOLL} {args}");
        let output = env.command("bash").args(["-c", &line]).output();
        Run::of(output.expect("a shell"))
    };
    for limits in ["ulimit -v 1000000", "ulimit -f 1", "ulimit -n 20"] {
        let refused = limited(limits, &format!("check {guests}")).fails(4);
        let mut lines = refused.stderr.lines();
        let message = lines
            .next()
            .expect("a message")
            .trim_start_matches("error: ");
        let fix = refused
            .stderr
            .split("help: ")
            .nth(1)
            .expect("a hint")
            .trim()
            .trim_start_matches("to raise it: ");
        let found = limited(limits, "doctor").ends(4).stdout;
        let told = found.lines().any(|line| {
            line.starts_with("broken ") && line.contains(" limits ") && line.ends_with(message)
        });
        assert!(told, "{found}{refused:?}");
        let told = [format!("fix: {fix}\n"), format!("to do: {fix}\n")];
        assert!(
            told.iter().any(|line| found.contains(line)),
            "{found}{refused:?}"
        );
        assert!(!found.contains("sandbox"), "{found}");
    }
    // It raises what every command raises.
    limited("ulimit -S -n 20", &format!("check {guests}")).ends(0);
    let found = limited("ulimit -S -n 20", "doctor").ends(0).stdout;
    assert!(!found.contains("broken"), "{found}");
}
