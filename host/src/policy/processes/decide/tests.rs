use proptest::prelude::*;

mod overview;
mod trace;

use super::*;
use crate::policy::command::{CommandSizes, CommandSpec};
use crate::policy::{GrantSet, NetworkAccess, WorkspaceAccess};

/// A machine with git, a shell, a link to the shell that is called `git`, and
/// a multi-call binary.
fn resolve(name: &str) -> Option<ResolvedProgram> {
    let (path, real) = match name {
        "git" | "/usr/bin/git" => ("/usr/bin/git", "/usr/bin/git"),
        "sh" => ("/usr/bin/sh", "/usr/bin/dash"),
        "/workspace/git" => ("/workspace/git", "/usr/bin/dash"),
        "ls" => ("/usr/bin/ls", "/usr/bin/busybox"),
        "nc" => ("/usr/bin/nc", "/usr/bin/busybox"),
        _ => return None,
    };
    Some(ResolvedProgram::new(path, real))
}

fn request(program: &str, args: &[&str]) -> ProcessRequest {
    ProcessRequest {
        args: pattern(args),
        ..ProcessRequest::new(program.to_owned().try_into().expect("a program"))
    }
}

fn pattern(words: &[&str]) -> ArgsPattern {
    words
        .iter()
        .map(|word| (*word).to_owned())
        .collect::<Vec<_>>()
        .try_into()
        .expect("a pattern")
}

fn grants(texts: &[&str]) -> GrantSet {
    texts
        .iter()
        .map(|text| text.parse().expect("a grant"))
        .collect()
}

fn spec(words: &str) -> CommandSpec {
    let mut words = words.split_whitespace().map(str::to_owned);
    CommandSpec {
        program: words.next().expect("a program"),
        args: words.collect(),
        ..CommandSpec::default()
    }
}

fn judge(
    requests: &[ProcessRequest],
    granted: &[&str],
    spec: CommandSpec,
) -> Result<AuthorizedCommand, Denial> {
    judge_confined(requests, granted, spec, Confinement::Sandboxed)
}

fn judge_confined(
    requests: &[ProcessRequest],
    granted: &[&str],
    spec: CommandSpec,
    confinement: Confinement,
) -> Result<AuthorizedCommand, Denial> {
    let program = resolve(&spec.program).expect("the machine has it");
    let command = spec.check(&CommandSizes::default()).expect("well formed");
    let requests = requests.iter().cloned().collect();
    Permissions::new(&requests, &grants(granted))
        .decide(command, program, confinement, resolve)
        .into_result()
}

fn reason(requests: &[ProcessRequest], granted: &[&str], spec: CommandSpec) -> DenialReason {
    judge(requests, granted, spec).expect_err("denied").reason
}

#[test]
fn asked_for_and_granted_runs_and_names_its_rule() {
    let requests = [request("git", &["log", "**"])];
    let allowed = judge(&requests, &["process:git"], spec("git log -1")).expect("allowed");
    assert_eq!(allowed.rule(), "process:git");
    assert_eq!(allowed.access().workspace, WorkspaceAccess::ReadOnly);
}

#[test]
fn a_grant_without_a_request_is_nothing() {
    assert_eq!(
        reason(&[], &["process:git"], spec("git log")),
        DenialReason::NotRequested
    );
}

#[test]
fn a_request_without_a_grant_is_nothing_and_says_which_grant_would_do() {
    let requests = [request("git", &["log", "**"])];
    let denial = judge(&requests, &["process:sh"], spec("git log")).expect_err("denied");
    assert_eq!(denial.capability, "process:git");
    assert_eq!(
        denial.to_string(),
        "process:git is not allowed: the operator has not granted it; \
         \"process:git log **\" would"
    );
}

#[test]
fn both_sides_judge_the_arguments() {
    let requests = [request("git", &["log", "**"])];
    assert_eq!(
        reason(&requests, &["process:git"], spec("git push")),
        DenialReason::ArgumentsNotRequested
    );
    assert!(matches!(
        reason(&requests, &["process:git log -1"], spec("git log -2")),
        DenialReason::NotGranted(_)
    ));
}

#[test]
fn a_link_to_another_program_is_judged_by_where_it_leads() {
    let requests = [request("git", &["**"])];
    assert_eq!(
        reason(&requests, &["process:git"], spec("/workspace/git x")),
        DenialReason::NotRequested
    );
}

#[test]
fn applets_of_one_binary_are_different_programs() {
    let requests = [request("ls", &["**"])];
    assert!(judge(&requests, &["process:ls"], spec("ls")).is_ok());
    assert_eq!(
        reason(&requests, &["process:ls"], spec("nc -l")),
        DenialReason::NotRequested
    );
}

#[test]
fn variables_are_asked_for_by_name() {
    let mut asks = request("git", &["**"]);
    asks.env = vec!["GIT_PAGER".to_owned().try_into().expect("a name")];
    let mut command = spec("git log");
    command.env = vec![("GIT_PAGER".into(), "cat".into())];
    assert!(judge(&[asks.clone()], &["process:git"], command.clone()).is_ok());
    command.env.push(("GIT_DIR".into(), "/".into()));
    assert_eq!(
        reason(&[asks], &["process:git"], command),
        DenialReason::VariableNotRequested("GIT_DIR".into())
    );
}

#[test]
fn writing_to_the_workspace_needs_its_own_grant() {
    let mut asks = request("git", &["**"]);
    asks.workspace = WorkspaceAccess::ReadWrite;
    let requests = [asks];
    assert_eq!(
        reason(&requests, &["process:git"], spec("git gc")),
        DenialReason::NotGranted(Grant::WorkspaceWrite)
    );
    let allowed = judge(
        &requests,
        &["process:git", "workspace:write"],
        spec("git gc"),
    );
    assert_eq!(
        allowed.expect("allowed").access().workspace,
        WorkspaceAccess::ReadWrite
    );
}

#[test]
fn the_hosts_network_needs_its_own_grant() {
    let mut asks = request("git", &["fetch"]);
    asks.network = NetworkAccess::Host;
    let requests = [asks];
    let denial = judge(
        &requests,
        &["process:git", "workspace:write"],
        spec("git fetch"),
    )
    .expect_err("denied");
    assert_eq!(
        denial.to_string(),
        "network:host is not allowed: the operator has not granted it; \"network:host\" would"
    );
    let allowed = judge(
        &requests,
        &["process:git", "network:host"],
        spec("git fetch"),
    );
    let access = allowed.expect("allowed").access();
    assert_eq!(access.network, NetworkAccess::Host);
    assert_eq!(access.workspace, WorkspaceAccess::ReadOnly);
    // A grant alone opens nothing.
    let allowed = judge(
        &[request("git", &["fetch"])],
        &["process:git", "network:host"],
        spec("git fetch"),
    );
    assert_eq!(
        allowed.expect("allowed").access().network,
        NetworkAccess::None
    );
}

#[test]
fn without_a_sandbox_nothing_starts_but_by_a_grant_that_says_so() {
    let requests = [request("git", &["**"])];
    let judged = |granted: &[&str], confinement| {
        judge_confined(&requests, granted, spec("git log"), confinement)
    };
    let denial = judged(&["process:git"], Confinement::Unconfined).expect_err("denied");
    assert_eq!(
        denial.to_string(),
        "sandbox:none is not allowed: the operator has not granted it; \"sandbox:none\" would"
    );
    let denial = judged(&["sandbox:none"], Confinement::Unconfined).expect_err("denied");
    assert_eq!(denial.capability, "process:git");
    let both = ["process:git", "sandbox:none"];
    for confinement in [Confinement::Unconfined, Confinement::Sandboxed] {
        let allowed = judged(&both, confinement).expect("allowed");
        assert_eq!(allowed.confinement(), confinement);
    }
    judged(&["process:git"], Confinement::Sandboxed).expect("allowed");
}

#[test]
fn writing_gits_data_needs_a_grant_of_its_own_beside_the_one_for_writing() {
    let mut asks = request("git", &["**"]);
    asks.workspace = WorkspaceAccess::ReadWriteGit;
    let requests = [asks];
    let judged = |granted: &[&str]| judge(&requests, granted, spec("git commit"));
    for (granted, missing) in [
        (["process:git", "workspace:write"], "workspace:git"),
        (["process:git", "workspace:git"], "workspace:write"),
    ] {
        assert_eq!(judged(&granted).expect_err("denied").capability, missing);
    }
    let allowed = judged(&["process:git", "workspace:write", "workspace:git"]);
    let access = allowed.expect("allowed").access();
    assert_eq!(access.workspace, WorkspaceAccess::ReadWriteGit);
}

#[test]
fn where_git_cannot_be_kept_apart_writing_needs_the_grant_for_both() {
    let mut asks = request("git", &["**"]);
    asks.workspace = WorkspaceAccess::ReadWrite;
    let requests = [asks];
    let judged = |granted: &[&str], confinement| {
        judge_confined(&requests, granted, spec("git log"), confinement)
    };
    let write = ["process:git", "workspace:write"];
    judged(&write, Confinement::Sandboxed).expect("allowed");
    let denial = judged(&write, Confinement::Landlocked).expect_err("denied");
    assert_eq!(denial.capability, "workspace:git");
    let both = ["process:git", "workspace:write", "workspace:git"];
    judged(&both, Confinement::Landlocked).expect("allowed");
}

#[test]
fn a_narrower_request_that_fits_wins_over_a_wider_one_that_is_not_granted() {
    let mut writes = request("git", &["**"]);
    writes.workspace = WorkspaceAccess::ReadWrite;
    let requests = [writes, request("git", &["log", "**"])];
    let allowed = judge(&requests, &["process:git"], spec("git log")).expect("allowed");
    assert_eq!(allowed.access().workspace, WorkspaceAccess::ReadOnly);
}

#[test]
fn a_request_with_the_network_does_not_hide_one_without() {
    let mut reaches = request("git", &["**"]);
    reaches.network = NetworkAccess::Host;
    let requests = [reaches, request("git", &["log", "**"])];
    let without = judge(&requests, &["process:git"], spec("git log")).expect("allowed");
    assert_eq!(without.access().network, NetworkAccess::None);
    let with = judge(&requests, &["process:git", "network:host"], spec("git log"));
    assert_eq!(
        with.expect("allowed").access().network,
        NetworkAccess::Host,
        "the first that passes whole decides"
    );
}

proptest! {
    /// Whatever is asked and granted, nothing runs that one of them leaves out.
    #[test]
    fn nothing_runs_that_is_not_asked_for_and_granted(
        asked in prop::collection::vec("(log|push|[*]|x)", 0..3),
        asked_rest: bool,
        granted in prop::collection::vec("(log|push|[*]|x)", 1..3),
        granted_rest: bool,
        args in prop::collection::vec("(log|push|x|y)", 0..4),
    ) {
        let with_rest = |words: &[String], rest: bool| {
            let mut words = words.to_vec();
            if rest {
                words.push("**".to_owned());
            }
            ArgsPattern::try_from(words).expect("a pattern")
        };
        let asked = with_rest(&asked, asked_rest);
        let granted = with_rest(&granted, granted_rest);
        let requests = [ProcessRequest { args: asked.clone(), ..request("git", &[]) }].into_iter().collect();
        let grants: GrantSet = [Grant::Process {
            program: "git".to_owned().try_into().expect("a program"),
            args: granted.clone(),
        }].into_iter().collect();
        let command = CommandSpec { program: "git".into(), args: args.clone(), ..CommandSpec::default() }
            .check(&CommandSizes::default()).expect("well formed");
        let allowed = Permissions::new(&requests, &grants)
            .decide(command, resolve("git").expect("found"), Confinement::Sandboxed, resolve)
            .is_allowed();
        prop_assert_eq!(allowed, asked.matches(&args) && granted.matches(&args));
        // What may run is never missing from the overview.
        if allowed {
            prop_assert!(asked.overlaps(&granted));
        }
    }
}
