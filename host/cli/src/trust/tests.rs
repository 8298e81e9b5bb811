//! Consent is for one folder of this user's, and not for another one in its place.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};

use super::checkouts::{checkouts, is_trusted_checkout};
use super::*;

/// Another account.
const OTHER: u32 = 65_534;

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
}

/// Creates a folder that looks like a checkout of Boll, with a capsule.
fn checkout(at: &Path) -> PathBuf {
    for folder in ["host/cli", "guest-sdk", "wit", "evil"] {
        fs::create_dir_all(at.join(folder)).expect("folders");
    }
    for file in ["host/cli/Cargo.toml", "guest-sdk/Cargo.toml"] {
        fs::write(at.join(file), "").expect("a file");
    }
    at.canonicalize().expect("a path")
}

#[test]
fn a_checkout_around_the_program_is_trusted_where_only_this_user_can_write() {
    let folder = tempfile::tempdir().expect("a folder");
    let own = checkout(folder.path());
    let program = own.join("target/release/boll");
    mode(&own, 0o755);
    assert!(checkouts(&program).contains(&own));
    assert!(is_trusted_checkout(&own));
    assert!(is_kept(&own.join("evil")));
    for shared in [0o757, 0o777, 0o1777] {
        mode(&own, shared);
        assert!(!is_trusted_checkout(&own), "{shared:o}");
        // Folders that others may write are protected from capsules all the same.
        assert!(checkouts(&program).contains(&own));
    }
    mode(&own, 0o755);
    for inside in ["host", "host/cli", "host/cli/Cargo.toml", "wit"] {
        mode(&own.join(inside), 0o777);
        assert!(!is_trusted_checkout(&own), "{inside}");
        mode(&own.join(inside), 0o755);
    }
    assert!(is_trusted_checkout(&own));
    mode(&own.join("evil"), 0o1777);
    assert!(!is_kept(&own.join("evil")));
    mode(&own.join("evil"), 0o755);
}

#[test]
fn a_checkout_of_which_another_owns_something_is_not_trusted() {
    if !crate::without::root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let own = checkout(folder.path());
    for inside in ["", "host", "evil", "guest-sdk", "guest-sdk/Cargo.toml"] {
        mode(&own.join(inside), 0o755);
    }
    let is_trusted = || is_trusted_checkout(&own) && is_kept(&own.join("evil"));
    for inside in ["", "guest-sdk", "guest-sdk/Cargo.toml", "evil"] {
        assert!(is_trusted(), "{inside}");
        chown(own.join(inside), Some(OTHER), None).expect("chown");
        assert!(!is_trusted(), "{inside}");
        chown(own.join(inside), Some(0), None).expect("chown");
    }
}

#[test]
fn consent_is_for_one_folder_and_not_for_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().canonicalize().expect("a path").join("place");
    fs::create_dir(&place).expect("a folder");
    let record = |identity| Record {
        folder: place.display().to_string(),
        manifest: Digest::of(b"text").to_string(),
        component: None,
        identity,
    };
    let given = record(Identity::of(&place).ok());
    assert!(is_consented(Some(&given), &place, "text"));
    assert!(!is_consented(Some(&given), &place, "another"));
    assert!(!is_consented(None, &place, "text"));
    assert!(!is_consented(Some(&record(None)), &place, "text"));

    fs::rename(&place, place.with_extension("away")).expect("moved away");
    assert!(!is_consented(Some(&given), &place, "text"));
    fs::create_dir(&place).expect("another folder");
    assert!(!is_consented(Some(&given), &place, "text"));
}

#[test]
fn consent_is_for_no_folder_of_another_users() {
    if !crate::without::root() {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().canonicalize().expect("a path");
    let record = || Record {
        folder: place.display().to_string(),
        manifest: Digest::of(b"text").to_string(),
        component: None,
        identity: Identity::of(&place).ok(),
    };
    let given = record();
    assert!(is_consented(Some(&given), &place, "text"));
    chown(&place, Some(OTHER), None).expect("chown");
    assert!(!is_consented(Some(&given), &place, "text"));
    assert!(!is_consented(Some(&record()), &place, "text"));
}

#[test]
fn records_of_earlier_versions_are_read() {
    let text = r#"{"folder":"/a","manifest":"blake3:00","component":"/a/c.wasm"}"#;
    let record: Record = serde_json::from_str(text).expect("a record");
    assert_eq!(record.identity, None);
    assert_eq!(record.component, Some(PathBuf::from("/a/c.wasm")));
}
