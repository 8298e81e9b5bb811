use super::*;

fn host() -> Surroundings {
    let own = |path: &str, what: &str, secret| OwnPlace {
        path: path.into(),
        what: what.to_owned(),
        secret,
    };
    Surroundings {
        homes: vec![
            "/home/ann".into(),
            "/mnt/disk/bob".into(),
            "/".into(),
            "/var/lib/ci".into(),
        ],
        own: vec![
            own("/srv/boll/boll.toml", "the operator's file", true),
            own("/home/ann/.cache/boll", "the cache", false),
            own("/srv/bin/boll", "the program", false),
        ],
        exposed: Vec::new(),
    }
}

fn judged(path: &str, access: FileAccess) -> String {
    let judged = host().judge(Path::new(path), access);
    judged.map_or_else(|exposure| exposure.to_string(), |()| "fits".to_owned())
}

#[test]
fn what_exposes_too_much_is_refused_for_reading_and_writing() {
    for (path, why) in [
        ("/", "the whole machine"),
        ("/proc", "sockets of services"),
        ("/proc/1", "sockets of services"),
        ("/run/docker.sock", "sockets of services"),
        ("/run/media/ann/disk", "sockets of services"),
        ("/dev/shm", "sockets of services"),
        ("/sys/kernel", "sockets of services"),
        ("/var", "the whole home folder /var/lib/ci"),
        ("/tmp", "no capsule's business"),
        ("/home", "the whole home folder"),
        ("/home/ann", "the whole home folder /home/ann"),
        ("/home/another", "the whole home folder /home/another"),
        ("/root", "the whole home folder /root"),
        ("/mnt/disk", "the whole home folder /mnt/disk/bob"),
        ("/mnt/disk/bob", "the whole home folder"),
        ("/home/ann/.ssh", "keys"),
        ("/home/another/.ssh/deep", "keys"),
        ("/home/ann/.aws/x", "keys"),
        ("/home/ann/.config/gh", "keys"),
        ("/home/ann/.config", "it holds /home/ann/.config/"),
        ("/home/ann/.local", "it holds /home/ann/.local/share/"),
        ("/home/ann/.cargo", "it holds /home/ann/.cargo/"),
        ("/root/.bash_history", "keys"),
        ("/srv/backup/ann/.ssh", "keys"),
        ("/srv/boll", "the operator's file"),
        ("/srv/boll/boll.toml", "the operator's file"),
        ("/etc/shadow", "secrets"),
        ("/etc/ssh", "secrets"),
        ("/var/lib/postgresql", "secrets"),
        ("/boot", "secrets"),
        ("/etc/ssl", "it holds /etc/ssl/private"),
        ("/etc/pki/tls", "it holds /etc/pki/tls/private"),
        ("/var/mail", "secrets"),
    ] {
        for access in [FileAccess::Read, FileAccess::ReadWrite] {
            let found = judged(path, access);
            assert!(found.contains(why), "{path} {access:?}: {found}");
        }
    }
    assert!(judged("/etc", FileAccess::Read).contains("no capsule's business"));
}

#[test]
fn what_is_trusted_or_obeyed_is_refused_for_writing_only() {
    for (path, why) in [
        ("/home/ann/.cache", "obey"),
        ("/home/ann/.cache/boll/components", "obey"),
        ("/home/ann/bin", "obey"),
        ("/home/ann/.vim", "obey"),
        ("/srv/bin", "the program"),
        ("/usr/share", "the system lives there"),
        ("/usr/src", "the system lives there"),
        ("/etc/tools", "the system lives there"),
        ("/var/log/nginx", "the system lives there"),
    ] {
        assert_eq!(judged(path, FileAccess::Read), "fits", "{path}");
        let found = judged(path, FileAccess::ReadWrite);
        assert!(found.contains(why), "{path}: {found}");
    }
}

#[test]
fn a_project_fits() {
    for path in [
        "/home/ann/project",
        "/home/ann/project/.git",
        "/home/ann/binary",
        "/root/project",
        "/mnt/disk/bob/project",
        "/mnt/other/project",
        "/opt/tools",
        "/srv/other",
        "/tmp/project",
        "/var/tmp/project",
        "/var/lib/ci/project",
        "/usr/src/project",
        "/run/media/ann/disk/project",
        "/workspace",
        "/app",
    ] {
        for access in [FileAccess::Read, FileAccess::ReadWrite] {
            assert_eq!(judged(path, access), "fits", "{path} {access:?}");
        }
    }
}

#[test]
fn names_that_are_no_text_are_judged_like_others() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let name = OsStr::from_bytes(b"\xff\xfe");
    let (home, elsewhere) = (Path::new("/home").join(name), Path::new("/srv").join(name));
    let judged = |path: &Path| host().judge(path, FileAccess::ReadWrite);
    assert_eq!(judged(&home), Err(Exposure::Home(home.clone())));
    assert_eq!(judged(&home.join(".ssh")), Err(Exposure::Keys));
    assert_eq!(judged(&home.join("project")), Ok(()));
    assert_eq!(judged(&elsewhere), Ok(()));
}

#[test]
fn the_operator_allows_a_folder_by_its_name_but_never_to_write_what_the_host_trusts() {
    let host = Surroundings {
        exposed: vec!["/home/ann".into(), "/srv/boll".into(), "/srv/bin".into()],
        ..host()
    };
    let judged = |path: &str, access| host.judge(Path::new(path), access);
    assert_eq!(judged("/home/ann", FileAccess::Read), Ok(()));
    assert_eq!(
        judged("/home/ann/.ssh", FileAccess::Read),
        Err(Exposure::Keys)
    );
    assert!(judged("/home", FileAccess::Read).is_err());
    assert_eq!(judged("/srv/boll", FileAccess::Read), Ok(()));
    for path in ["/srv/boll", "/srv/bin", "/home/ann"] {
        judged(path, FileAccess::ReadWrite).expect_err(path);
        let path = Path::new(path);
        assert!(!host.can_be_allowed(path, FileAccess::ReadWrite));
        assert!(host.can_be_allowed(path, FileAccess::Read));
    }
}
