//! What a decision says of how it came about.

use super::*;

/// The decision about a command, as the texts of what led to it.
fn traced(requests: &[ProcessRequest], granted: &[&str], spec: CommandSpec) -> Vec<String> {
    let program = resolve(&spec.program).expect("the machine has it");
    let command = spec.check(&CommandSizes::default()).expect("well formed");
    let granted = grants(granted);
    let requests = requests.iter().cloned().collect();
    let permissions = Permissions::new(&requests, &granted);
    let candidates = permissions.candidates(&command, &program, resolve);
    let mut trace = vec![format!("{} candidates", candidates.len())];
    let decision = permissions.decide(command, program.clone(), Confinement::Sandboxed, resolve);
    let by = decision.request().map(|asked| {
        assert_eq!(asked.request, &requests.processes[asked.index]);
        asked.request
    });
    let rules = decision.rules().iter();
    let rules = rules.map(|rule| format!("{} {}", rule.index, rule.grant));
    match decision.outcome() {
        Ok(allowed) => {
            assert_eq!(allowed.program(), program.path);
            trace.extend(by.map(|request| format!("by {request}")));
            trace.extend(rules);
        }
        Err(first) => {
            trace.extend(by.map(|request| format!("not by {request}")));
            trace.extend(rules);
            trace.extend(decision.missing().map(ToString::to_string));
            assert_eq!(Some(first), decision.missing().next());
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
