//! Files of other owners in the workspace of a host that is root, and that the power over
//! them ends at the workspace.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::Path;

use super::support::{Bench, code, command, sh};
use super::users::while_running;
use crate::policy::WorkspaceAccess;
use crate::sandbox::{Sandbox, SandboxSettings};
use crate::without;

/// A file with this owner, group and mode.
fn put(path: &Path, (owner, group): (u32, u32), mode: u32) {
    fs::write(path, "theirs\n").unwrap();
    chown(path, Some(owner), Some(group)).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

fn owner(path: &Path) -> (u32, u32) {
    let metadata = fs::symlink_metadata(path).unwrap();
    (metadata.uid(), metadata.gid())
}

#[tokio::test]
async fn a_root_host_reads_writes_and_removes_files_of_any_owner() {
    if !without::root() {
        return;
    }
    let owners = [
        ("group", (0, 1234), 0o664),
        ("closed", (1234, 1234), 0o600),
        ("readable", (33, 0), 0o444),
        ("same-number", (1000, 1000), 0o640),
        ("container", (165_536, 165_536), 0o600),
    ];
    let bench = Bench::prepared(|path| {
        let theirs = path.join("theirs");
        fs::create_dir(&theirs).unwrap();
        for (name, owner, mode) in owners {
            put(&path.join(name), owner, mode);
            put(&theirs.join(name), owner, mode);
        }
        chown(&theirs, Some(1234), Some(1234)).unwrap();
        fs::set_permissions(&theirs, fs::Permissions::from_mode(0o1700)).unwrap();
    });
    let names = owners.map(|(name, ..)| name).join(" ");
    let script = format!(
        "set -e; for file in {names}; do cat $file; echo mine >> $file; chmod u+x $file; done; \
         touch theirs/new; rm -r theirs; stat -c %u:%g group closed readable container; touch new"
    );
    let output = bench.run(sh(&script)).await;
    assert_eq!(code(&output.exit), 0, "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout.bytes).into_owned();
    let shown = "1000:1234\n1234:1234\n33:1000\n165536:165536\n";
    assert_eq!(text, "theirs\n".repeat(owners.len()) + shown);
    for (name, expected, mode) in owners {
        let path = bench.path().join(name);
        assert_eq!(fs::read(&path).unwrap(), b"theirs\nmine\n", "{name}");
        assert_eq!(owner(&path), expected, "{name}");
        let permissions = fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(permissions, mode | 0o100, "{name}");
    }
    assert!(!bench.path().join("theirs").exists());
    assert_eq!(owner(&bench.path().join("new")), (0, 0));
}

#[tokio::test]
async fn files_of_any_owner_stay_as_they_are_where_the_workspace_is_read_only() {
    if !without::root() {
        return;
    }
    let bench = Bench::prepared(|path| put(&path.join("closed"), (1234, 1234), 0o600));
    let script = "cat closed; echo x > closed; chmod 777 closed; rm -f closed; touch new; true";
    let command = bench.allow(sh(script), WorkspaceAccess::ReadOnly);
    let output = bench.service.run(command, bench.context()).await.unwrap();
    assert_eq!(output.stdout.bytes, b"theirs\n");
    let path = bench.path().join("closed");
    assert_eq!(fs::read(&path).unwrap(), b"theirs\n");
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
        0o600
    );
    assert!(!bench.path().join("new").exists());
}

#[tokio::test]
async fn a_workspace_of_root_and_another_group_is_not_left_to_root() {
    if !without::root() {
        return;
    }
    let bench = Bench::prepared(|path| {
        chown(path, Some(0), Some(1234)).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o2775)).unwrap();
    });
    let report = bench.service.sandbox().probe();
    assert!(report.weaknesses.is_empty(), "{report}");
    bench.run(sh("touch new && mkdir folder")).await;
    assert_eq!(owner(&bench.path().join("new")), (0, 1234));
    assert_eq!(owner(&bench.path().join("folder")), (0, 1234));
}

#[tokio::test]
async fn power_over_owners_ends_at_the_workspace() {
    if !without::root() {
        return;
    }
    let outside = tempfile::tempdir_in("/opt").unwrap();
    fs::set_permissions(outside.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let at = |name: &str| outside.path().join(name);
    for (name, owner) in [
        ("roots", (0, 0)),
        ("somebodys", (1234, 1234)),
        ("thousands", (1000, 1000)),
    ] {
        put(&at(name), owner, 0o600);
    }
    let bench = Bench::with_settings(|settings| settings.read_only.push(outside.path().into()));
    let folder = outside.path().display();
    let script = format!(
        "for file in roots somebodys thousands; do cat {folder}/$file; echo x >> {folder}/$file; \
         chmod 666 {folder}/$file; done; cat /etc/shadow /proc/1/environ /proc/1/maps; \
         ls /proc/1/fd; for file in core_pattern modprobe hostname; do \
         echo x > /proc/sys/kernel/$file && echo written; done; touch /usr/x /etc/x /x && echo made"
    );
    let output = bench.run(sh(&script)).await;
    assert_eq!(String::from_utf8_lossy(&output.stdout.bytes), "");
    for name in ["roots", "somebodys", "thousands"] {
        assert_eq!(fs::read(at(name)).unwrap(), b"theirs\n", "{name}");
        let mode = fs::metadata(at(name)).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode, 0o600, "{name}");
    }
}

#[tokio::test]
async fn no_file_is_given_away_and_none_takes_its_owners_rights() {
    if !without::root() {
        return;
    }
    let bench = Bench::prepared(|path| {
        put(&path.join("roots"), (0, 0), 0o4755);
        put(&path.join("theirs"), (1234, 1234), 0o6755);
        put(&path.join("plain"), (1234, 1234), 0o644);
    });
    let script = "chown 1234 made 2> /dev/null && echo given; \
                  for file in roots theirs; do echo changed > $file; done; \
                  for file in plain made roots theirs; do \
                  chmod u+s $file && echo set; chmod 6755 $file && echo set; done; \
                  chown 1000 plain && echo taken; chgrp 1000 plain && echo taken; true";
    let output = bench
        .run(sh(&format!("touch made; ({script}) 2> /dev/null")))
        .await;
    assert_eq!(String::from_utf8_lossy(&output.stdout.bytes), "");
    for (name, expected) in [
        ("made", (0, 0)),
        ("roots", (0, 0)),
        ("theirs", (1234, 1234)),
        ("plain", (1234, 1234)),
    ] {
        let path = bench.path().join(name);
        assert_eq!(owner(&path), expected, "{name}");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o6000, 0, "{name}: {mode:o}");
    }
}

#[tokio::test]
async fn what_git_obeys_stays_also_where_it_is_another_owners() {
    if !without::root() {
        return;
    }
    let bench = Bench::prepared(|path| {
        let made = std::process::Command::new("git")
            .args(["init", "-q"])
            .arg(path)
            .status();
        assert!(made.unwrap().success());
        for name in [".git/config", ".git/hooks", ".git/HEAD"] {
            chown(path.join(name), Some(1234), Some(1234)).unwrap();
        }
    });
    let config = fs::read(bench.path().join(".git/config")).unwrap();
    let script = "echo x >> .git/config && echo wrote; touch .git/hooks/post-commit && echo made; \
                  chmod 777 .git/config && echo changed; mv .git git && echo moved; \
                  rm -rf .git/hooks; true";
    let output = bench.run(sh(&format!("({script}) 2> /dev/null"))).await;
    assert_eq!(String::from_utf8_lossy(&output.stdout.bytes), "");
    assert_eq!(fs::read(bench.path().join(".git/config")).unwrap(), config);
    assert!(bench.path().join(".git/hooks").exists());
    assert!(!bench.path().join(".git/hooks/post-commit").exists());
}

#[tokio::test]
async fn a_folder_of_another_group_keeps_its_bit_and_a_file_loses_it() {
    if !without::root() {
        return;
    }
    let bench = Bench::prepared(|path| {
        for (name, owner) in [("group", 0), ("both", 1234)] {
            let folder = path.join(name);
            fs::create_dir(&folder).unwrap();
            chown(&folder, Some(owner), Some(50)).unwrap();
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o2775)).unwrap();
        }
        put(&path.join("file"), (0, 50), 0o2775);
    });
    // Archives keep what they hold, and copies what they copy.
    let script = "set -e; mkdir group/below; chmod 755 group both; cp -r --preserve=mode both copy; \
                  tar cf x.tar group; mkdir out; tar xpf x.tar -C out; chmod 700 group/below; \
                  stat -c %a group group/below both copy out/group; chmod 02777 both; echo x >> file; \
                  chmod g+s file 2> /dev/null || echo refused";
    let output = bench.run(sh(script)).await;
    assert_eq!(
        String::from_utf8_lossy(&output.stdout.bytes),
        "2755\n2700\n2755\n2755\n2755\nrefused\n",
        "{output:?}"
    );
    let mode = |name: &str| {
        let metadata = fs::metadata(bench.path().join(name)).unwrap();
        (metadata.gid(), metadata.mode() & 0o7777)
    };
    assert_eq!(mode("group"), (50, 0o2755));
    assert_eq!(mode("group/below"), (50, 0o2700));
    assert_eq!(mode("both"), (50, 0o2777));
    // A process that writes has nothing of this.
    assert_eq!(mode("file"), (50, 0o775));
}

#[tokio::test]
async fn the_capabilities_of_a_process_are_over_owners_and_no_others() {
    let bench = Bench::new();
    let status = while_running(&bench, "77141", |process| {
        fs::read_to_string(process.join("status")).unwrap()
    })
    .await;
    let expected = if rustix::process::geteuid().is_root() {
        u64::from(boll_init::wire::OVER_OWNERS)
    } else {
        0
    };
    for set in ["CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"] {
        let line = status.lines().find_map(|line| line.strip_prefix(set));
        let value = u64::from_str_radix(line.unwrap().trim(), 16).unwrap();
        assert_eq!(value, expected, "{set}");
    }
    let limit = bench.sh("cat /proc/sys/user/max_user_namespaces").await;
    if rustix::process::geteuid().is_root() {
        assert_eq!(limit, "0\n");
    }
}

#[tokio::test]
async fn a_workspace_below_a_folder_that_only_root_may_enter_is_shown() {
    if !without::root() {
        return;
    }
    for owner in [0, 1234] {
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), fs::Permissions::from_mode(0o700)).unwrap();
        let path = parent.path().join("workspace");
        fs::create_dir(&path).unwrap();
        put(&path.join("file"), (owner, owner), 0o600);
        chown(&path, Some(owner), Some(owner)).unwrap();
        let tools = parent.path().join("tools");
        fs::create_dir(&tools).unwrap();
        put(&tools.join("tool"), (0, 0), 0o644);
        let mut settings = SandboxSettings::new(&path);
        // A link there would name the workspace.
        settings.own_path = false;
        settings.read_only = vec![tools.clone(), tools.join("tool")];
        let bench = Bench::of(parent, Sandbox::open(settings).unwrap());
        let shown = tools.join("tool").display().to_string();
        let output = bench
            .run(sh(&format!("cat file {shown} && touch made")))
            .await;
        assert_eq!(
            output.stdout.bytes, b"theirs\ntheirs\n",
            "{owner}: {output:?}"
        );
        assert_eq!(self::owner(&path.join("made")), (owner, owner));
        let script = format!("echo x >> {shown} || ls {}/..", tools.display());
        let output = bench.run(command("sh", &["-c", &script])).await;
        assert!(
            !output
                .stdout
                .bytes
                .windows(9)
                .any(|part| part == b"workspace")
        );
        assert_eq!(fs::read(tools.join("tool")).unwrap(), b"theirs\n");
    }
}
