//! `boll demo`: one command to a report, from a checkout or with the program alone.

use crate::support::environment::{BOLL, Run, TestEnvironment};
use crate::support::guests::prepared;
use crate::support::repository::Repository;
use crate::support::without::Need;

#[test]
fn the_demo_reports_a_repository() {
    prepared();
    let repository = Repository::with_commits();
    let env = TestEnvironment::new();
    let run = env
        .boll(&["demo", "--workspace", repository.name()])
        .ends(0)
        .says(&[
            "granting git-report for this run: process:git",
            "reporting ",
        ]);
    assert_eq!(run.json(), repository.expected_report(1000));
    assert!(!env.operator().exists(), "the demo grants nothing for good");
}

#[test]
fn without_a_name_it_is_the_repository_around_the_current_folder() {
    prepared();
    let repository = Repository::with_commits();
    let below = repository.path().join("a/b");
    std::fs::create_dir_all(&below).expect("a folder");
    let run = TestEnvironment::new().at(below).boll(&["demo"]).ends(0);
    assert_eq!(run.json(), repository.expected_report(1000));
}

#[test]
fn where_there_is_no_repository_one_is_made_for_the_report() {
    prepared();
    let env = TestEnvironment::new();
    let run = env.boll(&["demo"]).ends(0).says(&[
        "there is no git repository around the current folder",
        "--workspace DIR",
    ]);
    let report = run.json();
    assert_eq!(report["commits"], 3);
    assert_eq!(report["authors"][0]["name"], "Ann");
    let left = std::fs::read_dir(env.current()).expect("a folder");
    assert_eq!(left.count(), 0, "the current folder stays as it is");
}

/// The program alone, as it is when it was installed.
#[test]
fn it_brings_its_example_where_there_is_no_checkout() {
    prepared();
    let env = TestEnvironment::new();
    let installed = env.write("../bin/boll", "");
    std::fs::copy(BOLL, &installed).expect("copied");
    let cache = env.current().with_file_name("cache");
    for step in ["building", "reporting"] {
        let mut boll = env.command(installed.to_str().expect("UTF-8"));
        boll.arg("demo").env("XDG_CACHE_HOME", &cache);
        // Where the checkout's capsules are built is not where an installed program builds.
        boll.env_remove("CARGO_TARGET_DIR");
        let run = Run::of(boll.output().expect("boll starts"));
        let run = run.ends(0).says(&["the example is in ", step]);
        assert_eq!(run.json()["commits"], 3);
    }
    let demo = cache.join("boll/demo");
    let versions: Vec<_> = std::fs::read_dir(demo).expect("it").flatten().collect();
    assert_eq!(versions.len(), 1);
    let component = "git-report/target/wasm32-wasip2/release/git_report.wasm";
    assert!(versions[0].path().join(component).is_file());
    let left = std::fs::read_dir(env.current()).expect("a folder");
    assert_eq!(left.count(), 0, "the current folder stays as it is");
    assert!(!env.operator().exists(), "the demo grants nothing for good");
}

/// The same program where a stranger has put what cargo obeys above each folder that the example
/// could lie in.
#[test]
fn it_builds_its_example_beside_nobody_elses_files() {
    let root = nix::unistd::geteuid().is_root();
    if !Need::Root.is_met((!root).then_some("only root gives files away")) {
        return;
    }
    prepared();
    let env = TestEnvironment::new();
    let installed = env.write("../bin/boll", "");
    std::fs::copy(BOLL, &installed).expect("copied");
    for put in [".cargo/config.toml", "rust-toolchain.toml"] {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = folder.path().canonicalize().expect("a path");
        let file = shared.join(put);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(&file, "[build]\nrustc-wrapper = \"/bin/false\"\n").expect("written");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o1777);
        std::fs::set_permissions(&shared, mode).expect("chmod");
        let first = shared.join(put.split('/').next().expect("a name"));
        for path in [&file, &first] {
            std::os::unix::fs::chown(path, Some(54_321), Some(54_321)).expect("chown");
        }
        for cache in ["/proc/none", shared.join("cache").to_str().expect("UTF-8")] {
            let mut boll = env.command(installed.to_str().expect("UTF-8"));
            boll.arg("demo").env("XDG_CACHE_HOME", cache);
            boll.env("TMPDIR", &shared).env_remove("CARGO_TARGET_DIR");
            let run = Run::of(boll.output().expect("boll starts")).fails(4);
            let told = format!("other users can change {}", first.display());
            let run = run.says(&[&told, "TMPDIR"]);
            assert!(!run.stderr.contains("building"), "{run:#?}");
        }
    }
}
