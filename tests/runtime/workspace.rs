//! What processes may do with the workspace, and that they see nothing else.

use std::fs;

use crate::bench::Bench;

const SH_WRITES: &str = "[[process]]\nprogram = \"sh\"\nworkspace = \"read-write\"";

#[tokio::test]
async fn the_workspace_is_read_only_by_default() {
    // Granted, but the manifest does not ask for it.
    let bench = Bench::setup()
        .program("sh")
        .grant("workspace:write")
        .start()
        .await;
    let file = bench.write("file", "as it was");
    let seen = bench
        .sh("cat file; echo changed > file; touch new; mkdir folder; rm file; echo done")
        .await;
    assert_eq!(seen, "as it wasdone\n");
    assert_eq!(fs::read_to_string(file).expect("the file"), "as it was");
    let entries = fs::read_dir(bench.workspace()).expect("the folder").count();
    assert_eq!(entries, 1);
}

#[tokio::test]
async fn it_can_be_written_where_that_is_asked_for_and_granted() {
    let setup = Bench::setup().manifest(SH_WRITES);
    let bench = setup
        .grant("process:sh")
        .grant("workspace:write")
        .start()
        .await;
    let file = bench.write("file", "as it was");
    assert_eq!(
        bench.sh("echo changed > file; touch new; echo done").await,
        "done\n"
    );
    assert_eq!(fs::read_to_string(file).expect("the file"), "changed\n");
    assert!(bench.workspace().join("new").exists());
    assert_eq!(
        bench
            .sh("touch /etc/planted 2>&1 || echo no")
            .await
            .lines()
            .last(),
        Some("no")
    );
}

#[tokio::test]
async fn what_asks_to_write_does_not_run_without_the_grant() {
    let bench = Bench::setup()
        .manifest(SH_WRITES)
        .grant("process:sh")
        .start()
        .await;
    let reply = bench.run(crate::bench::sh("touch new")).await;
    assert_eq!(
        reply["err"]["denied"]["capability"], "workspace:write",
        "{reply}"
    );
    assert!(!bench.workspace().join("new").exists());
}

#[tokio::test]
async fn nothing_else_of_the_machine_is_seen() {
    let bench = Bench::with_program("sh").await;
    let secret = tempfile::NamedTempFile::new().expect("a file");
    let hidden = secret.path().to_str().expect("UTF-8");
    let script =
        format!("ls -A {hidden} /root /home/capsule /proc/1/root/root 2>/dev/null; ls /home");
    // `.config` has the host's settings for git.
    assert_eq!(
        bench.sh(&script).await,
        "/home/capsule:\n.config\ncapsule\n"
    );
    let processes = bench.sh("ls /proc | grep -c '^[0-9]'").await;
    let count: u32 = processes.trim().parse().expect("a number");
    assert!(count < 10, "only its own processes: {count}");
}
