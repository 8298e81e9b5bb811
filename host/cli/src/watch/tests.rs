//! What counts as a change, of real folders.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;

/// A project in a folder of its own, without links on its way.
fn project() -> (tempfile::TempDir, PathBuf) {
    let above = tempfile::tempdir().expect("a folder");
    let folder = above.path().canonicalize().expect("a path").join("capsule");
    fs::create_dir(&folder).expect("a folder");
    (above, folder)
}

async fn is_noticed(watch: &mut Watch, folder: &Path) {
    let changed = tokio::time::timeout(Duration::from_secs(20), watch.changed());
    let changed = changed.await.expect("a change").expect("it is watched");
    assert!(changed.contains(folder));
}

async fn is_quiet(watch: &mut Watch) {
    let changed = tokio::time::timeout(Duration::from_millis(1500), watch.changed());
    assert!(changed.await.is_err(), "nothing of the project has changed");
}

#[test]
fn what_tools_make_is_no_source() {
    let root = Path::new("/p");
    for source in ["/p/src/lib.rs", "/p/Capsule.toml", "/p/cases/a.toml", "/p"] {
        assert!(is_source(Path::new(source), root), "{source}");
    }
    for made in [
        "/q",
        "/target/x",
        "/p/target/x",
        "/p/.git/index",
        "/p/src/.lib.rs.swp",
        "/p/dist/capsule.wasm",
    ] {
        assert!(!is_source(Path::new(made), root), "{made}");
    }
}

#[tokio::test]
async fn a_folder_that_takes_the_place_of_another_is_watched() {
    let (above, folder) = project();
    let mut watch = Watch::of([&*folder]).expect("it is watched");
    for round in ["removed", "renamed"] {
        match round {
            "removed" => fs::remove_dir_all(&folder).expect("removed"),
            _ => fs::rename(&folder, above.path().join("old")).expect("renamed"),
        }
        is_noticed(&mut watch, &folder).await;
        fs::create_dir(&folder).expect("a folder");
        is_noticed(&mut watch, &folder).await;
        fs::write(folder.join("a"), "").expect("written");
        is_noticed(&mut watch, &folder).await;
    }
}

#[tokio::test]
async fn a_folder_above_that_is_replaced_is_noticed() {
    let (above, outer) = project();
    let folder = outer.join("inner");
    fs::create_dir(&folder).expect("a folder");
    let mut watch = Watch::of([&*folder]).expect("it is watched");
    let other = above.path().join("other");
    fs::create_dir_all(other.join("inner")).expect("a folder");
    fs::rename(&outer, above.path().join("old")).expect("renamed");
    fs::rename(&other, &outer).expect("renamed");
    is_noticed(&mut watch, &folder).await;
    fs::write(folder.join("a"), "").expect("written");
    is_noticed(&mut watch, &folder).await;
}

#[tokio::test]
async fn new_folders_are_watched_and_those_of_tools_are_not() {
    let (_above, folder) = project();
    fs::create_dir_all(folder.join("node_modules/x/y")).expect("folders");
    fs::create_dir_all(folder.join("src/deep")).expect("folders");
    assert_eq!(of_sources(&folder).len(), 3);
    let mut watch = Watch::of([&*folder]).expect("it is watched");
    fs::create_dir(folder.join("src/new")).expect("a folder");
    is_noticed(&mut watch, &folder).await;
    fs::write(folder.join("src/new/a"), "").expect("written");
    is_noticed(&mut watch, &folder).await;
    fs::write(folder.join("node_modules/x/a"), "").expect("written");
    is_quiet(&mut watch).await;
}

#[tokio::test]
async fn links_lead_out_of_a_project_only_where_sources_are() {
    let (above, folder) = project();
    for outside in ["sdk/deep", "contract/deps"] {
        fs::create_dir_all(above.path().join(outside)).expect("folders");
    }
    symlink("/", folder.join("root")).expect("a link");
    symlink(above.path().join("sdk"), folder.join("sdk")).expect("a link");
    symlink(above.path().join("contract"), folder.join("wit")).expect("a link");
    symlink(&folder, above.path().join("contract/circle")).expect("a link");
    let found = of_sources(&folder);
    let expected = ["", "wit", "wit/deps"].map(|name| folder.join(name));
    let found: Vec<PathBuf> = found.into_keys().collect();
    assert_eq!(
        found,
        [folder.clone(), expected[1].clone(), expected[2].clone()]
    );
    let mut watch = Watch::of([&*folder]).expect("it is watched");
    fs::write(above.path().join("sdk/deep/a"), "").expect("written");
    is_quiet(&mut watch).await;
    fs::write(above.path().join("contract/deps/a.wit"), "").expect("written");
    is_noticed(&mut watch, &folder).await;
}

#[tokio::test]
async fn a_folder_below_that_nobody_may_read_stops_nothing() {
    let (_above, folder) = project();
    let closed = folder.join("closed");
    fs::create_dir(&closed).expect("a folder");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o0)).expect("chmod");
    let mut watch = Watch::of([&*folder]).expect("it is watched");
    fs::write(folder.join("a"), "").expect("written");
    is_noticed(&mut watch, &folder).await;
}
