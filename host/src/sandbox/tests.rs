//! What the machine has, and what a host makes of one that lacks it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;
use crate::policy::Access;

fn sandbox(programs: Vec<PathBuf>) -> (tempfile::TempDir, Sandbox) {
    let workspace = tempfile::tempdir().unwrap();
    let settings = SandboxSettings::new(workspace.path());
    let sandbox = Sandbox::with_programs(settings, programs).unwrap();
    (workspace, sandbox)
}

#[test]
fn the_sandbox_works_here() {
    let workspace = tempfile::tempdir().unwrap();
    let sandbox = Sandbox::open(SandboxSettings::new(workspace.path())).unwrap();
    let report = sandbox.probe();
    assert!(report.works(), "{report}");
    assert_eq!(report.fix, None);
    let refused = sandbox.refusal(TreeLimit::Memory);
    let told = |weakness: &Weakness| {
        matches!(
            weakness,
            Weakness::NoCgroup {
                limit: TreeLimit::Memory,
                ..
            }
        )
    };
    assert_eq!(report.weaknesses.iter().any(told), refused.is_some());
}

#[test]
fn a_missing_program_is_reported_with_its_fix() {
    let (_workspace, sandbox) = sandbox(vec!["/nonexistent/bwrap".into()]);
    let report = sandbox.probe();
    assert_eq!(report.status, SandboxStatus::Missing);
    assert!(report.fix.as_ref().unwrap().contains("bubblewrap"));
}

#[test]
fn a_program_that_others_may_replace_is_not_used() {
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("bwrap");
    fs::write(&program, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o777)).unwrap();
    let (_workspace, sandbox) = sandbox(vec![program]);
    assert_eq!(sandbox.probe().status, SandboxStatus::Missing);
}

#[test]
fn an_untried_sandbox_starts_nothing() {
    let (_workspace, sandbox) = sandbox(bubblewrap::PLACES.map(PathBuf::from).into());
    let null = || sandbox.null().unwrap();
    let stdio = Stdio {
        stdin: null(),
        stdout: null(),
        stderr: null(),
    };
    let prepared = sandbox.prepare(Access::default(), &Order::default(), stdio);
    assert!(matches!(prepared, Err(LaunchError::Unprobed)));
}

#[test]
fn a_workspace_must_be_a_directory() {
    let file = tempfile::NamedTempFile::new().unwrap();
    for path in [file.path(), Path::new("/nonexistent/workspace")] {
        let error = Sandbox::open(SandboxSettings::new(path)).unwrap_err();
        assert!(matches!(error, SandboxError::Workspace(_)), "{error}");
    }
}

#[test]
fn a_path_that_cannot_be_shown_is_told() {
    let workspace = tempfile::tempdir().unwrap();
    let mut settings = SandboxSettings::new(workspace.path());
    settings.read_only.push("/nonexistent/tools".into());
    let sandbox = Sandbox::open(settings).unwrap();
    assert!(!sandbox.probe().works());
    assert!(sandbox.probe().to_string().contains("/nonexistent/tools"));
}

#[test]
fn an_old_program_is_to_be_updated() {
    let fix = bubblewrap::how_to_fix("bwrap: Unknown option --bind-fd");
    assert!(fix.unwrap().contains("newer"));
}
