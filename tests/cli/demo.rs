//! `boll demo`: one command from a checkout to a report.

use crate::support::environment::TestEnvironment;
use crate::support::guests::prepared;
use crate::support::repository::Repository;

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
fn a_folder_in_no_repository_is_told() {
    TestEnvironment::new()
        .boll(&["demo"])
        .fails(2)
        .says(&["is not in a git repository", "--workspace DIR"]);
}
