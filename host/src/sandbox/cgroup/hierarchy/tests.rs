use super::*;

/// A group of version 2 as the kernel shows it.
fn group(controllers: &str, processes: &str) -> tempfile::TempDir {
    let group = tempfile::tempdir().unwrap();
    for (file, text) in [
        ("cgroup.controllers", controllers),
        ("cgroup.subtree_control", ""),
        ("cgroup.procs", processes),
        ("cgroup.type", "domain\n"),
    ] {
        std::fs::write(group.path().join(file), text).unwrap();
    }
    group
}

#[test]
fn a_group_without_processes_gives_its_controllers() {
    let group = group("cpu memory pids\n", "");
    open(group.path(), false, "pids").unwrap();
    let given = std::fs::read_to_string(group.path().join("cgroup.subtree_control"));
    assert_eq!(given.unwrap(), "+pids");
    let reason = open(group.path(), false, "io").unwrap_err();
    assert!(reason.contains("no controller `io`"), "{reason}");
}

#[test]
fn a_group_with_processes_is_left_as_it_is() {
    let here = format!("{}\n", std::process::id());
    for (processes, is_own) in [
        (here.clone(), true),
        (format!("{here}1\n"), true),
        ("1\n".into(), false),
    ] {
        let group = group("memory pids\n", &processes);
        let reason = open(group.path(), is_own, "pids").unwrap_err();
        assert!(!reason.is_empty(), "{processes}");
        let given = std::fs::read_to_string(group.path().join("cgroup.subtree_control"));
        assert_eq!(given.unwrap(), "", "{reason}");
    }
}

#[test]
fn a_group_that_cannot_be_joined_is_a_reason() {
    let group = group("", "");
    is_domain(group.path()).unwrap();
    std::fs::write(group.path().join("cgroup.type"), "domain invalid\n").unwrap();
    let reason = is_domain(group.path()).unwrap_err();
    assert!(reason.contains("domain invalid"), "{reason}");
}

#[test]
fn no_hierarchy_is_a_reason() {
    let reason = Hierarchy::find("no-such-controller").unwrap_err();
    assert!(reason.contains("no-such-controller"), "{reason}");
}
