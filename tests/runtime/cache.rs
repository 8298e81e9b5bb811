//! Compiled components on disk: used again, and never when they were changed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use boll_host::engine::{CacheError, ComponentCache};
use boll_host::{Load, Outcome, Runtime};
use tempfile::TempDir;

use crate::bench::Bench;
use crate::support::guests::guests_bytes;

/// Loads the guests with a cache in this folder, and calls them.
async fn load(folder: &Path) {
    let cache = ComponentCache::open(folder).expect("a cache");
    let runtime = Runtime::builder().cache(cache).build().expect("a runtime");
    let load = Load::new(Bench::setup().manifest_of("guests"), guests_bytes());
    let id = runtime.load(load).await.expect("loaded");
    let outcome = runtime
        .invoke(&id, "echo", b"x".to_vec(), Default::default())
        .await;
    assert_eq!(
        outcome.expect("an answer"),
        Outcome::Continue(Some(b"x".to_vec()))
    );
    runtime.shut_down().await;
}

fn files(folder: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    fs::read_dir(folder)
        .expect("the folder")
        .map(|entry| {
            let entry = entry.expect("an entry");
            let data = entry.metadata().expect("a file");
            let stamp = (data.len(), data.modified().expect("a time"));
            (entry.path(), stamp)
        })
        .collect()
}

/// The one compiled component in a folder.
fn compiled(folder: &Path) -> PathBuf {
    let mut files = files(folder).into_keys();
    let file = files.find(|file| file.extension().is_some_and(|end| end == "cwasm"));
    file.expect("a compiled component")
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = folder.path().join("cache");
    (folder, cache)
}

#[tokio::test]
async fn a_second_runtime_does_not_compile_again() {
    let (_folder, cache) = folder();
    load(&cache).await;
    let before = files(&cache);
    assert_eq!(before.len(), 2, "the code and its digest: {before:?}");
    load(&cache).await;
    assert_eq!(files(&cache), before);
}

#[tokio::test]
async fn a_changed_file_is_not_used_and_is_made_anew() {
    let (_folder, cache) = folder();
    load(&cache).await;
    let file = compiled(&cache);
    let sound = fs::read(&file).expect("the code");
    let mut changed = sound.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    for bad in [changed, sound[..1000].to_vec(), Vec::new()] {
        fs::write(&file, bad).expect("written");
        load(&cache).await;
        assert!(
            fs::read(&file).expect("the code") == sound,
            "it was made anew"
        );
    }
    fs::write(file.with_extension("b3"), "0".repeat(64)).expect("written");
    load(&cache).await;
    assert!(fs::read(&file).expect("the code") == sound);
}

#[tokio::test]
async fn a_file_with_a_fitting_digest_that_is_no_code_is_not_used() {
    let (_folder, cache) = folder();
    load(&cache).await;
    let file = compiled(&cache);
    fs::write(&file, "not code").expect("written");
    let digest = blake3::hash(b"not code").to_hex();
    fs::write(file.with_extension("b3"), digest.as_bytes()).expect("written");
    load(&cache).await;
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_costs_only_time() {
    let (_folder, cache) = folder();
    load(&cache).await;
    fs::remove_dir_all(&cache).expect("removed");
    ComponentCache::open(&cache).expect("a cache");
    let opened = ComponentCache::open(&cache).expect("a cache");
    fs::remove_dir_all(&cache).expect("removed");
    let runtime = Runtime::builder().cache(opened).build().expect("a runtime");
    let load = Load::new(Bench::setup().manifest_of("guests"), guests_bytes());
    runtime.load(load).await.expect("loaded without a cache");
    runtime.shut_down().await;
}

#[test]
fn a_folder_that_others_can_write_is_no_cache() {
    let (folder, cache) = folder();
    ComponentCache::open(&cache).expect("a cache");
    let mode = fs::metadata(&cache).expect("a folder").permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777)).expect("chmod");
    let error = ComponentCache::open(folder.path()).expect_err("refused");
    assert!(matches!(error, CacheError::Writable(_)), "{error}");
}
