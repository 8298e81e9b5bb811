//! What runs beside a sandbox: the host's processes and those of other capsules.

use std::fs;

use uuid::Uuid;

use super::attack::{Attack, SharedMemory};
use super::support::{Bench, Bystander, eventually, scope, sh, until};
use crate::capsule::CapsuleUuid;
use crate::policy::WorkspaceAccess;
use crate::process::RunContext;

#[tokio::test]
async fn the_hosts_processes_are_neither_seen_nor_signalled() {
    let mut bystander = Bystander::with_variable("SECRET", "planted-secret");
    let id = bystander.id();
    eventually("the host sees it", || {
        let environ = fs::read(format!("/proc/{id}/environ")).unwrap();
        String::from_utf8_lossy(&environ).contains("planted-secret")
    });

    let script = format!(
        "for signal in INT TERM KILL; do kill -$signal {id}; done; kill -KILL -1; kill -KILL 1; \
         cat /proc/{id}/environ /proc/{id}/cmdline /proc/*/environ /proc/*/task/*/environ | \
         tr '\\0' '\\n'; echo alive"
    );
    let output = Bench::new().run(sh(&script)).await;
    let shown = String::from_utf8_lossy(&output.stdout.bytes);
    assert!(shown.contains("HOME=/home/capsule"), "{output:?}");
    assert!(shown.ends_with("alive\n"), "{output:?}");
    assert!(!shown.contains("planted"), "{shown}");
    assert!(bystander.is_alive());
}

/// What belongs to another capsule.
fn other_capsule(bench: &Bench) -> RunContext {
    let mut context = bench.context();
    context.scope = scope("other");
    context.uuid = CapsuleUuid::random();
    context
}

#[tokio::test]
async fn two_capsules_in_one_workspace_do_not_meet() {
    let bench = Bench::new();
    let victim = bench.allow(
        sh(": the victim; echo private > /tmp/private; touch up; \
            while ! [ -e over ]; do sleep 0.05; done; cat /tmp/private"),
        WorkspaceAccess::ReadWrite,
    );
    let attack = "for id in $(seq 2 300); do [ $id = $$ ] || kill -KILL $id; done 2> /dev/null; \
                  kill -KILL -1; cat /proc/[0-9]*/cmdline /tmp/*; touch over";
    let (victim, shown) = tokio::join!(bench.service.run(victim, other_capsule(&bench)), async {
        until("it is up", || bench.path().join("up").exists()).await;
        bench.sh(attack).await
    });
    let victim = victim.unwrap();
    assert_eq!(victim.stdout.bytes, b"private\n", "{victim:?}");
    assert!(shown.contains("seq 2 300"), "{shown}");
    assert!(
        !shown.contains("private") && !shown.contains("victim"),
        "{shown}"
    );
}

#[tokio::test]
async fn the_hosts_shared_memory_is_not_there() {
    // Keys of others are numbers too; the kernel refuses one that is taken.
    let key = Uuid::new_v4().as_u128() as i32 | 1;
    let _memory = SharedMemory::new(key);
    let file = tempfile::NamedTempFile::new_in("/dev/shm").unwrap();
    let attack = Attack::SharedMemory(key);
    assert_eq!(attack.make(), Ok(()));
    let bench = Bench::new();
    assert_eq!(attack.make_inside(&bench).await, Err(libc::ENOENT));
    assert_eq!(bench.sh("ls -A /dev/shm").await, "");
    assert!(file.path().exists());
}
