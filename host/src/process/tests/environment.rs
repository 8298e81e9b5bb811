//! What processes know of the host's environment, and hosts that are not as
//! they should be. Each host is a process of its own, see [`super::host_process`].

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use super::host_process;
use super::support::{Bench, sh};

#[tokio::test]
async fn the_environment_is_small_and_takes_what_is_added() {
    let bench = Bench::new();
    let mut spec = sh("env | sort");
    spec.env = vec![
        ("COLOR".into(), "red=1".into()),
        ("LANG".into(), "de_DE.UTF-8".into()),
    ];
    let output = String::from_utf8(bench.run(spec).await.stdout.bytes).unwrap();
    assert_eq!(
        output,
        "COLOR=red=1\nGOFLAGS=-buildvcs=false\nHOME=/home/capsule\nLANG=de_DE.UTF-8\nLOGNAME=capsule\n\
         PATH=/usr/local/bin:/usr/bin:/bin\nPWD=/workspace\nSHELL=/bin/sh\nTMPDIR=/tmp\n\
         USER=capsule\n"
    );
}

/// Runs in a host process of its own.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_that_shows_the_environment() {
    let shown = Bench::new()
        .sh("env; tr '\\0' '\\n' < /proc/self/environ")
        .await;
    host_process::tell(&shown);
}

#[test]
fn nothing_of_the_hosts_environment_gets_in() {
    let directory = tempfile::tempdir().unwrap();
    let marker = directory.path().join("fake-bwrap-ran");
    let fake = directory.path().join("bwrap");
    fs::write(&fake, format!("#!/bin/sh\ntouch {}\n", marker.display())).unwrap();
    fs::set_permissions(&fake, fs::Permissions::from_mode(0o755)).unwrap();

    let shown = host_process::command("environment::host_that_shows_the_environment")
        .env("PATH", directory.path())
        .env("LD_PRELOAD", "/nonexistent/preloaded.so")
        .env("BOLL_TEST_SECRET", "planted")
        .output()
        .unwrap();
    let shown = host_process::told(&shown);
    assert!(shown.contains("HOME=/home/capsule"), "{shown}");
    for absent in ["LD_PRELOAD", "preloaded", "planted", "BOLL"] {
        assert!(!shown.contains(absent), "{shown}");
    }
    assert!(!marker.exists());
}

/// A library that notes in a file which program has loaded it.
const PRELOADED: &str = r#"
    #include <fcntl.h>
    #include <unistd.h>
    __attribute__((constructor)) static void loaded(void) {
        char name[256];
        ssize_t size = readlink("/proc/self/exe", name, sizeof name - 1);
        int file = open(NOTES, O_WRONLY | O_APPEND);
        if (size > 0 && file >= 0) {
            name[size] = 10;
            write(file, name, size + 1);
        }
    }
"#;

/// Runs in a host process of its own.
#[tokio::test]
#[ignore = "started by the test below"]
async fn host_that_runs_a_program() {
    host_process::tell(&Bench::new().sh("true; env true; echo ran").await);
}

#[test]
fn a_library_that_the_host_preloads_is_loaded_by_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let notes = directory.path().join("notes");
    let library = directory.path().join("preloaded.so");
    fs::write(&notes, "").unwrap();
    fs::write(directory.path().join("preloaded.c"), PRELOADED).unwrap();
    let mut cc = Command::new("cc");
    cc.arg(format!("-DNOTES=\"{}\"", notes.display()))
        .args(["-shared", "-fPIC", "-w", "-o"])
        .arg(&library)
        .arg(directory.path().join("preloaded.c"));
    assert!(cc.status().unwrap().success());

    let ran = host_process::command("environment::host_that_runs_a_program")
        .env("LD_PRELOAD", &library)
        .output()
        .unwrap();
    assert_eq!(host_process::told(&ran), "ran\n");
    let host = std::env::current_exe().unwrap();
    let noted = fs::read_to_string(&notes).unwrap();
    assert_eq!(noted, format!("{}\n", host.display()));
}
