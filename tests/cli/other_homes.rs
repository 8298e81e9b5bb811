//! Homes besides the one that `HOME` names in this run: what Boll trusts there stays what it is.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;

use serde_json::json;

use crate::support::environment::{BOLL, Run, TestEnvironment};
use crate::support::without::Need;

const WRITES: &str = "[[process]]\nprogram = \"sh\"\nworkspace = \"read-write\"\n";

const GRANTS: [&str; 4] = ["--allow", "process:sh", "--allow", "workspace:write"];

#[test]
fn no_process_writes_what_boll_trusts_with_another_home() {
    let env = TestEnvironment::new();
    let capsule = env.guests(WRITES);
    let path = |name: &str| env.current().join(name);
    for name in [
        "homes/ann/.local/state/boll/built",
        "homes/ann/project",
        "homes/bob/.config/boll",
        "homes/eve/.cache/boll",
        "homes/dan/.config/other",
    ] {
        fs::create_dir_all(path(name)).expect("folders");
    }
    env.write("homes/bob/.config/boll/boll.toml", "");
    let payload = json!({"program": "sh", "args": ["-c", "echo planted > planted"]});
    let run = |workspace: &str| {
        let mut boll = env.boll_command(&["run", &capsule, "run", "--workspace", workspace]);
        boll.args(["--payload", &payload.to_string()]).args(GRANTS);
        let run = Run::of(boll.output().expect("boll starts"));
        (run, path(workspace).join("planted").exists())
    };
    for (workspace, what) in [
        ("homes", "of the home"),
        ("homes/ann", "operator's file of the home"),
        ("homes/ann/.local", "remembers in the home"),
        ("homes/ann/.local/state/boll", "remembers in the home"),
        ("homes/ann/.local/state/boll/built", "remembers in the home"),
        ("homes/bob/.config", "operator's file of the home"),
        ("homes/bob/.config/boll", "operator's file of the home"),
        ("homes/eve/.cache", "compiled components of the home"),
    ] {
        let (run, planted) = run(workspace);
        assert!(!planted, "{workspace}: {run:#?}");
        run.fails(2).says(&[what, "cannot be written"]);
    }
    for workspace in ["homes/ann/project", "homes/dan", "homes/dan/.config"] {
        let (run, planted) = run(workspace);
        assert!(planted, "{workspace}: {run:#?}");
        run.ends(0);
    }
}

#[test]
fn the_operators_file_of_another_home_is_not_shown() {
    let env = TestEnvironment::new();
    let capsule = env.guests("[[process]]\nprogram = \"sh\"\n");
    env.write("homes/bob/.config/boll/boll.toml", "secret = 1");
    env.write("homes/ann/.local/state/boll/built/a.json", "a record");
    let shown = |workspace: &str, name: &str| {
        let script = format!("cat {name}");
        let payload = json!({"program": "sh", "args": ["-c", script]}).to_string();
        let args = ["run", &capsule, "run", "--allow", "process:sh"];
        let mut boll = env.boll_command(&args);
        boll.args(["--payload", &payload, "--workspace", workspace]);
        Run::of(boll.output().expect("boll starts"))
    };
    for workspace in ["homes", "homes/bob", "homes/bob/.config/boll"] {
        let run = shown(workspace, "boll.toml").fails(2);
        run.says(&["the operator's file of the home"]);
    }
    let run = shown("homes/ann", ".local/state/boll/built/a.json").ends(0);
    assert!(run.stdout.contains("a record"), "{run:#?}");
}

/// An account of the machine's own table.
const ACCOUNT: u32 = 54_321;

#[test]
fn what_the_accounts_own_boll_builds_stays_with_another_home() {
    let root = nix::unistd::geteuid().is_root();
    if !Need::Root.is_met((!root).then_some("only root may become another user")) {
        return;
    }
    let env = TestEnvironment::new();
    let capsule = env.guests(WRITES);
    let path = |name: &str| env.current().join(name);
    for name in [
        "own/.local/state/boll/built",
        "elsewhere",
        "ws/app",
        "beside",
    ] {
        fs::create_dir_all(path(name)).expect("folders");
    }
    let around = env.current().parent().expect("a folder").to_owned();
    fs::set_permissions(&around, Permissions::from_mode(0o755)).expect("chmod");
    fs::copy(BOLL, around.join("boll")).expect("copied");
    let accounts = fs::read_to_string("/etc/passwd").expect("accounts");
    let line = format!(
        "own:x:{ACCOUNT}:{ACCOUNT}::{}:/bin/sh\n",
        path("own").display()
    );
    let accounts = env.write("passwd", accounts + &line);
    let app = path("ws/app").canonicalize().expect("a path");
    give(env.current());
    let data = app.metadata().expect("a folder");
    let identity = json!({"device": data.dev(), "inode": data.ino(), "owner": data.uid()});
    let record = json!({"folder": app, "manifest": "", "component": null, "identity": identity});
    env.write("own/.local/state/boll/built/app.json", record.to_string());
    give(&path("own"));

    let explained = |home: &str, workspace: &str| {
        let become_it = "mount --bind \"$1\" /etc/passwd && shift && exec setpriv --reuid 54321 \
                         --regid 54321 --clear-groups \"$@\"";
        let mut command = env.command("unshare");
        command.args(["--mount", "sh", "-c", become_it, "sh"]);
        command.arg(&accounts).arg(around.join("boll"));
        command
            .args(["explain", "--workspace", workspace])
            .args(GRANTS);
        command.args([&*capsule, "process", "sh", "-c", "true"]);
        command.env("HOME", path(home));
        for name in ["XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
            command.env_remove(name);
        }
        Run::of(command.output().expect("it starts"))
    };
    for home in ["own", "elsewhere"] {
        for workspace in ["ws", "ws/app"] {
            let run = explained(home, workspace).fails(2);
            run.says(&["which Boll builds, reads or executes"]);
        }
        let run = explained(home, "beside");
        assert!(
            !run.stderr.contains("cannot be written"),
            "{home}: {run:#?}"
        );
    }
}

/// Gives a folder, with all that is in it, to the account.
fn give(folder: &Path) {
    chown(folder, Some(ACCOUNT), Some(ACCOUNT)).expect("chown");
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            give(&entry.path());
        } else {
            chown(entry.path(), Some(ACCOUNT), Some(ACCOUNT)).expect("chown");
        }
    }
}
