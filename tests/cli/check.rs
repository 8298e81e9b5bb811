//! `boll check`: what a capsule imports, asks for and is granted.

use serde_json::json;

use crate::support::environment::TestEnvironment;
use crate::{GIT_LOG, example};

#[test]
fn the_check_lists_imports_requests_and_grants() {
    let env = TestEnvironment::new();
    let rust = example("rust");
    let check = |more: &[&str]| {
        let args = [&["check", &rust, "--output", "json"], more].concat();
        env.boll(&args).ends(0).json()
    };
    let before = check(&[]);
    assert_eq!(before["id"], "git-report");
    let import = json!({"interface": "boll:process/process@0.2.0", "functions": ["run"]});
    let imports = before["imports"].as_array().expect("a list");
    assert!(imports.contains(&import), "{imports:#?}");
    assert_eq!(
        before["asks"],
        json!([
            {"capability": "process:git", "scope": "git -c safe.directory=/workspace log **"},
            {"capability": "config:label", "scope": "a string"},
            {"capability": "config:limit", "scope": "an integer", "note": "default 1000"},
        ])
    );
    assert_eq!(before["granted"], json!([]));
    assert_eq!(before["missing"], json!([GIT_LOG]));

    let after = check(&["--allow", GIT_LOG]);
    assert_eq!(
        after["granted"],
        json!([{"name": "process:git", "scope": "git -c safe.directory=/workspace log **"}])
    );
    assert_eq!(after["missing"], json!([]));
}

#[test]
fn the_same_is_there_as_text() {
    let env = TestEnvironment::new();
    let rust = example("rust");
    let asks = "asks for\n  process:git  git -c safe.directory=/workspace log **\n";
    for (args, granted, missing) in [
        (&[][..], "  nothing", GIT_LOG),
        (
            &["--allow", GIT_LOG],
            "  process:git  git -c safe.directory=/workspace log **",
            "nothing",
        ),
    ] {
        let run = env.boll(&[&["check", &rust], args].concat()).ends(0);
        let end = format!("is granted\n{granted}\nis not granted\n  {missing}\n");
        assert!(
            run.stdout.starts_with("git-report 0.2.0\n"),
            "{}",
            run.stdout
        );
        assert!(run.stdout.contains(asks), "{}", run.stdout);
        assert!(run.stdout.ends_with(&end), "{}", run.stdout);
    }
}

#[test]
fn the_check_runs_nothing() {
    let env = TestEnvironment::new();
    let guests = env.guests("[[action]]\nname = \"trap\"\n");
    let run = env.boll(&["check", &guests]).ends(0);
    assert_eq!(run.stderr, "");
}

#[test]
fn what_a_request_asks_for_besides_its_program_is_said() {
    let env = TestEnvironment::new();
    let guests = env
        .guests("[[process]]\nprogram = \"ls\"\nworkspace = \"read-write\"\nnetwork = \"host\"\n");
    let run = env
        .boll(&["check", &guests, "--allow", "network:host"])
        .ends(0);
    let ask = "process:ls  ls ** (writes to the workspace; reaches everything that the host \
               reaches, its loopback services too)\n";
    assert!(run.stdout.contains(ask), "{}", run.stdout);
    let end = "is granted\n  network:host  reaches everything that the host reaches, its loopback \
               services too\nis not granted\n  process:ls\n  workspace:write\n";
    assert!(run.stdout.ends_with(end), "{}", run.stdout);
}
