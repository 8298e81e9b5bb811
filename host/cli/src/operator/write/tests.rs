//! What the operator's file is after a change, and when it is not changed.

use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::thread;

use super::*;
use crate::without;

/// Appends a line.
fn append(path: &Path, line: &str) -> Result<(), WriteError> {
    change(path, |text| Ok(format!("{text}{line}\n")))
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
}

/// A folder without links on the way to it.
fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().canonicalize().expect("a path");
    (folder, path)
}

#[test]
fn links_of_every_kind_stay_and_so_does_the_mode() {
    let (_folder, root) = folder();
    // As dotfile managers link: the file, or the folder, relative or not, over several links.
    fs::create_dir_all(root.join("dotfiles/boll/.config/boll")).expect("folders");
    fs::create_dir_all(root.join("home/.config/boll")).expect("folders");
    fs::create_dir_all(root.join("other/.config")).expect("folders");
    let real = root.join("dotfiles/boll/.config/boll/boll.toml");
    fs::write(&real, "a = 1\n").expect("written");
    mode(&real, 0o640);
    let stowed = root.join("home/.config/boll/boll.toml");
    symlink("../../../dotfiles/boll/.config/boll/boll.toml", &stowed).expect("a link");
    symlink(
        "../../dotfiles/boll/.config/boll",
        root.join("other/.config/boll"),
    )
    .expect("a link");
    symlink(&stowed, root.join("absolute")).expect("a link");
    let ways = [
        stowed.clone(),
        root.join("other/.config/boll/boll.toml"),
        root.join("absolute"),
    ];
    for (number, way) in ways.iter().enumerate() {
        append(way, &format!("b{number} = 1")).expect("written");
    }
    assert!(stowed.is_symlink() && ways[2].is_symlink());
    assert!(root.join("other/.config/boll").is_symlink());
    let text = fs::read_to_string(&real).expect("the file");
    assert_eq!(text, "a = 1\nb0 = 1\nb1 = 1\nb2 = 1\n");
    assert_eq!(fs::metadata(&real).expect("it").mode() & 0o7777, 0o640);
    let left = fs::read_dir(real.parent().expect("a folder")).expect("a folder");
    assert_eq!(left.count(), 1, "nothing is left beside it");
}

#[test]
fn what_is_not_there_yet_is_made_and_a_circle_is_an_error() {
    let (_folder, root) = folder();
    symlink("later/boll.toml", root.join("link")).expect("a link");
    append(&root.join("link"), "a = 1").expect("written");
    append(&root.join("new/boll.toml"), "a = 1").expect("written");
    assert!(root.join("link").is_symlink());
    for name in ["later/boll.toml", "new/boll.toml"] {
        let data = fs::metadata(root.join(name)).expect("it");
        assert_eq!(data.mode() & 0o777, 0o600);
    }
    symlink("round", root.join("round")).expect("a link");
    append(&root.join("round"), "a = 1").expect_err("a circle");
    assert!(root.join("round").is_symlink());
}

#[test]
fn a_file_without_permission_to_write_stays_whoever_the_user_is() {
    let (_folder, root) = folder();
    let file = root.join("boll.toml");
    fs::write(&file, "a = 1\n").expect("written");
    mode(&file, 0o444);
    let error = append(&file, "b = 1").expect_err("read-only").to_string();
    assert_eq!(error, "it is read-only (mode 0444)");
    assert_eq!(fs::read_to_string(&file).expect("it"), "a = 1\n");
}

#[test]
fn a_folder_that_others_write_is_not_written_to() {
    let (_folder, root) = folder();
    let shared = root.join("shared");
    fs::create_dir(&shared).expect("a folder");
    mode(&shared, 0o777);
    fs::write(shared.join("boll.toml"), "a = 1\n").expect("written");
    symlink("shared/boll.toml", root.join("link")).expect("a link");
    symlink("shared/none.toml", root.join("dangling")).expect("a link");
    for name in ["shared/boll.toml", "link", "dangling"] {
        let error = append(&root.join(name), "b = 1").expect_err(name);
        assert!(matches!(error, WriteError::Replaceable(_)), "{error}");
    }
    assert!(!shared.join("none.toml").exists());
}

#[test]
fn a_link_of_another_user_is_not_followed_to_be_written() {
    if !without::root() {
        return;
    }
    let (_folder, root) = folder();
    let theirs = root.join("theirs");
    fs::create_dir(&theirs).expect("a folder");
    symlink("../victim.toml", theirs.join("boll.toml")).expect("a link");
    chown(&theirs, Some(54_321), Some(54_321)).expect("chown");
    append(&theirs.join("boll.toml"), "b = 1").expect_err("another user's");
    assert!(!root.join("victim.toml").exists());
}

#[test]
fn owner_group_and_attributes_stay() {
    if !without::root() {
        return;
    }
    let (_folder, root) = folder();
    let file = root.join("boll.toml");
    fs::write(&file, "a = 1\n").expect("written");
    chown(&file, None, Some(54_321)).expect("chown");
    mode(&file, 0o640);
    let has = rustix::fs::lsetxattr(&file, "user.note", b"mine", XattrFlags::empty());
    append(&file, "b = 1").expect("written");
    let data = fs::metadata(&file).expect("it");
    assert_eq!(
        (data.uid(), data.gid(), data.mode() & 0o777),
        (0, 54_321, 0o640)
    );
    if has.is_ok() {
        let mut value = [0; 8];
        let length = rustix::fs::lgetxattr(&file, "user.note", &mut value[..]).expect("it");
        assert_eq!(&value[..length], b"mine");
    }
}

#[test]
fn writers_at_the_same_time_lose_nothing() {
    let (_folder, root) = folder();
    let file = root.join("boll.toml");
    fs::write(&file, "").expect("written");
    thread::scope(|scope| {
        for writer in 0..8 {
            let file = &file;
            scope.spawn(move || {
                for number in 0..10 {
                    append(file, &format!("w{writer}n{number} = 1")).expect("written");
                }
            });
        }
    });
    let text = fs::read_to_string(&file).expect("it");
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), 80, "{text}");
}

#[test]
fn what_somebody_writes_meanwhile_stays() {
    let (_folder, root) = folder();
    let file = root.join("boll.toml");
    fs::write(&file, "a = 1\n").expect("written");
    let once = std::cell::Cell::new(true);
    // An editor knows no lock.
    change(&file, |text| {
        if once.replace(false) {
            fs::write(&file, "edited = 1\n").expect("written");
        }
        Ok(format!("{text}b = 1\n"))
    })
    .expect("written");
    let text = fs::read_to_string(&file).expect("it");
    assert_eq!(text, "edited = 1\nb = 1\n");
}

#[test]
fn a_file_in_a_folder_that_cannot_be_written_is_written_itself() {
    let (_folder, root) = folder();
    let file = root.join("boll.toml");
    fs::write(&file, "a = 1\nlonger = 1\n").expect("written");
    let number = fs::metadata(&file).expect("it").ino();
    let before = Before::read(&file).expect("read");
    let data = before.data.as_ref().expect("it is there");
    assert!(
        before
            .write_in_place(&file, data, "b = 1\n")
            .expect("written")
    );
    assert_eq!(fs::read_to_string(&file).expect("it"), "b = 1\n");
    assert_eq!(fs::metadata(&file).expect("it").ino(), number);
    // Another file by now.
    fs::remove_file(&file).expect("removed");
    fs::write(root.join("x"), "").expect("written");
    fs::write(&file, "c = 1\n").expect("written");
    assert!(
        !before
            .write_in_place(&file, data, "b = 1\n")
            .expect("looked at")
    );
    assert_eq!(fs::read_to_string(&file).expect("it"), "c = 1\n");
}
