//! What processes know of the host's environment, and hosts that are not as
//! they should be. Each host is a process of its own, see [`super::host_process`].

use std::fs;
use std::os::unix::fs::PermissionsExt;

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
        "COLOR=red=1\nHOME=/home/capsule\nLANG=de_DE.UTF-8\nPATH=/usr/local/bin:/usr/bin:/bin\n\
         PWD=/workspace\nTMPDIR=/tmp\n"
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
