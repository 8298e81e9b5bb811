//! Who processes are to the kernel, and whose their files are.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::{getegid, geteuid};
use tokio_util::sync::CancellationToken;

use super::host_process::mounts;
use super::support::{Bench, code, command, sh};
use crate::policy::{Access, WorkspaceAccess};
use crate::sandbox::{MAPPED_ID, Order, Sandbox, SandboxSettings, TreeLimit, Weakness};
use crate::without;

/// Runs a script that writes `ready` and goes on; gives what `look` sees of
/// its process meanwhile, which it finds by `mark` in the command line.
pub(super) async fn while_running<T>(
    bench: &Bench,
    mark: &str,
    look: impl FnOnce(&Path) -> T,
) -> T {
    let cancel = CancellationToken::new();
    let mut context = bench.context();
    context.cancel = cancel.clone();
    let script = format!("touch ready; exec sleep {mark}");
    let command = bench.allow(sh(&script), WorkspaceAccess::ReadWrite);
    let ready = bench.path().join("ready");
    let (output, seen) = tokio::join!(bench.service.run(command, context), async {
        let process = loop {
            tokio::time::sleep(Duration::from_millis(2)).await;
            if let (true, Some(process)) = (ready.exists(), sleeper(mark)) {
                break process;
            }
        };
        let seen = look(&process);
        cancel.cancel();
        seen
    });
    output.unwrap();
    seen
}

/// The directory in `/proc` of the process `sleep MARK`.
fn sleeper(mark: &str) -> Option<PathBuf> {
    let line = format!("sleep\0{mark}\0").into_bytes();
    fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|process| fs::read(process.join("cmdline")).is_ok_and(|found| found == line))
}

fn reported_root(bench: &Bench) -> bool {
    let report = bench.service.sandbox().probe();
    let is_root = |weakness: &Weakness| matches!(weakness, Weakness::RunsAsRoot { .. });
    report.weaknesses.iter().any(is_root)
}

#[tokio::test]
async fn a_process_is_not_root_to_the_kernel() {
    let bench = Bench::new();
    assert!(
        !reported_root(&bench),
        "{}",
        bench.service.sandbox().probe()
    );
    let status = while_running(&bench, "77132", |process| {
        fs::read_to_string(process.join("status")).unwrap()
    })
    .await;
    let ids = |field: &str| -> Vec<u32> {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let ids = line.unwrap().split_whitespace();
        ids.map(|id| id.parse().unwrap()).collect()
    };
    if geteuid().is_root() {
        assert_eq!(ids("Uid:"), [MAPPED_ID; 4]);
        assert_eq!(ids("Gid:"), [MAPPED_ID; 4]);
        assert!(ids("Groups:").is_empty());
    } else {
        assert_eq!(ids("Uid:"), [geteuid().as_raw(); 4]);
        assert_eq!(ids("Gid:"), [getegid().as_raw(); 4]);
    }
}

#[tokio::test]
async fn the_hosts_mounts_stay_as_they_are() {
    let before = mounts();
    let bench = Bench::new();
    let during = while_running(&bench, "77133", |_| mounts()).await;
    assert_eq!(before, during);
    assert_eq!(before, mounts());
}

#[tokio::test]
async fn files_are_the_workspace_owners_on_every_file_system() {
    for place in ["/dev/shm", "/tmp"] {
        let parent = tempfile::tempdir_in(place).unwrap();
        // A path that leads through a directory that is closed to others.
        let path = parent.path().join("workspace");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("private"), "before\n").unwrap();
        fs::set_permissions(path.join("private"), fs::Permissions::from_mode(0o600)).unwrap();
        let sandbox = Sandbox::open(SandboxSettings::new(&path)).unwrap();
        let bench = Bench::of(parent, sandbox);
        assert!(
            !reported_root(&bench),
            "{}",
            bench.service.sandbox().probe()
        );

        let script = "cat private && echo after > private && mkdir made && touch made/file && \
                      ln private made/hard && ln -s ../private made/soft && cat made/soft && \
                      chmod 600 made/file && stat -c %u:%g . private made made/file | sort -u";
        let output = bench.run(sh(script)).await;
        let text = String::from_utf8_lossy(&output.stdout.bytes);
        assert_eq!(text, "before\nafter\n1000:1000\n", "{output:?}");
        for name in ["private", "made", "made/file", "made/soft", "made/hard"] {
            let metadata = fs::symlink_metadata(path.join(name)).unwrap();
            let owner = (metadata.uid(), metadata.gid());
            assert_eq!(owner, (geteuid().as_raw(), getegid().as_raw()), "{name}");
        }
        assert_eq!(fs::read(path.join("private")).unwrap(), b"after\n");

        let script = "cat private; touch new || rm private || echo x > private || rm -r made";
        let command = bench.allow(sh(script), WorkspaceAccess::ReadOnly);
        let output = bench.service.run(command, bench.context()).await.unwrap();
        assert_eq!(output.stdout.bytes, b"after\n");
        assert_eq!(code(&output.exit), 1);
        assert!(!path.join("new").exists() && path.join("made/file").exists());
    }
}

#[tokio::test]
async fn a_repository_of_the_workspaces_owner_is_nobody_elses() {
    let bench = Bench::new();
    let git = "git -c user.name=t -c user.email=t@t.invalid";
    let script = format!("git init -q . && {git} commit -q --allow-empty -m one");
    let made = bench.allow(sh(&script), WorkspaceAccess::ReadWriteGit);
    let made = bench.service.run(made, bench.context()).await.unwrap();
    assert_eq!(code(&made.exit), 0);
    let command = bench.allow(
        command("git", &["log", "--format=%s"]),
        WorkspaceAccess::ReadOnly,
    );
    let output = bench.service.run(command, bench.context()).await.unwrap();
    assert_eq!(output.stdout.bytes, b"one\n", "{output:?}");
}

#[tokio::test]
async fn a_git_directory_that_is_swapped_starts_nothing() {
    if !without::root() {
        return;
    }
    let bench = Bench::prepared(|path| {
        fs::create_dir(path.join(".git")).unwrap();
        fs::write(path.join(".git/description"), "").unwrap();
    });
    let sandbox = bench.service.sandbox();
    let order = Order::default();
    let access = Access {
        workspace: WorkspaceAccess::ReadWrite,
        ..Access::default()
    };
    let prepared = sandbox.prepare(access, &order, bench.null_stdio()).unwrap();
    fs::rename(bench.path().join(".git"), bench.path().join("old")).unwrap();
    fs::create_dir(bench.path().join(".git")).unwrap();
    let (child, ends) = sandbox.launch(prepared, Box::new(())).await.unwrap();
    child.gone().await.unwrap();
    let complaint = ends.control.complaint().unwrap();
    assert!(complaint.contains(".git"), "{complaint}");
}

#[tokio::test]
async fn root_works_as_the_workspaces_owner() {
    if !without::root() {
        return;
    }
    let bench = Bench::prepared(|path| chown(path, Some(1234), Some(1234)).unwrap());
    assert!(!reported_root(&bench));
    bench.run(sh("touch mine")).await;
    let metadata = fs::metadata(bench.path().join("mine")).unwrap();
    assert_eq!((metadata.uid(), metadata.gid()), (1234, 1234));
}

#[tokio::test]
async fn a_workspace_that_cannot_be_mapped_is_reported() {
    if !without::root() {
        return;
    }
    // Ids up to 0x7ffffff are mapped.
    let bench = Bench::prepared(|path| chown(path, Some(0), Some(0x800_0000)).unwrap());
    assert!(reported_root(&bench));
    let report = bench.service.sandbox().probe();
    let told: String = report.weaknesses.iter().map(Weakness::to_string).collect();
    assert!(told.contains("group"), "{told}");
    bench.run(sh("touch mine")).await;
    assert_eq!(fs::metadata(bench.path().join("mine")).unwrap().uid(), 0);

    // The kernel limits the number of root's processes by a control group only.
    let mut counted = sh("i=0; while [ $i -lt 40 ]; do sleep 9 & i=$((i+1)); done; echo all");
    counted.limits.pids = Some(10);
    if let Some(output) = bench.run_limited(TreeLimit::Pids, counted).await {
        assert!(output.stdout.bytes.is_empty(), "{output:?}");
    }
}
