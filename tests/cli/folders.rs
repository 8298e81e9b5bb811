//! One judgement for every folder that anybody is given: the workspace, granted
//! folders, further paths.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::support::environment::{Run, TestEnvironment};

/// A home with a key, a configuration and a project.
pub(crate) struct Home {
    pub(crate) env: TestEnvironment,
    pub(crate) home: PathBuf,
    pub(crate) capsule: String,
}

impl Home {
    pub(crate) fn new(manifest: &str) -> Self {
        let env = TestEnvironment::new();
        let capsule = env.guests(manifest);
        let capsule = env.current().join(capsule).display().to_string();
        let home = env.current().with_file_name("home");
        for folder in [".ssh", ".config/gh", "project/.git", ".cache"] {
            fs::create_dir_all(home.join(folder)).expect("a folder");
        }
        fs::write(home.join(".ssh/id_key"), "the key").expect("written");
        fs::write(home.join("project/file"), "a file").expect("written");
        Self { env, home, capsule }
    }

    /// Runs a script with a workspace.
    fn run(&self, workspace: &OsStr, script: &str, more: &[&str]) -> Run {
        let payload = json!({"program": "sh", "args": ["-c", script]}).to_string();
        let mut command = self.env.boll_command(&["run", &self.capsule, "run"]);
        command.args(["--payload", &payload, "--allow", "process:sh"]);
        command.arg("--workspace").arg(workspace).args(more);
        Run::of(command.output().expect("boll starts"))
    }
}

const READS: &str = "[[process]]\nprogram = \"sh\"\n";
const WRITES: &str = "[[process]]\nprogram = \"sh\"\nworkspace = \"read-write\"\n";
const SHOW: &str = "cat .ssh/id_key ../.ssh/id_key id_key etc/shadow 2>/dev/null; true";

#[test]
fn a_workspace_that_exposes_too_much_is_refused_by_whatever_name() {
    let host = Home::new(READS);
    let home = &host.home;
    symlink(home, host.env.current().join("link")).expect("a link");
    let odd = home.join(OsStr::from_bytes(b"\xff/.ssh"));
    fs::create_dir_all(&odd).expect("a folder");
    let shown = |path: &Path| path.as_os_str().to_owned();
    let mut slash = shown(home);
    slash.push("/");
    for (workspace, why) in [
        (shown(home), "home folder"),
        (slash, "home folder"),
        (shown(&home.join("project/..")), "home folder"),
        (shown(&home.join(".")), "home folder"),
        (shown(&host.env.current().join("link")), "home folder"),
        (shown(home.parent().expect("a folder")), "home folder"),
        (shown(&home.join(".ssh")), "keys"),
        (shown(&home.join(".config")), "keys"),
        (shown(&odd), "keys"),
        ("/".into(), "whole machine"),
        ("/etc".into(), "no capsule's business"),
        ("/root".into(), "home folder"),
        ("/home".into(), "cannot be exposed"),
        ("/proc".into(), "sockets of services"),
        ("/proc/self/root".into(), "whole machine"),
        ("/var/lib".into(), "secrets"),
        ("/dev/shm".into(), "sockets of services"),
    ] {
        let run = host.run(&workspace, SHOW, &[]).fails(2);
        assert!(run.stderr.contains(why), "{workspace:?}: {run:#?}");
        let run = run.says(&["the workspace", "--expose"]);
        assert!(!run.stderr.contains("the key"), "{run:#?}");
    }
    // It is the same for the current folder.
    let at = TestEnvironment::new().at(home);
    let mut command = at.boll_command(&["run", &host.capsule, "run", "--payload", "{}"]);
    command.args(["--allow", "process:sh"]).env("HOME", home);
    Run::of(command.output().expect("boll starts"))
        .fails(2)
        .says(&["home folder"]);
}

#[test]
fn a_project_in_a_home_is_a_workspace() {
    let host = Home::new(READS);
    let project = host.home.join("project");
    let run = host.run(
        project.as_os_str(),
        "cat file; cat ../.ssh/id_key 2>/dev/null",
        &[],
    );
    let reply = run.ends(0).json();
    assert_eq!(reply["ok"]["stdout"]["text"], "a file", "{reply}");
}

#[test]
fn a_home_is_known_where_nothing_says_that_it_is_one() {
    let host = Home::new(READS);
    let copy = host.env.current().join("copy");
    fs::create_dir_all(copy.join(".ssh")).expect("a folder");
    let payload = json!({"program": "sh", "args": ["-c", "true"]}).to_string();
    let mut command = host.env.boll_command(&["run", &host.capsule, "run"]);
    command.args([
        "--payload",
        &payload,
        "--allow",
        "process:sh",
        "--workspace",
    ]);
    command.arg(&copy).env_remove("HOME");
    let run = Run::of(command.output().expect("boll starts"));
    run.fails(2).says(&["it holds .ssh"]);
}

#[test]
fn the_operator_allows_a_folder_by_its_name() {
    let host = Home::new(READS);
    let home = host.home.to_str().expect("UTF-8");
    let told = |run: Run| run.ends(0).json()["ok"]["stdout"]["text"].clone();
    let script = "cat .ssh/id_key";
    let run = host.run(host.home.as_os_str(), script, &["--expose", home]);
    assert_eq!(told(run), "the key");
    host.run(host.home.as_os_str(), script, &[]).fails(2);
    host.env
        .grant(&format!("[sandbox]\nexpose = [\"{home}\"]\n"));
    assert_eq!(
        told(host.run(host.home.as_os_str(), script, &[])),
        "the key"
    );
    // It stands for itself only.
    host.run(host.home.join(".ssh").as_os_str(), "true", &[])
        .fails(2);
    host.run("/".as_ref(), "true", &[]).fails(2);
    for (wrong, why) in [
        ("home", "not an absolute path"),
        ("/no/such", "No such file"),
    ] {
        host.env
            .grant(&format!("[sandbox]\nexpose = [\"{wrong}\"]\n"));
        host.run("/".as_ref(), "true", &[])
            .fails(2)
            .says(&[why, "boll.toml:2:11"]);
    }
}

#[test]
fn what_boll_trusts_is_never_written() {
    let host = Home::new(WRITES);
    let config = host.env.operator();
    let config = config.parent().expect("a folder");
    fs::create_dir_all(config).expect("a folder");
    let state = host.home.join(".local/state/boll");
    fs::create_dir_all(&state).expect("a folder");
    let program = Path::new(crate::support::environment::BOLL);
    for place in [
        config,
        config.parent().expect("a folder"),
        &state,
        &host.home,
        &host.home.join(".cache"),
        &host.home.join(".config"),
        program.parent().expect("a folder"),
    ] {
        let named = place.display().to_string();
        let exposing = ["--allow", "workspace:write", "--expose", &named];
        for more in [&exposing[..2], &exposing] {
            let run = host.run(place.as_os_str(), "touch planted", more);
            if place.ends_with(".cache") && more.len() == 4 {
                // Nothing of Boll's is there: the tests' cache is elsewhere.
                continue;
            }
            if place.ends_with("home/.config") && more.len() == 4 {
                continue;
            }
            let run = run.fails(2);
            // It would not only be shown.
            assert!(!run.stderr.contains("cannot be exposed"), "{run:#?}");
            let for_good = run.stderr.contains("[sandbox]");
            assert_eq!(run.stderr.contains("--expose"), for_good, "{run:#?}");
            assert!(!place.join("planted").exists(), "{place:?}");
        }
    }
}

#[test]
fn links_that_lead_to_what_boll_trusts_are_never_written() {
    let host = Home::new(WRITES);
    let current = host.env.current();
    let config = host.env.operator();
    let config = config.parent().expect("a folder");
    let state = host.home.join(".local/state");
    for folder in ["ws", "private", "beside"] {
        fs::create_dir(current.join(folder)).expect("a folder");
    }
    fs::create_dir_all(&state).expect("a folder");
    fs::write(current.join("private/boll.toml"), "").expect("written");
    fs::create_dir(current.join("private/state")).expect("a folder");
    let ways: [(&Path, &str, &Path, &str); 4] = [
        // The file, its folder, the state, and a folder in the state.
        (
            &config.join("boll.toml"),
            "ws/file",
            &current.join("private/boll.toml"),
            "file",
        ),
        (config, "ws/folder", &current.join("private"), "folder"),
        (
            &state.join("boll"),
            "ws/state",
            &current.join("private/state"),
            "state",
        ),
        (
            &state.join("boll/built"),
            "ws/built",
            &current.join("private/state"),
            "built",
        ),
    ];
    for (first, middle, last, name) in ways {
        fs::create_dir_all(first.parent().expect("a folder")).expect("a folder");
        if first.is_dir() {
            fs::remove_dir_all(first).expect("removed");
        }
        symlink(current.join(middle), first).expect("a link");
        symlink(last, current.join(middle)).expect("a link");
        let script = format!("rm {name} && touch planted");
        let refused = host.run(
            current.join("ws").as_os_str(),
            &script,
            &["--allow", "workspace:write"],
        );
        refused.fails(2).says(&["what leads to"]);
        assert!(!current.join("ws/planted").exists(), "{first:?}");
        let run = host.run(
            current.join("beside").as_os_str(),
            "touch planted",
            &["--allow", "workspace:write"],
        );
        run.ends(0);
        fs::remove_file(first).expect("a link");
    }
    // The one that is named for this run, and a manifest.
    fs::create_dir_all(config).expect("a folder");
    symlink("ws/file", current.join("policy.toml")).expect("a link");
    let named = ["--allow", "workspace:write", "--policy", "policy.toml"];
    host.run(current.join("ws").as_os_str(), "touch planted", &named)
        .fails(2);
    assert!(!current.join("ws/planted").exists());
}

#[test]
fn granted_folders_are_judged_the_same() {
    let host = Home::new("[[files]]\npath = \"/data\"\naccess = \"read-write\"\n");
    let home = &host.home;
    for (place, why) in [
        (home.clone(), "home folder"),
        (home.join(".ssh"), "keys"),
        (home.join(".cache"), "obey"),
        ("/usr/local".into(), "the system lives there"),
        ("/etc/cron.d".into(), "the system lives there"),
    ] {
        if !place.exists() {
            continue;
        }
        let grant = format!("files-write:/data {}", place.display());
        let run = host
            .env
            .boll(&["run", &host.capsule, "nothing", "--allow", &grant]);
        run.fails(2).says(&[why, &grant]);
    }
    fs::create_dir(home.join("notes")).expect("a folder");
    let grant = format!("files-write:/data {}", home.join("notes").display());
    host.env
        .boll(&["run", &host.capsule, "nothing", "--allow", &grant])
        .ends(0);
}

/// The configuration of an enclosing repository, and the user's own.
#[test]
fn a_granted_folder_holds_nothing_that_gits_configuration_names() {
    let host = Home::new("[[files]]\npath = \"/data\"\naccess = \"read-write\"\n");
    let home = &host.home;
    let repository = home.join("repository");
    for folder in [
        "repository/.git/objects",
        "repository/.git/refs",
        "repository/.git/hooks",
        "repository/named/hooks",
        "repository/linked",
        "repository/included",
        "repository/script",
        "repository/plain",
        "repository/other-name",
        "mine/hooks",
        "mine-too",
        "deep/main/.git/objects",
        "deep/main/.git/refs",
        "deep/main/.git/worktrees/tree",
        "tree/given/hooks",
        "tree/free",
    ] {
        fs::create_dir_all(home.join(folder)).expect("folders");
    }
    for (file, text) in [
        ("repository/.git/HEAD", "ref: refs/heads/main\n".to_owned()),
        (
            "repository/.git/config",
            "[core]\n\thooksPath = named/hooks\n[include]\n\tpath = ../included/more\n\
             [alias]\n\tx = !sh script/x.sh\n"
                .to_owned(),
        ),
        ("repository/linked/commit", "#!/bin/sh\n".to_owned()),
        ("repository/script/x.sh", "true\n".to_owned()),
        (
            ".gitconfig",
            format!(
                "[core]\n\tpager = {}\n",
                home.join("mine/hooks/p").display()
            ),
        ),
        ("mine/hooks/p", "#!/bin/sh\n".to_owned()),
        // A linked work tree, and hooks in it as the main one names them.
        ("deep/main/.git/HEAD", "ref: refs/heads/main\n".to_owned()),
        (
            "deep/main/.git/config",
            "[core]\n\thooksPath = ../../tree/given/hooks\n".to_owned(),
        ),
        (
            "deep/main/.git/worktrees/tree/HEAD",
            "ref: refs/heads/tree\n".to_owned(),
        ),
        (
            "deep/main/.git/worktrees/tree/commondir",
            "../..\n".to_owned(),
        ),
        (
            "deep/main/.git/worktrees/tree/gitdir",
            format!("{}\n", home.join("tree/.git").display()),
        ),
        (
            "tree/.git",
            format!(
                "gitdir: {}\n",
                home.join("deep/main/.git/worktrees/tree").display()
            ),
        ),
    ] {
        fs::write(home.join(file), text).expect("a file");
    }
    symlink(
        repository.join("linked/commit"),
        repository.join(".git/hooks/pre-commit"),
    )
    .expect("a link");
    fs::write(repository.join("other-name/hook"), "#!/bin/sh\n").expect("a file");
    fs::hard_link(
        repository.join("other-name/hook"),
        repository.join(".git/hooks/pre-push"),
    )
    .expect("a link");
    for (place, named) in [
        ("repository/other-name", Some("hook")),
        ("repository/named", Some("hooks")),
        ("repository/named/hooks", Some("has programs run from it")),
        ("repository/linked", Some("commit")),
        ("repository/included", Some("more")),
        ("repository/script", Some("x.sh")),
        ("mine", Some("hooks/p")),
        ("tree/given", Some("hooks")),
        ("tree/given/hooks", Some("has programs run from it")),
        ("tree/free", None),
        ("repository/plain", None),
        ("mine-too", None),
    ] {
        let grant = format!("files-write:/data {}", home.join(place).display());
        let args = ["run", &host.capsule, "nothing", "--allow", &grant];
        let run = host.env.boll(&args);
        match named {
            Some(named) => {
                run.fails(2).says(&["git's configuration", named]);
            }
            None => {
                run.ends(0);
            }
        }
    }
    // What a variable names as well.
    fs::write(repository.join("plain/d.sh"), "true\n").expect("a file");
    let grant = format!("files-write:/data {}", repository.join("plain").display());
    let args = ["run", &host.capsule, "nothing", "--allow", &grant];
    let mut command = host.env.boll_command(&args);
    command.env("GIT_EXTERNAL_DIFF", "sh plain/d.sh");
    Run::of(command.output().expect("boll starts"))
        .fails(2)
        .says(&["git's configuration", "d.sh"]);
}

#[test]
fn what_others_could_replace_is_no_workspace() {
    let host = Home::new(READS);
    let shared = host.env.current().join("shared");
    let project = shared.join("project");
    fs::create_dir_all(&project).expect("folders");
    for (mode, fits) in [(0o777, false), (0o1777, true), (0o755, true)] {
        fs::set_permissions(&shared, fs::Permissions::from_mode(mode)).expect("chmod");
        let run = host.run(project.as_os_str(), "true", &[]);
        assert_eq!(run.code == 0, fits, "{mode:o}: {run:#?}");
    }
}

#[test]
fn a_check_says_that_a_run_would_refuse_the_workspace() {
    let host = Home::new(READS);
    let at = TestEnvironment::new().at(&host.home);
    let check = |more: &[&str]| {
        let args = [&["check", &*host.capsule, "--workspace", "/"], more].concat();
        at.boll(&args).ends(0)
    };
    assert!(check(&[]).stdout.contains("it is the whole machine"));
    let refused = check(&["--output", "json"]).json()["workspace_refused"].clone();
    assert!(
        refused
            .as_str()
            .expect("a reason")
            .contains("whole machine")
    );
    let explain = [
        "explain",
        &*host.capsule,
        "--workspace",
        "/",
        "--allow",
        "process:sh",
    ];
    let explain = at.boll(&[&explain[..], &["process", "sh"]].concat());
    assert_eq!(explain.code, 2, "{explain:#?}");
}
