use super::*;
use crate::policy::WorkspaceAccess;

fn settings() -> SandboxSettings {
    SandboxSettings::new("/somewhere")
}

fn list(workspace: WorkspaceAccess, mounts: &[Mount]) -> Vec<String> {
    let access = Access {
        workspace,
        ..Access::default()
    };
    list_for(access, mounts)
}

/// A sandbox that shows nothing besides the workspace, which is read-only.
fn bare(settings: &SandboxSettings) -> Shape<'_> {
    Shape {
        settings,
        system: &[],
        access: Access::default(),
        writable: false,
        mounts: &[],
        links: &[],
        parts: &[],
        over_owners: false,
        further: &[],
    }
}

fn list_for(access: Access, mounts: &[Mount]) -> Vec<String> {
    let settings = settings();
    let shape = Shape {
        system: &[
            SystemDirectory::Link {
                path: "/bin".into(),
                target: "usr/bin".into(),
            },
            SystemDirectory::Directory("/lib64".into()),
        ],
        access,
        writable: access.workspace.writes(),
        mounts,
        ..bare(&settings)
    };
    words(&shape)
}

fn words(shape: &Shape<'_>) -> Vec<String> {
    let list = arguments(shape).into_iter();
    list.map(|arg| arg.into_string().unwrap()).collect()
}

fn position(list: &[String], words: &str) -> usize {
    let words: Vec<_> = words.split(' ').collect();
    list.windows(words.len())
        .position(|window| window == words)
        .unwrap_or_else(|| panic!("no {words:?} in {list:?}"))
}

#[test]
fn nothing_is_shared_and_nothing_can_be_gained() {
    let list = list(WorkspaceAccess::ReadOnly, &[]);
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
fn power_over_owners_is_that_and_no_other() {
    let settings = settings();
    let shape = Shape {
        over_owners: true,
        ..bare(&settings)
    };
    let list = words(&shape);
    position(&list, &format!("--userns {NAMESPACE_FD}"));
    position(&list, "--assert-userns-disabled");
    position(
        &list,
        "--cap-drop ALL --cap-add CAP_DAC_OVERRIDE --cap-add CAP_FOWNER --cap-add CAP_FSETID \
         --cap-add CAP_SETPCAP --new-session",
    );
}

#[test]
fn system_directories_are_as_on_the_host() {
    let list = list(WorkspaceAccess::ReadOnly, &[]);
    position(&list, "--symlink usr/bin /bin");
    position(&list, "--ro-bind /lib64 /lib64");
}

#[test]
fn every_tmpfs_is_bounded() {
    let list = list(WorkspaceAccess::ReadOnly, &[]);
    position(&list, "--perms 1777 --size 268435456 --tmpfs /tmp");
    position(&list, "--perms 1777 --size 67108864 --tmpfs /dev/shm");
    position(&list, "--perms 0700 --size 67108864 --tmpfs /home/capsule");
    assert_eq!(list.iter().filter(|arg| *arg == "--tmpfs").count(), 3);
}

#[test]
fn the_workspace_is_bound_by_its_descriptor() {
    let read = list(WorkspaceAccess::ReadOnly, &[]);
    position(&read, "--ro-bind-fd 7 /workspace");
    let write = list(WorkspaceAccess::ReadWrite, &[]);
    position(&write, "--bind-fd 7 /workspace");
    assert!(!write.iter().any(|arg| arg == "/somewhere"));
}

#[test]
fn what_is_pinned_lies_over_a_writable_workspace() {
    let mount = |at: &str, what| Mount {
        at: at.into(),
        what,
    };
    let mounts = [
        mount("/workspace/a", Mounted::Writable(13)),
        mount("/workspace/a/.git", Mounted::ReadOnly(14)),
        mount("/workspace/.git", Mounted::EmptyDirectory),
        mount("/workspace/.config", Mounted::EmptyFile(16)),
    ];
    let list = list(WorkspaceAccess::ReadWrite, &mounts);
    let steps = [
        "--bind-fd 7 /workspace",
        "--bind-fd 13 /workspace/a",
        "--ro-bind-fd 14 /workspace/a/.git",
        "--tmpfs /workspace/.git --remount-ro /workspace/.git",
        "--ro-bind-data 16 /workspace/.config",
    ]
    .map(|words| position(&list, words));
    assert!(steps.is_sorted());
}

#[test]
fn the_path_of_a_linked_work_tree_leads_to_it() {
    let settings = settings();
    let shape = Shape {
        mounts: &[Mount {
            at: "/srv/repository/.git".into(),
            what: Mounted::ReadOnly(REPOSITORY_FD),
        }],
        links: &[("/srv/tree".into(), WORKSPACE.into())],
        ..bare(&settings)
    };
    let list = arguments(&shape).into_iter();
    let list: Vec<_> = list.map(|arg| arg.into_string().unwrap()).collect();
    position(&list, "--symlink /workspace /srv/tree");
    position(&list, "--ro-bind-fd 8 /srv/repository/.git");
    position(&list, "--file 9 /home/capsule/.config/git/config");
}

#[test]
fn everything_is_made_read_only_at_the_end() {
    let list = list(WorkspaceAccess::ReadWrite, &[]);
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
        list_for(access, &[])
    };
    let has = |network, word: &str| list(network).contains(&word.to_owned());
    assert!(has(NetworkAccess::None, "--unshare-net"));
    assert!(!has(NetworkAccess::Host, "--unshare-net"));
}

#[test]
fn further_paths_are_read_only() {
    let mut settings = settings();
    settings.read_only.push("/opt/tools".into());
    let shape = bare(&settings);
    position(&words(&shape), "--ro-bind /opt/tools /opt/tools");
    let opened = Opened {
        path: "/opt/tools".as_ref(),
        fd: 30,
    };
    let shape = Shape {
        further: &[opened],
        ..shape
    };
    position(&words(&shape), "--ro-bind-fd 30 /opt/tools");
}

#[test]
fn parts_of_the_machine_are_copied_linked_or_mounted() {
    let part = |at: &str, what| Part {
        at: at.into(),
        what,
    };
    let settings = settings();
    let shape = Shape {
        parts: &[
            part("/etc/passwd", PartKind::Copy(PIN_FD)),
            part("/etc/localtime", PartKind::Link("../usr/share/x".into())),
            part(
                "/etc/alternatives",
                PartKind::Mount("/etc/alternatives".into()),
            ),
        ],
        ..bare(&settings)
    };
    let list = words(&shape);
    position(&list, &format!("--perms 0444 --file {PIN_FD} /etc/passwd"));
    position(&list, "--symlink ../usr/share/x /etc/localtime");
    position(&list, "--ro-bind-try /etc/alternatives /etc/alternatives");
}

#[test]
fn temporary_files_are_at_both_of_their_places() {
    let list = list(WorkspaceAccess::ReadOnly, &[]);
    // Not by an absolute link, which would lead out of what is being built.
    position(&list, "--symlink ../tmp /var/tmp");
}
