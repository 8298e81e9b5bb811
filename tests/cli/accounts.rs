//! Other accounts of the machine, where root writes: what they build is kept from
//! being changed, and none of them keeps root from writing what is root's.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::environment::{BOLL, Run, TestEnvironment};
use crate::support::without::Need;

const WRITES: &str = "[[process]]\nprogram = \"sh\"\nworkspace = \"read-write\"\n";

/// The id of the other account.
const OTHER: u32 = 54_321;

/// A machine with another account, `other`, which has a home of its own.
struct Machine {
    env: TestEnvironment,
    capsule: String,
    accounts: PathBuf,
    home: PathBuf,
}

impl Machine {
    /// Nothing where the test is not tried.
    fn new() -> Option<Self> {
        let root = nix::unistd::geteuid().is_root();
        if !Need::Root.is_met((!root).then_some("only root writes for others")) {
            return None;
        }
        let env = TestEnvironment::new();
        let capsule = env.guests(WRITES);
        let home = env.current().join("homes/other");
        let accounts = fs::read_to_string("/etc/passwd").expect("accounts");
        let line = format!("other:x:{OTHER}:{OTHER}::{}:/bin/sh\n", home.display());
        let accounts = env.write("passwd", accounts + &line);
        let around = env.current().parent().expect("a folder");
        fs::set_permissions(around, fs::Permissions::from_mode(0o755)).expect("chmod");
        Some(Self {
            env,
            capsule,
            accounts,
            home,
        })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.env.current().join(name)
    }

    /// Gives files and folders to the other account.
    fn give(&self, names: &[&str]) {
        for name in names {
            chown(self.path(name), Some(OTHER), Some(OTHER)).expect("chown");
        }
    }

    /// Runs as root, who was `before`, what writes a workspace. Returns whether it was
    /// written.
    fn run(&self, workspace: &str, before: &str) -> (Run, bool) {
        let mount = "mount --bind \"$1\" /etc/passwd && shift && exec \"$@\"";
        let mut command = self.env.command("unshare");
        command
            .args(["--mount", "sh", "-c", mount, "sh"])
            .arg(&self.accounts);
        let script = "echo planted > planted";
        let payload = json!({"program": "sh", "args": ["-c", script]}).to_string();
        command.arg(BOLL).args(["run", &self.capsule, "run"]);
        command.args(["--payload", &payload, "--workspace", workspace]);
        command.args(["--allow", "process:sh", "--allow", "workspace:write"]);
        command.env("SUDO_USER", before);
        let run = Run::of(command.output().expect("it starts"));
        let planted = self.path(workspace).join("planted");
        let there = planted.exists();
        let _ = fs::remove_file(planted);
        (run, there)
    }

    fn writes(&self, workspace: &str) {
        let (run, planted) = self.run(workspace, "");
        assert!(planted, "{workspace}: {run:#?}");
    }

    fn refuses(&self, workspace: &str, said: &str) {
        let (run, planted) = self.run(workspace, "");
        assert!(!planted, "{workspace}: {run:#?}");
        run.fails(2).says(&[said]);
    }

    /// What the other account's Boll remembers.
    fn built(&self) -> PathBuf {
        self.home.join(".local/state/boll/built")
    }

    /// Has the other account's Boll remember that it built a folder.
    fn record(&self, name: &str, folder: &Path) {
        fs::create_dir_all(self.built()).expect("folders");
        let record = json!({"folder": folder, "manifest": "blake3:00", "component": null});
        fs::write(self.built().join(name), record.to_string()).expect("written");
    }
}

const OWNED: &str = "which Boll builds, reads or executes";

/// What root's Boll writes is judged for the user who owns it as well.
#[test]
fn nor_is_what_another_user_builds_where_root_writes() {
    let Some(machine) = Machine::new() else {
        return;
    };
    let env = &machine.env;
    // Both name a file in `inc`, which root owns.
    let manifest = "[capsule]\nid = \"mk\"\nversion = \"1.0.0\"\n";
    env.write("ws/mk/Capsule.toml", manifest);
    env.write("ws/mk/Makefile", "include ../../inc/x.mk\nall:\n\tfalse\n");
    env.write("inc/x.mk", "");
    env.write("tools/file", "");
    machine.give(&[
        "ws",
        "ws/mk",
        "ws/mk/Makefile",
        "ws/mk/Capsule.toml",
        "tools",
    ]);
    for workspace in ["ws", "inc", "tools"] {
        let (run, planted) = machine.run(workspace, "other");
        assert!(planted, "{workspace}: {run:#?}");
    }
    let built = env
        .boll_command(&["build", "ws/mk"])
        .env("HOME", &machine.home)
        .output();
    assert!(!built.expect("boll starts").status.success());
    let own = env.current().parent().expect("a folder");
    let own = own.join("home/.local/state/boll");
    if own.join("built").exists() {
        panic!("it was built by another user: {}", own.display());
    }
    assert!(machine.built().is_dir());
    for (workspace, before, refused) in [
        ("ws", "", true),
        ("ws", "other", true),
        // Who became root builds with it; of all others only their own folders count.
        ("inc", "other", true),
        ("inc", "", false),
        ("tools", "", false),
    ] {
        let (run, planted) = machine.run(workspace, before);
        assert_eq!(planted, !refused, "{workspace} {before}: {run:#?}");
        if refused {
            run.fails(2).says(&[OWNED]);
        }
    }
    // Its tools read settings in its home, wherever that is.
    symlink(machine.path("tools"), machine.home.join(".cargo")).expect("a link");
    machine.refuses("tools", OWNED);
    fs::remove_file(machine.home.join(".cargo")).expect("removed");
    // Nor is what cannot be found out taken for nothing.
    fs::rename(machine.built(), machine.built().with_extension("away")).expect("moved");
    symlink("built", machine.built()).expect("a link");
    machine.refuses("tools", "what other builds cannot be read");
}

/// An account writes its records itself: of root's folders they say nothing.
#[test]
fn no_record_of_an_account_keeps_root_from_writing_what_is_roots() {
    let Some(machine) = Machine::new() else {
        return;
    };
    let env = &machine.env;
    env.write("ws/a/b/file", "");
    env.write("theirs/own/file", "");
    machine.give(&["theirs", "theirs/own", "theirs/own/file"]);
    symlink(machine.path("ws"), machine.path("theirs/link")).expect("a link");
    let link = machine.path("theirs/link");
    std::os::unix::fs::lchown(&link, Some(OTHER), Some(OTHER)).expect("chown");
    machine.record("plain.json", &machine.path("ws"));
    machine.record("below.json", &machine.path("ws/a/b"));
    machine.record("file.json", &machine.path("ws/a/b/file"));
    machine.record("around.json", env.current());
    machine.record("link.json", &link);
    machine.record("up.json", &machine.path("ws/a/../../theirs/own"));
    machine.record("missing.json", &machine.path("ws/missing"));
    machine.writes("ws");
    // What is the account's own in it is kept, however deep it lies.
    fs::create_dir_all(machine.path("ws/a/b/c")).expect("a folder");
    machine.record("own.json", &machine.path("ws/a/b/c"));
    machine.writes("ws");
    machine.give(&["ws/a/b/c"]);
    machine.refuses("ws", OWNED);
}

/// An account decides what its records are like: it is not let alone where they cannot
/// be read, and keeps root from nothing by it.
#[test]
fn records_that_cannot_be_read_count_where_their_account_owns_something() {
    let Some(machine) = Machine::new() else {
        return;
    };
    fs::create_dir_all(machine.path("ws/a/b/c")).expect("folders");
    fs::create_dir_all(machine.path("deep/a/b/c")).expect("folders");
    machine.env.write("ws/a/file", "");
    machine.give(&["ws/a/file", "deep/a/b/c"]);
    let judged = |unreadable: &str| {
        machine.writes("ws");
        machine.refuses("deep", "what other builds cannot be read");
        machine.refuses("deep", unreadable);
        fs::remove_dir_all(machine.built()).expect("removed");
    };
    machine.writes("deep");

    machine.record("x.json", Path::new("/missing"));
    let large = fs::File::create(machine.built().join("large.json")).expect("a file");
    large.set_len(1 << 40).expect("a large file");
    judged("large.json: it has 1099511627776 bytes");

    fs::create_dir_all(machine.built()).expect("folders");
    for number in 0..10_001 {
        fs::write(machine.built().join(format!("{number}.json")), "{}").expect("written");
    }
    judged("built: there are more than 10000 records");

    machine.record("x.json", Path::new("/missing"));
    symlink("round.json", machine.built().join("round.json")).expect("a link");
    judged("round.json");

    // What is no file at all is no record, and holds nobody up.
    machine.record("x.json", Path::new("/missing"));
    let pipe = machine.built().join("pipe.json");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
    symlink("gone", machine.built().join("gone.json")).expect("a link");
    machine.writes("ws");
    machine.writes("deep");
}

#[test]
fn a_folder_of_thousands_of_files_is_looked_at_whole_and_written() {
    let Some(machine) = Machine::new() else {
        return;
    };
    for number in 0..5000 {
        machine.env.write(&format!("ws/{number}"), "");
    }
    machine.writes("ws");
    // One of them says that the account is concerned, and its tools look there.
    machine.give(&["ws/4321"]);
    fs::create_dir_all(&machine.home).expect("a home");
    symlink(machine.path("ws"), machine.home.join(".cargo")).expect("a link");
    machine.refuses("ws", OWNED);
}

/// Without the accounts it is not known whose anything is.
#[test]
fn a_table_of_accounts_that_cannot_be_read_is_an_error() {
    let Some(mut machine) = Machine::new() else {
        return;
    };
    machine.env.write("ws/file", "");
    machine.accounts = "/proc/self/mem".into();
    let (run, planted) = machine.run("ws", "");
    assert!(!planted, "{run:#?}");
    run.fails(4).says(&["/etc/passwd"]);
}
