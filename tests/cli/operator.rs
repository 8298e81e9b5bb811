//! The operator's file: whose it is, which component it is for, what is wrong
//! with it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::example;
use crate::support::environment::TestEnvironment;
use crate::support::repository::Repository;

const ALLOW: &str = r#"allow = ["process:git log **"]"#;

fn entry(digest: &str) -> String {
    format!("[capsule.git-report]\ndigest = \"{digest}\"\n{ALLOW}\n")
}

/// An environment in a repository, and the example.
fn bench() -> (Repository, TestEnvironment, String) {
    let repository = Repository::with_commits();
    let env = TestEnvironment::new().at(repository.path());
    (repository, env, example("rust"))
}

#[test]
fn a_grant_for_this_very_component_holds() {
    let (repository, env, rust) = bench();
    let check = env.boll(&["check", &rust, "--output", "json"]).ends(0);
    env.grant(&entry(check.json()["digest"].as_str().expect("a digest")));
    let run = env.boll(&["run", &rust]).ends(0);
    assert_eq!(run.json(), repository.expected_report(1000));
}

#[test]
fn a_grant_for_another_component_does_not_and_says_so() {
    let (_repository, env, rust) = bench();
    env.grant(&entry(&format!("blake3:{}", "0".repeat(64))));
    env.boll(&["run", &rust])
        .fails(3)
        .says(&["has grants for it, but for another component: this one is blake3:"]);
}

#[test]
fn a_grant_for_any_component_holds() {
    let (_repository, env, rust) = bench();
    env.grant(&entry("any"));
    env.boll(&["run", &rust]).ends(0);
}

#[test]
fn a_grant_for_another_capsule_does_not_hold() {
    let (_repository, env, rust) = bench();
    env.grant(&entry("any").replace("git-report", "other"));
    env.boll(&["run", &rust]).fails(3);
}

#[test]
fn a_file_by_name_takes_the_place_of_the_users_own() {
    let (_repository, env, rust) = bench();
    env.grant("broken");
    let file = env.write("policy.toml", entry("any"));
    let file = file.to_str().expect("UTF-8");
    env.boll(&["run", &rust, "--policy", file]).ends(0);
    env.boll(&["run", &rust, "--policy", "missing.toml"])
        .fails(2)
        .says(&["cannot read missing.toml"]);
}

#[test]
fn a_file_in_the_current_folder_grants_nothing() {
    let (_repository, env, rust) = bench();
    env.write("boll.toml", entry("any"));
    env.write("boll/boll.toml", entry("any"));
    env.write(".config/boll/boll.toml", entry("any"));
    env.boll(&["run", &rust]).fails(3);
}

#[test]
fn a_file_that_others_can_write_is_refused() {
    let (_repository, env, rust) = bench();
    env.grant(&entry("any"));
    for mode in [0o620, 0o602, 0o666] {
        let permissions = fs::Permissions::from_mode(mode);
        fs::set_permissions(env.operator(), permissions).expect("chmod");
        env.boll(&["run", &rust])
            .fails(2)
            .says(&["can be written by others", "chmod go-w"]);
    }
    fs::set_permissions(env.operator(), fs::Permissions::from_mode(0o644)).expect("chmod");
    env.boll(&["run", &rust]).ends(0);
}

#[test]
fn a_file_with_another_name_is_refused() {
    let (_repository, env, rust) = bench();
    env.grant(&entry("any"));
    let other = env.operator().with_file_name("other.toml");
    fs::hard_link(env.operator(), &other).expect("a link");
    let named = env.operator();
    let named = named.to_str().expect("UTF-8");
    for more in [&[][..], &["--policy", named]] {
        env.boll(&[&["run", &*rust][..], more].concat())
            .fails(2)
            .says(&["has another hard link", "cp -p"]);
    }
    // A copy is nobody else's, and a symbolic link leads to one file.
    fs::remove_file(env.operator()).expect("removed");
    std::os::unix::fs::symlink("other.toml", env.operator()).expect("a link");
    env.boll(&["run", &rust]).ends(0);
}

#[test]
fn what_is_wrong_with_it_has_a_place() {
    let (_repository, env, rust) = bench();
    let file = env.operator();
    let file = file.to_str().expect("UTF-8");
    for (text, place, complaint) in [
        ("[capsule.git-report\n", "1:20", "unclosed table"),
        (
            "\n[capsule.git-report]\ndigest = \"any\"\nalow = []\n",
            "4:1",
            "unknown key `alow`",
        ),
        ("[capsules]\n", "1:2", "unknown key `capsules`"),
        (
            "[capsule.git-report]\nallow = []\n",
            "1:1",
            "missing field `digest`",
        ),
        (
            "[capsule.git-report]\ndigest = \"blake3:12\"\n",
            "2:10",
            "`blake3:12` is not a digest",
        ),
        (
            "[capsule.git-report]\ndigest = \"any\"\nallow = [\"git\"]\n",
            "3:9",
            "`git` is not a grant",
        ),
        (
            "[capsule.git-report]\ndigest = \"any\"\nconfig = { limit = \"x\" }\n",
            "3:20",
            "the value is not an integer",
        ),
        (
            "[capsule.git-report]\ndigest = \"any\"\nconfig = { limt = 1 }\n",
            "3:19",
            "git-report declares no configuration key `limt`",
        ),
    ] {
        env.grant(text);
        let place = format!("{file}:{place}");
        env.boll(&["run", &rust])
            .fails(2)
            .says(&[complaint, &place]);
    }
}

#[test]
fn an_unknown_key_has_a_suggestion() {
    let (_repository, env, rust) = bench();
    env.grant("[capsule.git-report]\ndigest = \"any\"\nalow = []\n");
    env.boll(&["run", &rust])
        .fails(2)
        .says(&["help: did you mean `allow`?"]);
}

#[test]
fn its_configuration_reaches_the_capsule_and_the_command_line_is_above_it() {
    let (repository, env, rust) = bench();
    env.grant(&format!("{}config = {{ limit = 3 }}\n", entry("any")));
    let run = env.boll(&["run", &rust]).ends(0);
    assert_eq!(run.json(), repository.expected_report(3));
    let run = env.boll(&["run", &rust, "--config", "limit=4"]).ends(0);
    assert_eq!(run.json(), repository.expected_report(4));
}

#[test]
fn a_secret_of_the_wrong_form_is_not_shown() {
    let env = TestEnvironment::new();
    let guests = env.guests("[config.token]\ntype = \"integer\"\nsecret = true\n");
    env.grant("[capsule.guests]\ndigest = \"any\"\nconfig = { token = \"hunter2\" }\n");
    for more in [&[][..], &["--config", "token=hunter2"]] {
        let mut args = vec!["run", &guests, "config"];
        args.extend(more);
        for output in ["text", "json"] {
            let run = env
                .boll(&[&args[..], &["--output", output]].concat())
                .fails(2)
                .says(&["the value is not an integer"]);
            assert!(!run.stderr.contains("hunter2"), "{}", run.stderr);
        }
    }
}
