//! What a capsule holds, and what it lacks, as a whole.

use super::*;

#[test]
fn missing_lists_what_would_make_every_request_work() {
    let mut writes = request("git", &["gc"]);
    writes.workspace = WorkspaceAccess::ReadWrite;
    let requests = [
        request("git", &["log", "**"]),
        writes,
        request("sh", &["**"]),
    ]
    .into_iter()
    .collect();
    let granted = grants(&["process:git log **"]);
    let missing: Vec<String> = Permissions::new(&requests, &granted)
        .missing(Confinement::Sandboxed)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(missing, ["process:git gc", "workspace:write", "process:sh"]);
}

#[test]
fn missing_names_each_grant_once_and_knows_how_the_host_confines() {
    let surroundings = |program| ProcessRequest {
        workspace: WorkspaceAccess::ReadWrite,
        network: NetworkAccess::Host,
        ..request(program, &["**"])
    };
    let requests = [surroundings("git"), surroundings("sh")]
        .into_iter()
        .collect();
    let granted = grants(&["process:git"]);
    let missing = |confinement| -> Vec<String> {
        let missing = Permissions::new(&requests, &granted).missing(confinement);
        missing.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        missing(Confinement::Sandboxed),
        ["workspace:write", "network:host", "process:sh"]
    );
    assert_eq!(
        missing(Confinement::Landlocked),
        [
            "workspace:write",
            "workspace:git",
            "network:host",
            "process:sh"
        ]
    );
    assert_eq!(
        missing(Confinement::Unconfined),
        [
            "workspace:write",
            "network:host",
            "sandbox:none",
            "process:sh"
        ]
    );
}

#[test]
fn what_is_held_besides_programs_is_asked_for_and_granted() {
    let all = grants(&["network:host", "workspace:write", "sandbox:none"]);
    let names = |requests: &[ProcessRequest], granted: &GrantSet| -> Vec<String> {
        let requests = requests.iter().cloned().collect();
        let held = Permissions::new(&requests, granted).held();
        held.into_iter().map(|held| held.name).collect()
    };
    let mut reaches = request("git", &["**"]);
    reaches.network = NetworkAccess::Host;
    assert_eq!(
        names(&[reaches.clone()], &all),
        ["network:host", "sandbox:none"]
    );
    assert!(names(&[reaches], &GrantSet::default()).is_empty());
    assert!(names(&[], &all).is_empty());
}

#[test]
fn held_is_the_narrower_of_request_and_grant() {
    let requests = [request("git", &["**"]), request("sh", &["-c", "*"])]
        .into_iter()
        .collect();
    let granted = grants(&["process:git log **", "process:sh", "process:nc"]);
    let held: Vec<(String, String)> = Permissions::new(&requests, &granted)
        .held()
        .into_iter()
        .map(|held| (held.name, held.scope))
        .collect();
    assert_eq!(
        held,
        [
            ("process:git".to_owned(), "git log **".to_owned()),
            ("process:sh".to_owned(), "sh -c *".to_owned()),
        ]
    );
}
