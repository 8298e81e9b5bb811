//! No sandbox at all: by a grant that says so, and not without a trace.

use super::*;
use crate::policy::command::CommandSizes;
use crate::policy::{Confinement, Denial, Grant, GrantSet, Permissions, ProcessRequest, Requests};
use crate::process::output::HostError;
use crate::sandbox::{Sandbox, SandboxSettings, Weakness};

fn unconfined() -> Bench {
    bench(SandboxBackend::None)
}

/// A command that makes a file, judged for a confinement with some grants.
fn authorize(
    bench: &Bench,
    confinement: Confinement,
    grants: &[&str],
) -> Result<crate::policy::AuthorizedCommand, Denial> {
    let sandbox = bench.service.sandbox();
    let command = command("touch", &["ran"])
        .check(&CommandSizes::default())
        .unwrap();
    let program = sandbox.resolve("touch").unwrap();
    let request = ProcessRequest::new("touch".to_owned().try_into().unwrap());
    let grants: GrantSet = grants.iter().map(|grant| grant.parse().unwrap()).collect();
    Permissions::new(&Requests::from_iter([request]), &grants)
        .decide(command, program, confinement, |name| {
            sandbox.resolve(name).ok()
        })
        .into_result()
}

#[test]
fn it_says_that_it_is_no_sandbox() {
    let bench = unconfined();
    let sandbox = bench.service.sandbox();
    assert_eq!(sandbox.confinement(), Confinement::Unconfined);
    assert_eq!(sandbox.probe().backend, SandboxBackend::None);
    assert!(sandbox.probe().weaknesses.contains(&Weakness::Unconfined));
    assert!(sandbox.probe().to_string().contains("no sandbox"));
}

#[tokio::test]
async fn it_needs_its_grant() {
    let bench = unconfined();
    let confinement = bench.service.sandbox().confinement();
    let denied = authorize(&bench, confinement, &["process:touch"]).unwrap_err();
    assert_eq!(denied.capability, Grant::SandboxNone.capability());

    let command = authorize(&bench, confinement, &["process:touch", "sandbox:none"]).unwrap();
    bench.service.run(command, bench.context()).await.unwrap();
    assert!(bench.path().join("ran").exists());
}

#[tokio::test]
async fn a_command_that_was_allowed_for_a_sandbox_is_not_started_without() {
    let bench = unconfined();
    let command = authorize(&bench, Confinement::Sandboxed, &["process:touch"]).unwrap();
    let error = bench
        .service
        .run(command, bench.context())
        .await
        .unwrap_err();
    assert!(
        matches!(error, ProcessError::Host(HostError::Confinement)),
        "{error}"
    );
    assert!(!bench.path().join("ran").exists());
}

#[tokio::test]
async fn each_start_leaves_a_line() {
    let bench = unconfined();
    let context = bench.context().in_call("call-7");
    let command = bench.allow(sh("exit 0"), WorkspaceAccess::ReadOnly);
    bench.service.run(command, context).await.unwrap();
    let lines = bench.lines.0.lock().unwrap().clone();
    assert_eq!(lines, ["unconfined sh 2 process:sh"]);

    let bench = super::bench(SandboxBackend::Landlock);
    bench.run(sh("exit 0")).await;
    assert!(bench.lines.0.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_the_hosts_user_reaches_is_reached() {
    let outside = tempfile::tempdir().unwrap();
    let bench = unconfined();
    let path = outside.path().join("made");
    bench.sh(&format!("echo x > {}", path.display())).await;
    assert!(path.exists());
}

#[test]
fn nothing_but_the_settings_chooses_it() {
    let workspace = tempfile::tempdir().unwrap();
    for name in ["boll.toml", "Capsule.toml", ".boll.toml"] {
        fs::write(
            workspace.path().join(name),
            "[sandbox]\nbackend = \"none\"\n",
        )
        .unwrap();
    }
    let sandbox = Sandbox::open(SandboxSettings::new(workspace.path())).unwrap();
    assert_eq!(sandbox.settings().backend, SandboxBackend::Bubblewrap);
    assert_eq!(sandbox.confinement(), Confinement::Sandboxed);
}
