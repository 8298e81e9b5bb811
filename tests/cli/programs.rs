//! `tools`, `path` and `variables` of the operator's file, and programs that processes are
//! not shown.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::environment::{Run, TestEnvironment};

const ASKS: &str = "[[process]]\nprogram = \"acme\"\n\n[[process]]\nprogram = \"sh\"\n";

const GRANTS: [&str; 4] = ["--allow", "process:acme", "--allow", "process:sh"];

/// Executes a program.
fn run(env: &TestEnvironment, program: &str, args: &[&str]) -> Value {
    let guests = env.guests(ASKS);
    let payload = json!({"program": program, "args": args}).to_string();
    let args = ["run", &guests, "run", "--payload", &payload];
    env.boll(&[&args[..], &GRANTS].concat()).ends(0).json()
}

fn executable(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, text).expect("written");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("chmod");
}

/// A folder that every user can read, with `bin/acme` in it.
fn acme() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("chmod");
    let path = folder.path().canonicalize().expect("a path").join("acme");
    executable(
        &path.join("bin/acme"),
        "#!/bin/sh\n. \"$(dirname $0)/../lib\"\necho $TEXT\n",
    );
    fs::write(path.join("lib"), "TEXT='an acme'\n").expect("written");
    (folder, path)
}

/// Runs `boll` where the user's search path has a folder more.
fn with_path(env: &TestEnvironment, folder: &Path, args: &[&str]) -> Run {
    let path = std::env::var("PATH").expect("PATH");
    env.boll_on(format!("{}:{path}", folder.display()), args)
}

#[test]
fn a_program_elsewhere_runs_once_the_lines_are_written_that_explain_says() {
    let env = TestEnvironment::new();
    let (_folder, path) = acme();
    let guests = env.guests(ASKS);
    let explain = ["explain", &guests, "process", "acme"];
    let explained = with_path(&env, &path.join("bin"), &explain).fails(4);
    let shown = path.display();
    let lines = format!("read-only = [\"{shown}\"]\npath = [\"{shown}/bin\"]");
    for line in lines.lines() {
        assert!(explained.stderr.contains(line), "{explained:#?}");
    }
    let checked = with_path(&env, &path.join("bin"), &["check", &guests]);
    assert!(
        checked.stdout.contains("this machine has it at"),
        "{checked:#?}"
    );
    env.grant(&format!("[sandbox]\n{lines}\n"));
    let reply = run(&env, "acme", &[]);
    assert_eq!(reply["ok"]["stdout"]["text"], "an acme\n", "{reply}");
}

#[test]
fn a_toolchain_is_found_below_the_home_and_checked_and_used() {
    let env = TestEnvironment::new();
    let rustup = env.current().join("rustup");
    let folder = rustup.join("toolchains/stable-x86_64-unknown-linux-gnu");
    fs::create_dir_all(folder.join("bin")).expect("folders");
    // What it is does not matter, but that it is a program and no script.
    fs::copy("/usr/bin/echo", folder.join("bin/rustc")).expect("copied");
    fs::write(
        rustup.join("settings.toml"),
        "default_toolchain = \"stable\"\n",
    )
    .expect("written");
    let with_rustup = |args: &[&str]| {
        let mut boll = env.boll_command(args);
        boll.env("RUSTUP_HOME", &rustup)
            .env_remove("RUSTUP_TOOLCHAIN");
        Run::of(boll.output().expect("boll starts"))
    };
    env.grant("[sandbox]\ntools = [\"rust\"]\n");
    let guests = env.guests(ASKS);
    fs::create_dir(env.current().join("empty")).expect("a folder");
    let checked = with_rustup(&["check", &guests, "--workspace", "empty"]);
    let line = format!("tools      rust: {}", folder.display());
    assert!(checked.stdout.contains(&line), "{checked:#?}");
    let script = "command -v rustc; rustc found; touch $(command -v rustc)";
    let payload = json!({"program": "sh", "args": ["-c", script]}).to_string();
    let args = [
        "run",
        &guests,
        "run",
        "--workspace",
        "empty",
        "--payload",
        &payload,
    ];
    let reply = with_rustup(&[&args[..], &GRANTS].concat()).ends(0).json();
    let text = reply["ok"]["stdout"]["text"].as_str().expect("text");
    assert_eq!(
        text,
        format!("{}/bin/rustc\nfound\n", folder.display()),
        "{reply}"
    );
    let named = fs::read(folder.join("bin/rustc")).expect("the program");
    assert_eq!(named, fs::read("/usr/bin/echo").expect("the program"));
}

#[test]
fn a_toolchain_that_is_not_there_or_exposes_too_much_is_an_error_at_its_line() {
    let env = TestEnvironment::new();
    let guests = env.guests(ASKS);
    env.grant("[sandbox]\ntools = [\"cobol\"]\n");
    env.boll(&["check", &guests])
        .fails(2)
        .says(&["`cobol` is no toolchain", ":2:"]);
    let home = tempfile::tempdir().expect("a folder");
    let home = home.path().canonicalize().expect("a path");
    fs::create_dir_all(home.join(".ssh")).expect("folders");
    fs::create_dir(home.join("bin")).expect("a folder");
    fs::copy("/usr/bin/true", home.join("bin/go")).expect("copied");
    env.grant("[sandbox]\ntools = [\"go\"]\n");
    let refused = with_path(&env, &home.join("bin"), &["check", &guests]);
    refused.fails(2).says(&["home folder", ":2:"]);
}

#[test]
fn variables_of_the_operator_are_in_every_process_and_in_no_message() {
    let env = TestEnvironment::new();
    env.grant(
        "[sandbox.variables]\nHTTPS_PROXY = \"http://me:hidden@proxy:1\"\nTZ = \"Asia/Tokyo\"\n",
    );
    let reply = run(&env, "sh", &["-c", "echo $HTTPS_PROXY $TZ"]);
    assert_eq!(
        reply["ok"]["stdout"]["text"],
        "http://me:hidden@proxy:1 Asia/Tokyo\n"
    );
    let guests = env.guests(ASKS);
    let checked = env.boll(&["check", &guests, "--output", "json"]);
    assert!(!checked.stdout.contains("hidden") && !checked.stderr.contains("hidden"));
    for (line, complaint) in [
        ("LD_PRELOAD = \"/hidden.so\"", "`LD_PRELOAD` cannot be set"),
        ("PATH = \"/hidden\"", "set by the sandbox"),
        ("A = 5", "has to be a text"),
        ("\"A B\" = \"hidden\"", "not the name of a variable"),
        ("SSL_CERT_FILE = \"/etc/passwd\"", "not shown"),
    ] {
        env.grant(&format!("[sandbox.variables]\n{line}\n"));
        let refused = env.boll(&["check", &guests]).fails(2);
        assert!(!refused.stderr.contains("hidden"), "{refused:#?}");
        refused.says(&[complaint, "boll.toml"]);
    }
}

#[test]
fn a_virtual_environment_that_was_made_outside_works() {
    let env = TestEnvironment::new();
    let folder = env.current().join("project");
    executable(
        &folder.join("venv/bin/python"),
        "#!/bin/sh\necho python $1\n",
    );
    let script = format!("#!{}/venv/bin/python\n", folder.display());
    executable(&folder.join("venv/bin/acme"), &script);
    symlink(folder.join("venv/bin/acme"), folder.join("acme")).expect("a link");
    let guests = env.guests("[[process]]\nprogram = \"/workspace/acme\"\n");
    let payload = json!({"program": "/workspace/acme"}).to_string();
    let grant = "process:/workspace/acme";
    let workspace = folder.to_str().expect("UTF-8");
    let args = [
        "run",
        &guests,
        "run",
        "--workspace",
        workspace,
        "--payload",
        &payload,
        "--allow",
        grant,
    ];
    let reply = env.boll(&args).ends(0).json();
    let text = reply["ok"]["stdout"]["text"].as_str().expect("text");
    assert!(text.starts_with("python /"), "{reply}");
}
