use super::*;

fn rules(workspace: WorkspaceAccess, network: NetworkAccess) -> Ruleset {
    ruleset(&Basis {
        further: &[FurtherPath {
            path: Path::new("/opt/tools"),
            identity: (1, 2),
        }],
        system: &[
            SystemDirectory::Link {
                path: "/bin".into(),
                target: "usr/bin".into(),
            },
            SystemDirectory::Directory("/lib64".into()),
        ],
        machine: &["/etc/ssl/certs".into(), "/etc/passwd".into()],
        access: Access { workspace, network },
        own: Path::new("/tmp/own"),
        repository: None,
    })
}

fn read_only() -> Ruleset {
    rules(WorkspaceAccess::ReadOnly, NetworkAccess::None)
}

/// The paths on which some of these rights are given.
fn with(ruleset: &Ruleset, rights: u64) -> Vec<&str> {
    ruleset
        .rules
        .iter()
        .filter(|rule| rule.rights & rights != 0)
        .map(|rule| rule.path.to_str().unwrap())
        .collect()
}

#[test]
fn every_right_and_every_scope_is_taken_first() {
    let ruleset = read_only();
    assert_eq!(ruleset.files, 0xffff);
    assert_eq!(ruleset.scopes, 0b11);
    assert_eq!(ruleset.network, 0b11);
}

#[test]
fn only_the_own_directory_and_devices_are_written() {
    let written = with(&read_only(), !READ & !DEVICE_CALLS).join(" ");
    let devices = DEVICES.join(" ");
    assert_eq!(written, format!("{devices} /tmp/own"));
}

#[test]
fn a_workspace_that_may_be_written_is_one_path_more() {
    let ruleset = rules(WorkspaceAccess::ReadWrite, NetworkAccess::None);
    assert_eq!(
        with(&ruleset, REMOVE_FILE | MAKE_FILE | REFER),
        [".", "/tmp/own"]
    );
    assert!(with(&read_only(), READ).contains(&"."));
}

#[test]
fn programs_lie_where_the_system_has_them_and_where_the_operator_says() {
    assert_eq!(
        with(&read_only(), EXECUTE),
        [
            "/usr",
            "/lib64",
            "/etc/ssl/certs",
            "/etc/passwd",
            ".",
            "/tmp/own",
            "/opt/tools"
        ]
    );
}

#[test]
fn no_device_is_made_and_none_but_harmless_ones_is_called() {
    const MAKE_CHARACTER_DEVICE: u64 = 1 << 6;
    let ruleset = rules(WorkspaceAccess::ReadWrite, NetworkAccess::Host);
    assert!(with(&ruleset, MAKE_CHARACTER_DEVICE).is_empty());
    // By a capability that no process has.
    assert_eq!(with(&ruleset, MAKE_BLOCK_DEVICE), ["."]);
    let own = ["/tmp/own"];
    assert_eq!(
        with(&ruleset, DEVICE_CALLS),
        [&DEVICES[..], &own[..]].concat()
    );
}

#[test]
fn sockets_are_made_where_nothing_gets_from_elsewhere() {
    let ruleset = rules(WorkspaceAccess::ReadWrite, NetworkAccess::Host);
    assert_eq!(with(&ruleset, MAKE_SOCKET), ["/tmp/own"]);
    assert_eq!(with(&ruleset, MAKE_FIFO), ["/tmp/own"]);
    let own = |rule: &&Rule| rule.path == Path::new("/tmp/own");
    let rights = ruleset.rules.iter().find(own).unwrap().rights;
    // A right on files, so that it counts for what is no directory, too.
    let others = ruleset.rules.iter().filter(|rule| !own(rule));
    let mut writable = others.filter(|rule| rule.rights & MAKE_FILE != 0);
    // And no folder gets from there to elsewhere.
    assert!(
        writable.all(|rule| {
            rights & !rule.rights & DEVICE_CALLS != 0 && rule.rights & !rights != 0
        })
    );
}

#[test]
fn only_what_a_system_may_lack_may_be_missing() {
    let ruleset = read_only();
    let optional = ruleset.rules.iter().filter(|rule| rule.optional);
    assert!(optional.clone().all(|rule| rule.path.starts_with("/etc")));
    assert!(optional.count() > 0);
}

#[test]
fn the_network_is_there_where_it_is_granted() {
    let ruleset = rules(WorkspaceAccess::ReadOnly, NetworkAccess::Host);
    assert_eq!(ruleset.network, 0);
}
