//! Detached children: found again by the same capsule and principal, ended
//! with the capsule or by the call that left them.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use super::support::{Bench, code, command, processes_with, sh, until};
use crate::call::Deadline;
use crate::capsule::CapsuleUuid;
use crate::policy::WorkspaceAccess;
use crate::process::{Cause, Child, ChildError, Exit, ExitStatus, RunContext};

const LONG: Duration = Duration::from_secs(20);

async fn spawn(bench: &Bench, script: &str, context: RunContext) -> Child {
    bench.try_spawn(sh(script), context).await.unwrap()
}

/// Leaves a child behind, and gives its id.
async fn leave(bench: &Bench, script: &str, context: RunContext) -> String {
    let child = spawn(bench, script, context).await;
    child.detach().await.to_string()
}

async fn exit_of(child: &Child) -> Exit {
    child.wait(Some(LONG)).await.unwrap().unwrap()
}

/// Everything here is of one capsule.
fn called(bench: &Bench, call: &str) -> RunContext {
    bench.context().in_call(call)
}

#[tokio::test]
async fn a_detached_child_outlives_its_handle_and_its_call() {
    let bench = Bench::new();
    let mut context = called(&bench, "one");
    context.deadline = Some(Deadline::after(Duration::from_millis(400)));
    let running = context.running.clone();
    running.close();
    let id = leave(&bench, "sleep 77304", context).await;
    running.wait().await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let listed = bench.service.list(&called(&bench, "two"));
    assert_eq!(listed.len(), 1);
    assert!(listed[0].detached && listed[0].id.to_string() == id);
    let child = bench.service.attach(&id, &called(&bench, "two")).unwrap();
    drop(child);
    let child = bench.service.attach(&id, &called(&bench, "three")).unwrap();
    let exit = child.kill().await.unwrap().exit;
    assert_eq!(exit.cause, Cause::Requested);
}

#[tokio::test]
async fn an_exit_waits_until_somebody_was_told() {
    let bench = Bench::new();
    let id = leave(&bench, "exit 6", bench.context()).await;
    let owner = bench.context();
    for told in [false, true] {
        let child = bench.service.attach(&id, &owner).unwrap();
        child.exited().wait().await;
        if told {
            assert_eq!(code(&exit_of(&child).await), 6);
        }
    }
    let gone = bench.service.attach(&id, &owner).unwrap_err();
    assert!(matches!(gone, ChildError::Unknown));
    assert!(bench.service.list(&owner).is_empty());
}

#[tokio::test]
async fn unknown_foreign_and_malformed_ids_look_the_same() {
    let bench = Bench::new();
    let mine = bench.context();
    let id = leave(&bench, "sleep 77300", bench.context()).await;
    let kept = spawn(&bench, "sleep 77300", bench.context()).await;
    let mut stranger = mine.clone();
    stranger.uuid = CapsuleUuid::random();
    let mut other_principal = mine.clone();
    Arc::make_mut(&mut other_principal.origin).principal = Some("bob".into());
    for (id, owner) in [
        (id.as_str(), &stranger),
        (id.as_str(), &other_principal),
        (kept.id().to_string().as_str(), &mine),
        (Uuid::new_v4().to_string().as_str(), &mine),
        ("", &mine),
        ("../1", &mine),
    ] {
        let error = bench.service.attach(id, owner).unwrap_err();
        assert!(matches!(error, ChildError::Unknown), "{id}");
    }
    assert!(bench.service.list(&stranger).is_empty());
    assert!(bench.service.list(&other_principal).is_empty());
    let listed: Vec<bool> = bench
        .service
        .list(&mine)
        .iter()
        .map(|one| one.detached)
        .collect();
    assert_eq!(listed, [true, false], "oldest first");
    bench
        .service
        .attach(&id, &mine)
        .unwrap()
        .kill()
        .await
        .unwrap();
}

#[tokio::test]
async fn no_id_follows_from_another() {
    let bench = Bench::new();
    let mut ids = [0; 3];
    for place in &mut ids {
        let id = spawn(&bench, "exit 0", bench.context()).await.id();
        assert_eq!(id.get_version(), Some(uuid::Version::Random));
        *place = id.as_u128();
    }
    let [first, second, third] = ids;
    assert_ne!(second.wrapping_sub(first), third.wrapping_sub(second));
}

#[tokio::test]
async fn cancelling_a_call_reaches_what_it_left_behind_and_nothing_else() {
    let bench = Bench::new();
    let script = "trap 'exit 9' INT; mktemp up-XXXXXX; while :; do sleep 0.01; done";
    let one = leave(&bench, script, called(&bench, "one")).await;
    let two = leave(&bench, script, called(&bench, "two")).await;
    until("both are up", || {
        let names = std::fs::read_dir(bench.path()).unwrap();
        let name = |entry: std::fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names = names.map(|entry| name(entry.unwrap()));
        names
            .by_ref()
            .filter(|name| name.starts_with("up-"))
            .count()
            == 2
    })
    .await;
    assert_eq!(bench.service.cancel(&["one", "unknown"]), 1);
    let owner = bench.context();
    let cancelled = bench.service.attach(&one, &owner).unwrap();
    let exit = exit_of(&cancelled).await;
    assert_eq!(
        (code(&exit), exit.cause),
        (9, Cause::Cancelled),
        "it was asked first"
    );
    assert_eq!(
        bench.service.cancel(&["one"]),
        0,
        "an ended child is not cancelled"
    );
    let other = bench.service.attach(&two, &owner).unwrap();
    assert_eq!(other.wait(Some(Duration::ZERO)).await.unwrap(), None);
    other.kill().await.unwrap();
}

#[tokio::test]
async fn a_call_that_is_cancelled_takes_its_children_along() {
    let bench = Bench::new();
    let context = called(&bench, "one");
    let cancel = context.cancel.clone();
    // Not by a shell, which loses an interrupt that comes while it starts.
    let sleep = || command("sleep", &["77301"]);
    let kept = bench.try_spawn(sleep(), context.clone()).await.unwrap();
    let left = bench.try_spawn(sleep(), context).await.unwrap();
    left.detach().await;
    cancel.cancel();
    for child in [kept, left] {
        let exit = exit_of(&child).await;
        assert_eq!(
            (exit.status, exit.cause),
            (ExitStatus::Signal(2), Cause::Cancelled)
        );
    }
}

#[tokio::test]
async fn children_end_with_their_capsule() {
    let bench = Bench::new();
    let context = bench.context();
    let unloaded = context.unloaded.clone();
    let child = spawn(
        &bench,
        "trap 'touch asked; exit' INT; touch up; while :; do sleep 0.01; done",
        context,
    )
    .await;
    child.detach().await;
    until("it is up", || bench.path().join("up").exists()).await;
    let owner = bench.context();
    unloaded.cancel();
    bench.service.forget(owner.uuid);
    let exit = exit_of(&child).await;
    assert_eq!(exit.cause, Cause::Shutdown);
    assert!(
        bench.path().join("asked").exists(),
        "it was asked before it was killed"
    );
    assert!(
        bench
            .service
            .attach(&child.id().to_string(), &owner)
            .is_err()
    );
}

#[tokio::test]
async fn dropping_the_service_ends_detached_children() {
    let bench = Bench::new();
    leave(&bench, "trap '' INT TERM; sleep 77302", bench.context()).await;
    until("it runs", || processes_with("77302") > 0).await;
    drop(bench);
    until("it is gone", || processes_with("77302") == 0).await;
}

#[tokio::test]
async fn a_cancel_that_races_a_spawn_is_not_lost() {
    let bench = Bench::new();
    for round in 0..40 {
        let context = called(&bench, "one");
        let cancel = context.cancel.clone();
        let command = bench.allow(sh("sleep 77303"), WorkspaceAccess::ReadOnly);
        let (spawned, ()) = tokio::join!(bench.service.spawn(command, context), async {
            tokio::time::sleep(Duration::from_micros(round * 400)).await;
            cancel.cancel();
        });
        if let Ok(child) = spawned {
            assert_eq!(exit_of(&child).await.cause, Cause::Cancelled);
        }
    }
    assert_eq!(processes_with("77303"), 0);
}
