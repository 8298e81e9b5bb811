//! Homes, caches and states that cannot be read or written: they cost a warning, and the run
//! goes on.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::Uid;

use crate::support::environment::{BOLL, Run, TestEnvironment};
use crate::support::without::Need;

/// A user whom no table of accounts lists.
const STRANGER: u32 = 54_321;

const MANIFEST: &str = "[[action]]\nname = \"echo\"\ndefault = true\n";

/// Another user, with the program, a capsule and a home.
struct Stranger {
    env: TestEnvironment,
    folder: PathBuf,
}

impl Stranger {
    /// Returns one where this test may become another user.
    fn new() -> Option<Self> {
        let root = Uid::effective().is_root();
        if !Need::Root.is_met((!root).then_some("only root may become another user")) {
            return None;
        }
        let env = TestEnvironment::new();
        env.guests(MANIFEST);
        let folder = env.current().parent().expect("a folder").to_owned();
        fs::copy(BOLL, folder.join("boll")).expect("copied");
        fs::create_dir_all(folder.join("home/.cache")).expect("a folder");
        let line = "chmod 755 . boll && chown -R 54321:54321 current home";
        let mut shell = Command::new("sh");
        let opened = shell.args(["-c", line]).current_dir(&folder).status();
        assert!(opened.expect("sh").success());
        Some(Self { env, folder })
    }

    fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    fn command(&self) -> Command {
        let mut boll = self.env.command("env");
        boll.arg(self.folder.join("boll"))
            .env("HOME", self.home())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_CACHE_HOME")
            .uid(STRANGER)
            .gid(STRANGER);
        boll
    }

    fn run(&self, change: impl FnOnce(&mut Command)) -> Run {
        let mut boll = self.command();
        boll.args(["run", "guests", "echo", "--payload", "hi"]);
        change(&mut boll);
        Run::of(boll.output().expect("boll starts"))
    }
}

#[track_caller]
fn replies(run: Run) -> Run {
    let run = run.ends(0);
    assert_eq!(run.stdout, "hi", "{run:#?}");
    run
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
}

#[test]
fn a_home_that_cannot_be_written_costs_a_warning() {
    let Some(stranger) = Stranger::new() else {
        return;
    };
    mode(&stranger.home().join(".cache"), 0o500);
    mode(&stranger.home(), 0o500);
    let warned = "components are compiled again each time: ";
    let mend = format!("chmod u+rwx {}", stranger.home().join(".cache").display());
    replies(stranger.run(|_| {})).says(&[warned, "Permission denied", &mend]);
    mode(&stranger.home(), 0o755);
    mode(&stranger.home().join(".cache"), 0o755);
    let run = replies(stranger.run(|_| {}));
    assert_eq!(run.stderr, "", "nothing to warn of");
}

#[test]
fn what_another_user_has_made_there_is_named_with_the_line_that_mends_it() {
    let Some(stranger) = Stranger::new() else {
        return;
    };
    let cache = stranger.home().join(".cache/boll");
    fs::create_dir_all(cache.join("components")).expect("folders");
    // As `sudo` leaves it.
    mode(&cache, 0o700);
    let state = stranger.home().join(".local");
    fs::create_dir(&state).expect("a folder");
    let line = |folder: &Path| format!("sudo chown -R 54321:54321 {}", folder.display());
    replies(stranger.run(|_| {})).says(&["belongs to root", &line(&cache)]);
    // Consent to build is asked for, and cannot be kept.
    let mut boll = stranger.command();
    boll.args(["new", "greeter", "--lang", "js"]);
    Run::of(boll.output().expect("boll starts"))
        .ends(0)
        .says(&["cannot remember", &line(&state)]);
    // The line works.
    for folder in [&cache, &state] {
        let chown = Command::new("chown")
            .arg("-R")
            .arg("54321:54321")
            .arg(folder)
            .status();
        assert!(chown.expect("chown").success());
    }
    let run = replies(stranger.run(|_| {}));
    assert_eq!(run.stderr, "", "nothing to warn of");
}

#[test]
fn no_home_at_all_costs_a_warning() {
    let Some(stranger) = Stranger::new() else {
        return;
    };
    replies(stranger.run(|boll| {
        boll.env_remove("HOME");
    }))
    .says(&[
        "no operator's file is read: this user has no home folder",
        "components are compiled again each time: this user has no home folder",
    ]);
    for home in ["/nonexistent", "/proc/nothing", "/dev/null", "relative", ""] {
        let run = replies(stranger.run(|boll| {
            boll.env("HOME", home);
        }));
        assert!(run.stderr.contains("compiled again each time"), "{run:#?}");
        assert!(!stranger.env.current().join("relative").exists());
    }
    // The home of another user, as `su` without `-` leaves it.
    let closed = stranger.folder.join("closed");
    fs::create_dir(&closed).expect("a folder");
    mode(&closed, 0o700);
    let run = stranger.run(|boll| {
        boll.env("HOME", &closed);
    });
    let whose = format!("HOME is {}, which belongs to root", closed.display());
    replies(run).says(&["no operator's file is read: ", &whose, "`su -`"]);
    // What is refused shows lines that can be used without a home.
    let mut boll = stranger.command();
    stranger.env.guests("[[process]]\nprogram = \"true\"\n");
    boll.args(["run", "guests", "nothing"]).env_remove("HOME");
    Run::of(boll.output().expect("boll starts"))
        .fails(3)
        .says(&["name that with --policy FILE:\n"]);
}

#[test]
fn an_operators_file_that_root_has_made_is_named_with_the_line_that_mends_it() {
    let Some(stranger) = Stranger::new() else {
        return;
    };
    let file = stranger.home().join(".config/boll/boll.toml");
    fs::create_dir_all(file.parent().expect("a folder")).expect("folders");
    fs::write(&file, "").expect("written");
    mode(&file, 0o600);
    let line = format!(
        "sudo chown -R 54321:54321 {}",
        stranger.home().join(".config").display()
    );
    let run = stranger.run(|_| {}).fails(2);
    run.says(&["cannot read", "Permission denied", &line]);
}

#[test]
fn relative_folders_in_the_variables_are_ignored() {
    let env = TestEnvironment::new();
    let guests = env.guests(MANIFEST);
    let mut boll = env.boll_command(&["run", &guests, "echo", "--payload", "hi"]);
    for name in ["XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
        boll.env(name, "here");
    }
    env.write("here/boll/boll.toml", "not TOML");
    replies(Run::of(boll.output().expect("boll starts")));
    let left = fs::read_dir(env.current().join("here/boll")).expect("it");
    assert_eq!(left.count(), 1, "nothing but the file");
}

#[test]
fn root_in_the_home_of_another_user_is_told_whose_it_is() {
    let Some(stranger) = Stranger::new() else {
        return;
    };
    let as_root = || {
        let mut boll = stranger
            .env
            .boll_command(&["run", "guests", "echo", "--payload", "hi"]);
        boll.env("HOME", stranger.home());
        boll.env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_CACHE_HOME");
        Run::of(boll.output().expect("boll starts"))
    };
    let components = stranger.home().join(".cache/boll/components");
    fs::create_dir_all(&components).expect("folders");
    chown(&components, Some(STRANGER), Some(STRANGER)).expect("chown");
    let whose = format!(
        "HOME is {}, which belongs to 54321",
        stranger.home().display()
    );
    replies(as_root()).says(&["belongs to another user", &whose, "`sudo -H`"]);
    let operator = stranger.home().join(".config/boll/boll.toml");
    fs::create_dir_all(operator.parent().expect("a folder")).expect("folders");
    fs::write(&operator, "[process]\nruns = 3\n").expect("written");
    chown(&operator, Some(STRANGER), Some(STRANGER)).expect("chown");
    as_root()
        .fails(2)
        .says(&["belongs to another user, who could grant anything", &whose]);
}

#[test]
fn a_full_disk_costs_a_warning_that_says_so() {
    let mounts = "mkdir -p full && mount -t tmpfs -o size=16k none full && \
                  (dd if=/dev/zero of=full/x bs=4k 2>/dev/null; true)";
    let mut tried = Command::new("unshare");
    let folder = tempfile::tempdir().expect("a folder");
    tried
        .args(["--mount", "sh", "-c", mounts])
        .current_dir(folder.path());
    let may = tried.output().is_ok_and(|tried| tried.status.success());
    if !Need::Mounts.is_met((!may).then_some("this user may not mount")) {
        return;
    }
    let env = TestEnvironment::new();
    let guests = env.guests(MANIFEST);
    let line = format!(
        "{mounts} && HOME=$PWD/full XDG_CONFIG_HOME= XDG_CACHE_HOME= XDG_STATE_HOME= \
         exec {BOLL} run {guests} echo --payload hi"
    );
    let mut shell = env.command("unshare");
    shell.args(["--mount", "sh", "-c", &line]);
    replies(Run::of(shell.output().expect("unshare"))).says(&["No space left on device"]);
}
