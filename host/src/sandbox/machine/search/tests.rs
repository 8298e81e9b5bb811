use std::os::unix::fs::{PermissionsExt as _, symlink};

use tempfile::TempDir;

use super::*;

/// A machine with these files, which everybody may read.
fn machine(files: &[&str]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for file in files {
        let path = root.path().join(file);
        let folder = path.parent().unwrap();
        fs::create_dir_all(folder).unwrap();
        fs::write(&path, "x").unwrap();
        set(root.path(), file, 0o644);
        for folder in folder.ancestors() {
            if folder == root.path() {
                break;
            }
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    root
}

fn set(root: &Path, file: &str, mode: u32) {
    fs::set_permissions(root.join(file), fs::Permissions::from_mode(mode)).unwrap();
}

fn without_network(root: &TempDir) -> Arc<Listing> {
    super::find(root.path()).without_network
}

/// The pieces as text.
fn shown(listing: &Listing) -> Vec<String> {
    let words = listing.pieces.iter().map(|piece| match &piece.what {
        What::Link(target) => format!("{} -> {}", piece.at.display(), target.display()),
        What::Copy => format!("{}", piece.at.display()),
        What::Mount => format!("{} mounted", piece.at.display()),
    });
    words.collect()
}

#[test]
fn names_are_found_and_others_are_not() {
    let root = machine(&[
        "etc/services",
        "etc/shadow",
        "etc/npmrc",
        "etc/java-17-openjdk/security/java.security",
        "etc/java-17-openjdk/README",
        "etc/java-17-openjdk/x.old",
        "etc/.java/x",
        "etc/php/8.2/cli/php.ini",
        "etc/php/8.2/fpm/pool.d/www.conf",
        "etc/maven/m2.conf",
        "etc/maven/other.xml",
        "etc/alternatives/README",
        "etc/ssl/certs/ca.crt",
        "etc/ssl/private/key",
        "etc/resolv.conf",
    ]);
    let expected = [
        "/etc/alternatives mounted",
        "/etc/java-17-openjdk/security/java.security",
        "/etc/maven/m2.conf",
        "/etc/php/8.2/cli/php.ini",
        "/etc/services",
        "/etc/ssl/certs mounted",
    ];
    assert_eq!(shown(&without_network(&root)), expected);
    let with = super::find(root.path()).with_network;
    assert!(shown(&with).contains(&"/etc/resolv.conf mounted".into()));
}

#[test]
fn what_is_not_for_everybody_is_left_out() {
    let root = machine(&[
        "etc/services",
        "etc/protocols",
        "etc/java/open",
        "etc/java/secret",
        "etc/java/closed/open",
        "etc/fonts/fonts.conf",
        "etc/vim/vimrc",
        "etc/php/8.2/cli/php.ini",
        "var/lib/texmf/ls-R",
    ]);
    set(root.path(), "etc/protocols", 0o640);
    set(root.path(), "etc/java/secret", 0o640);
    set(root.path(), "etc/java/closed", 0o750);
    // Whoever else writes there could have another file copied.
    set(root.path(), "etc/vim", 0o777);
    set(root.path(), "etc/php", 0o750);
    set(root.path(), "var/lib", 0o750);
    let expected = ["/etc/fonts/fonts.conf", "/etc/java/open", "/etc/services"];
    let listing = without_network(&root);
    assert_eq!(shown(&listing), expected);
    // A process that sees the host's own files is not given the folder either.
    let mut given = listing.given.clone();
    given.sort();
    let expected = ["/etc/fonts", "/etc/java/open", "/etc/services"].map(PathBuf::from);
    assert_eq!(given, expected);
}

#[test]
fn settings_are_shown_while_they_hold_no_credential() {
    let root = machine(&["etc/maven/settings.xml", "etc/gitconfig", "etc/npmrc"]);
    fs::write(root.path().join("etc/npmrc"), "_authToken=x").unwrap();
    let before = super::find(root.path());
    assert_eq!(shown(&before.without_network), ["/etc/maven/settings.xml"]);
    // In namespaces what is not shown is not there.
    let given = ["/etc/maven/settings.xml", "/etc/gitconfig"].map(PathBuf::from);
    assert_eq!(before.without_network.given, given);
    for file in ["etc/maven/settings.xml", "etc/gitconfig"] {
        fs::write(root.path().join(file), "<password>x</password>").unwrap();
    }
    assert!(!before.is_current());
    let after = without_network(&root);
    assert!(
        after.pieces.is_empty() && after.given.is_empty(),
        "{after:?}"
    );
}

#[test]
fn what_is_large_is_mounted_unless_something_of_it_is_private() {
    let files: Vec<String> = (0..9).map(|number| format!("etc/java/{number}")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let root = machine(&files);
    assert_eq!(shown(&without_network(&root)), ["/etc/java mounted"]);
    set(root.path(), "etc/java/3", 0o600);
    let copied = shown(&without_network(&root));
    assert_eq!(copied.len(), 8);
    assert!(!copied.contains(&"/etc/java/3".into()));

    let root = machine(&["etc/services"]);
    fs::write(
        root.path().join("etc/services"),
        vec![0; COPIED_MAX as usize + 1],
    )
    .unwrap();
    assert_eq!(shown(&without_network(&root)), ["/etc/services mounted"]);
}

#[test]
fn links_stay_links_where_they_lead_into_usr() {
    let root = machine(&[
        "usr/share/zoneinfo/Europe/Berlin",
        "usr/lib/os-release",
        "etc/fonts/conf.avail/a.conf",
        "run/resolve/services",
        "home/private/protocols",
    ]);
    let link = |target: &str, at: &str| symlink(target, root.path().join(at)).unwrap();
    link("../usr/share/zoneinfo/Europe/Berlin", "etc/localtime");
    link("../usr/lib/os-release", "etc/os-release");
    link("conf.avail/a.conf", "etc/fonts/b.conf");
    link("../run/resolve/services", "etc/services");
    link("../home/private/protocols", "etc/protocols");
    link("missing", "etc/host.conf");
    set(root.path(), "home/private", 0o700);
    let expected = [
        "/etc/fonts/b.conf -> conf.avail/a.conf",
        "/etc/fonts/conf.avail/a.conf",
        "/etc/localtime -> ../usr/share/zoneinfo/Europe/Berlin",
        "/etc/os-release -> ../usr/lib/os-release",
        "/etc/services",
    ];
    assert_eq!(shown(&without_network(&root)), expected);
}

#[test]
fn a_link_that_gets_to_usr_by_another_one_leads_there() {
    let root = machine(&[
        "usr/share/zoneinfo/Europe/Berlin",
        "usr/lib/os-release",
        "usr/share/doc/a.conf",
        "etc/fonts/own.conf",
        "etc/fonts/secret",
    ]);
    let at = |path: &str| root.path().join(path);
    let link = |target: &str, at: &str| symlink(target, root.path().join(at)).unwrap();
    // A folder is copied where something in it is private.
    set(root.path(), "etc/fonts/secret", 0o600);
    link("zone.real", "etc/localtime");
    symlink(at("usr/share/zoneinfo/Europe/Berlin"), at("etc/zone.real")).unwrap();
    fs::create_dir(at("etc/static")).unwrap();
    link("static/os-release", "etc/os-release");
    link("../../usr/lib/os-release", "etc/static/os-release");
    link("usr/share", "share");
    link("../../share/doc/a.conf", "etc/fonts/a.conf");
    link("a.conf", "etc/fonts/b.conf");
    link("missing", "etc/fonts/c.conf");
    link("d.conf", "etc/fonts/d.conf");
    let expected = [
        "/etc/fonts/a.conf -> /usr/share/doc/a.conf",
        "/etc/fonts/b.conf -> a.conf",
        "/etc/fonts/c.conf -> missing",
        "/etc/fonts/d.conf -> d.conf",
        "/etc/fonts/own.conf",
        "/etc/localtime -> /usr/share/zoneinfo/Europe/Berlin",
        "/etc/os-release -> /usr/lib/os-release",
    ];
    assert_eq!(shown(&without_network(&root)), expected);
    // Also the links on the way count.
    let before = super::find(root.path());
    assert!(before.is_current());
    fs::remove_file(at("etc/static/os-release")).unwrap();
    assert!(!before.is_current());
}

#[test]
fn a_file_that_is_given_its_earlier_time_has_changed() {
    let root = machine(&["etc/services"]);
    let before = super::find(root.path());
    let path = root.path().join("etc/services");
    let written = fs::metadata(&path).unwrap().modified().unwrap();
    // The clock of file systems is a tick of the kernel's wide.
    std::thread::sleep(std::time::Duration::from_millis(20));
    fs::write(&path, "y").unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    file.set_modified(written).unwrap();
    assert!(!before.is_current());
}

#[test]
fn what_changes_is_noticed() {
    let root = machine(&["etc/services", "etc/java/a", "etc/ssl/certs/ca"]);
    let before = super::find(root.path());
    assert!(before.is_current());
    // Beside what is shown: looked at again, and the same.
    fs::write(root.path().join("etc/other"), "x").unwrap();
    assert!(!before.is_current());
    let after = super::find(root.path());
    assert!(after.is_current());
    assert_eq!(before.with_network, after.with_network);

    type Change<'a> = (&'a str, &'a dyn Fn(&Path));
    let changes: [Change<'_>; 4] = [
        ("a file", &|root| {
            fs::write(root.join("etc/new"), "y").unwrap();
            fs::rename(root.join("etc/new"), root.join("etc/services")).unwrap();
        }),
        ("a new name", &|root| {
            fs::write(root.join("etc/protocols"), "y").unwrap();
            set(root, "etc/protocols", 0o644);
        }),
        ("one in a folder", &|root| {
            fs::write(root.join("etc/java/b"), "y").unwrap();
            set(root, "etc/java/b", 0o644);
        }),
        ("one less", &|root| {
            fs::remove_dir_all(root.join("etc/ssl/certs")).unwrap();
        }),
    ];
    let mut last = after;
    for (what, change) in changes {
        change(root.path());
        assert!(!last.is_current(), "{what}");
        let now = super::find(root.path());
        assert_ne!(last.without_network, now.without_network, "{what}");
        last = now;
    }
    // What only the network takes changes nothing without it.
    let before = super::find(root.path());
    fs::write(root.path().join("etc/hosts"), "y").unwrap();
    assert!(!before.is_current());
    let after = super::find(root.path());
    assert_eq!(before.without_network, after.without_network);
    assert_ne!(before.with_network, after.with_network);
    // What is mounted is seen as it is.
    fs::create_dir_all(root.path().join("etc/ssl/certs")).unwrap();
    let before = super::find(root.path());
    fs::write(root.path().join("etc/ssl/certs/new"), "y").unwrap();
    assert!(before.is_current());
}
