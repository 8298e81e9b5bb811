use super::*;

fn settings() -> SandboxSettings {
    SandboxSettings::new("/somewhere")
}

fn list(workspace: WorkspaceAccess, git: GitPin) -> Vec<String> {
    let access = Access {
        workspace,
        ..Access::default()
    };
    list_for(access, git)
}

fn list_for(access: Access, git: GitPin) -> Vec<String> {
    let settings = settings();
    let shape = Shape {
        settings: &settings,
        system: &[
            SystemDirectory::Link {
                path: "/bin".into(),
                target: "usr/bin".into(),
            },
            SystemDirectory::Directory("/lib64".into()),
        ],
        access,
        git,
    };
    let list = arguments(&shape);
    list.into_iter()
        .map(|arg| arg.into_string().unwrap())
        .collect()
}

fn position(list: &[String], words: &str) -> usize {
    let words: Vec<_> = words.split(' ').collect();
    list.windows(words.len())
        .position(|window| window == words)
        .unwrap_or_else(|| panic!("no {words:?} in {list:?}"))
}

#[test]
fn nothing_is_shared_and_nothing_can_be_gained() {
    let list = list(WorkspaceAccess::ReadOnly, GitPin::Nothing);
    for words in [
        "--unshare-user",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--disable-userns",
        "--assert-userns-disabled",
        "--cap-drop ALL",
        "--new-session",
        "--die-with-parent",
        "--clearenv",
    ] {
        position(&list, words);
    }
    assert!(
        !list
            .iter()
            .any(|arg| arg == "--bind" || arg == "--dev-bind")
    );
}

#[test]
fn system_directories_are_as_on_the_host() {
    let list = list(WorkspaceAccess::ReadOnly, GitPin::Nothing);
    position(&list, "--symlink usr/bin /bin");
    position(&list, "--ro-bind /lib64 /lib64");
}

#[test]
fn every_tmpfs_is_bounded() {
    let list = list(WorkspaceAccess::ReadOnly, GitPin::Nothing);
    position(&list, "--perms 1777 --size 268435456 --tmpfs /tmp");
    position(&list, "--perms 1777 --size 67108864 --tmpfs /dev/shm");
    position(&list, "--perms 0700 --size 67108864 --tmpfs /home/capsule");
    assert_eq!(list.iter().filter(|arg| *arg == "--tmpfs").count(), 3);
}

#[test]
fn the_workspace_is_bound_by_its_descriptor() {
    let read = list(WorkspaceAccess::ReadOnly, GitPin::Nothing);
    position(&read, "--ro-bind-fd 7 /workspace");
    let write = list(WorkspaceAccess::ReadWrite, GitPin::Nothing);
    position(&write, "--bind-fd 7 /workspace");
    assert!(!write.iter().any(|arg| arg == "/somewhere"));
}

#[test]
fn git_is_pinned_over_a_writable_workspace() {
    let pin = GitPin::Directory {
        hooks: true,
        config: true,
    };
    let list = list(WorkspaceAccess::ReadWrite, pin);
    let steps = [
        "--bind-fd 7 /workspace",
        "--bind-fd 8 /workspace/.git",
        "--ro-bind-fd 9 /workspace/.git/hooks",
        "--ro-bind-fd 10 /workspace/.git/config",
    ]
    .map(|words| position(&list, words));
    assert!(steps.is_sorted());
}

#[test]
fn missing_parts_of_git_are_held_by_something_empty() {
    let pin = GitPin::Directory {
        hooks: false,
        config: false,
    };
    let list = list(WorkspaceAccess::ReadWrite, pin);
    position(
        &list,
        "--tmpfs /workspace/.git/hooks --remount-ro /workspace/.git/hooks",
    );
    position(&list, "--ro-bind-data 10 /workspace/.git/config");
}

#[test]
fn everything_is_made_read_only_at_the_end() {
    let list = list(WorkspaceAccess::ReadWrite, GitPin::Nothing);
    let end = position(&list, "--remount-ro /proc --remount-ro /dev --remount-ro /");
    assert_eq!(end + 6, list.len());
}

#[test]
fn only_a_process_that_may_use_the_network_shares_the_hosts() {
    let list = |network| {
        let access = Access {
            network,
            ..Access::default()
        };
        list_for(access, GitPin::Nothing)
    };
    let has = |network, word: &str| list(network).contains(&word.to_owned());
    assert!(has(NetworkAccess::None, "--unshare-net"));
    assert!(!has(NetworkAccess::Host, "--unshare-net"));
    assert!(!has(NetworkAccess::None, "/etc/resolv.conf"));
    let shared = list(NetworkAccess::Host);
    position(&shared, "--ro-bind-try /etc/resolv.conf /etc/resolv.conf");
}

#[test]
fn further_paths_are_read_only() {
    let mut settings = settings();
    settings.read_only.push("/opt/tools".into());
    let shape = Shape {
        settings: &settings,
        system: &[],
        access: Access::default(),
        git: GitPin::Nothing,
    };
    let list: Vec<_> = arguments(&shape)
        .into_iter()
        .map(|arg| arg.into_string().unwrap())
        .collect();
    position(&list, "--ro-bind /opt/tools /opt/tools");
}
