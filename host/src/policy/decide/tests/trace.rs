//! What a decision says of how it came about.

use super::*;

/// The decision about a command, as the texts of what led to it.
fn traced(requests: &[ProcessRequest], granted: &[&str], spec: CommandSpec) -> Vec<String> {
    let program = resolve(&spec.program).expect("the machine has it");
    let command = spec.check(&CommandSizes::default()).expect("well formed");
    let granted = grants(granted);
    let requests = requests.iter().cloned().collect();
    let decision = Permissions::new(&requests, &granted).decide(
        &command,
        program.clone(),
        Confinement::Sandboxed,
        resolve,
    );
    assert_eq!(decision.program, program);
    let rule = |rule: &Rule<'_>| format!("{} {}", rule.index, rule.grant);
    let mut trace = vec![format!("{} candidates", decision.candidates.len())];
    match &decision.verdict {
        Verdict::Allowed(allowed) => {
            trace.push(format!("by {}", allowed.request));
            trace.push(rule(&allowed.rule));
            trace.extend(allowed.further.iter().map(rule));
        }
        Verdict::Denied(refusal) => {
            trace.extend(refusal.request.map(|request| format!("not by {request}")));
            trace.extend(refusal.rules.iter().map(rule));
            trace.extend(refusal.denials().map(ToString::to_string));
        }
    }
    trace
}

#[test]
fn an_allowed_decision_names_request_and_grants() {
    let mut writes = request("git", &["gc"]);
    writes.workspace = WorkspaceAccess::ReadWrite;
    let requests = [
        request("sh", &["**"]),
        request("git", &["log", "**"]),
        writes,
    ];
    let granted = ["workspace:write", "process:git log **", "process:git"];
    assert_eq!(
        traced(&requests, &granted, spec("git log -1")),
        ["2 candidates", "by git log **", "1 process:git log **"]
    );
    assert_eq!(
        traced(&requests, &granted, spec("git gc")),
        [
            "2 candidates",
            "by git gc",
            "2 process:git",
            "0 workspace:write"
        ]
    );
}

#[test]
fn a_denied_decision_names_everything_that_is_missing() {
    let mut asks = request("git", &["gc"]);
    asks.workspace = WorkspaceAccess::ReadWrite;
    asks.network = NetworkAccess::Host;
    let requests = [asks];
    let mut command = spec("git gc");
    command.env = vec![("GIT_DIR".into(), "x".into())];
    assert_eq!(
        traced(&requests, &["network:host"], command),
        [
            "1 candidates",
            "not by git gc",
            "0 network:host",
            "process:git is not allowed: the operator has not granted it; \"process:git gc\" would",
            "process:git is not allowed: the manifest's [[process]] does not list `GIT_DIR` in its `env`",
            "workspace:write is not allowed: the operator has not granted it; \"workspace:write\" would",
        ]
    );
}

#[test]
fn what_nothing_asks_for_lacks_the_request_and_the_grant() {
    let requests = [request("git", &["log"])];
    let not_asked =
        "process:git is not allowed: no [[process]] of the manifest matches these arguments";
    assert_eq!(
        traced(&requests, &["process:git log"], spec("git push * x")),
        [
            "1 candidates",
            not_asked,
            "process:git is not allowed: the operator has not granted it; \"process:git push * x\" would",
        ]
    );
    assert_eq!(
        traced(&requests, &["process:git"], spec("git push")),
        ["1 candidates", "0 process:git", not_asked]
    );
    assert_eq!(
        traced(&[], &["process:sh"], spec("sh")),
        [
            "0 candidates",
            "0 process:sh",
            "process:sh is not allowed: the manifest has no [[process]] for this program",
        ]
    );
}
