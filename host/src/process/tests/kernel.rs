//! What the kernel would give a process more of: rights, room, processes, dumps.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use super::attack::Attack;
use super::support::{Bench, command, processes_with, sh};
use crate::process::{Cause, ExitStatus};
use crate::sandbox::SandboxBackend;

#[tokio::test]
async fn no_mount_becomes_writable() {
    let bench = Bench::new();
    for path in ["/", "/usr", "/proc", "/dev", "/tmp"] {
        let refused = Attack::Remount(path.into()).make_inside(&bench).await;
        assert_eq!(refused, Err(libc::EPERM), "{path}");
    }
}

/// Settings whose change would have the kernel run a program as root, or stop
/// the machine.
const SETTINGS: [&str; 4] = [
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/kernel/sysrq",
    "/proc/sys/vm/panic_on_oom",
];

#[tokio::test]
async fn the_kernels_settings_stay_as_they_are() {
    let read = || SETTINGS.map(|path| fs::read(path).ok());
    let before = read();
    let script = "for path in \"$@\"; do chmod 666 $path; (echo 1 > $path) && echo $path; done";
    let mut spec = sh(script);
    spec.args.push("sh".into());
    spec.args.extend(SETTINGS.map(Into::into));
    let output = Bench::new().run(spec).await;
    assert_eq!(String::from_utf8_lossy(&output.stdout.bytes), "");
    assert!(before == read());
}

#[tokio::test]
async fn a_program_that_lends_its_owners_rights_lends_none() {
    let bench = Bench::new();
    let id = fs::read("/usr/bin/id").unwrap();
    bench.executable("id", &id);
    let lending = fs::Permissions::from_mode(0o6755);
    fs::set_permissions(bench.path().join("id"), lending).unwrap();
    assert_eq!(
        bench.sh("./id -u; ./id -g; ./id -ru").await,
        "1000\n1000\n1000\n"
    );
}

#[tokio::test]
async fn a_fork_bomb_explodes_inside() {
    let bench = Bench::new();
    // The shell that lit it stays, and so does everything that it could start.
    let script = "bomb() { bomb | bomb & }; bomb; while :; do :; done; : 77410";
    let mut spec = sh(script);
    spec.limits.pids = Some(30);
    spec.deadline = Some(Duration::from_secs(2));
    let output = bench.run(spec).await;
    let said = String::from_utf8_lossy(&output.stderr.bytes);
    assert!(said.contains("annot fork"), "{output:?}");
    assert_eq!(output.exit.cause, Cause::TimedOut);
    assert_eq!(processes_with("77410"), 0);
    assert_eq!(bench.sh("echo next").await, "next\n");
}

#[tokio::test]
async fn no_place_for_temporary_files_takes_more_than_it_may() {
    const SIZE: u64 = 1 << 20;
    let bench = Bench::with_settings(|settings| {
        settings.tmp_bytes = SIZE;
        settings.shm_bytes = SIZE;
        settings.home_bytes = SIZE;
    });
    let script = "for place in /tmp /dev/shm $HOME; do \
                  head -c 2000000 /dev/zero > $place/x; wc -c < $place/x; done";
    let output = bench.run(sh(script)).await;
    let text = String::from_utf8_lossy(&output.stdout.bytes).into_owned();
    // Settings for git take a page of the home.
    let in_home = SIZE - 4096;
    assert_eq!(text, format!("{SIZE}\n{SIZE}\n{in_home}\n"));
    let said = String::from_utf8_lossy(&output.stderr.bytes);
    assert_eq!(said.matches("No space left").count(), 3, "{said}");
}

#[tokio::test]
async fn a_crash_leaves_no_dump() {
    let bench = Bench::new();
    let output = bench
        .run(sh("ulimit -c unlimited || ulimit -c 1 || echo refused"))
        .await;
    assert_eq!(output.stdout.bytes, b"refused\n");
    let exit = bench.run(sh("kill -SEGV $$")).await.exit;
    assert_eq!(exit.status, ExitStatus::Signal(libc::SIGSEGV as u8));
    bench.service.shut_down().await;
    assert_eq!(fs::read_dir(bench.path()).unwrap().count(), 0);
}

/// Asks the kernel to hold up, and to tell of, what others do with the file
/// `file`; writes what it could.
const HOLD_UP: &str = r#"
import fcntl, os, time
def attempt(what, file, command, value):
    try:
        fcntl.fcntl(file, command, value)
        print(what, flush=True)
    except OSError as error:
        print(what, error.errno, flush=True)
attempt("write lease", os.open("file", os.O_RDWR), fcntl.F_SETLEASE, fcntl.F_WRLCK)
attempt("notify", os.open(".", os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_CREATE)
attempt("newer", os.open(".", os.O_RDONLY), 1040, 0)
"#;

#[tokio::test]
async fn a_process_holds_up_nobody_elses_files() {
    let bench = Bench::new();
    let file = bench.path().join("file");
    fs::write(&file, "").unwrap();
    let outside = std::process::Command::new("python3")
        .args(["-c", HOLD_UP])
        .current_dir(bench.path())
        .output();
    let outside = String::from_utf8(outside.unwrap().stdout).unwrap();
    assert!(outside.starts_with("write lease\nnotify\n"), "{outside}");
    for backend in [SandboxBackend::Bubblewrap, SandboxBackend::Landlock] {
        let bench = Bench::with_settings(|settings| settings.backend = backend);
        fs::write(bench.path().join("file"), "").unwrap();
        let output = bench.run(command("python3", &["-c", HOLD_UP])).await;
        let expected = "write lease 1\nnotify 1\nnewer 22\n";
        assert_eq!(String::from_utf8_lossy(&output.stdout.bytes), expected);
    }
}

#[tokio::test]
async fn what_people_work_with_runs_under_the_filter() {
    let bench = Bench::new();
    let python = "import asyncio, subprocess, tempfile, threading; asyncio.run(asyncio.sleep(0)); \
                  print(subprocess.check_output([\"echo\", \"python\"]).decode(), end=\"\")";
    let script = format!(
        "set -e; git init -q g; cd g; git -c user.name=t -c user.email=t@t.invalid commit -q \
         --allow-empty -m git; git log --format=%s; cp -a . ../h; tar cf - . | tar xf - -C ../h; \
         python3 -c '{python}'; printf 'int main() {{ return 0; }}' > c.c; gcc c.c -o c; ./c; \
         node -e 'new (require(\"worker_threads\").Worker)(\"console.log(`node`)\", {{eval: true}})'"
    );
    let output = bench.run(sh(&script)).await;
    let told = String::from_utf8_lossy(&output.stdout.bytes);
    assert_eq!(told, "git\npython\nnode\n", "{output:?}");
}
