//! Configuration: which source wins, and that no secret shows anywhere.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;

use crate::support::environment::{Run, TestEnvironment};

const KEYS: &str = "
[config.limit]
type = \"integer\"
default = 1

[config.label]
type = \"string\"

[config.token]
type = \"string\"
secret = true
";

const SECRET: &str = "hunter2";

/// Runs `boll` with these variables.
fn boll(env: &TestEnvironment, args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = env.boll_command(args);
    command.envs(variables.iter().copied());
    let run = Run::of(command.output().expect("boll starts"));
    // What the capsule replies is the one place where a secret belongs.
    let replies = args[0] == "run" && run.code == 0;
    assert!(!run.stderr.contains(SECRET), "{run:#?}");
    assert!(replies || !run.stdout.contains(SECRET), "{run:#?}");
    run
}

fn entry(env: &TestEnvironment, more: &str) {
    env.grant(&format!("[capsule.guests]\ndigest = \"any\"\n{more}\n"));
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
}

#[test]
fn the_source_closest_to_the_run_wins() {
    let env = TestEnvironment::new();
    let guests = env.guests(KEYS);
    let run = ["run", &*guests, "config"];
    let variable = [("BOLL_CONFIG_GUESTS__LIMIT", "3")];
    let limit = |args: &[&str], variables: &[(&str, &str)]| {
        let reply = boll(&env, args, variables).ends(0).json();
        reply["all"]["limit"]
            .as_str()
            .expect("it is set")
            .to_owned()
    };
    let flag = [&run[..], &["--config", "limit=4"]].concat();
    assert_eq!(limit(&run, &[]), "1");
    assert_eq!(limit(&run, &variable), "3");
    entry(&env, "config = { limit = 2 }");
    assert_eq!(limit(&run, &[]), "2");
    assert_eq!(limit(&run, &variable), "3");
    assert_eq!(limit(&flag, &variable), "4");
    // Empty is a value, too.
    let empty = [("BOLL_CONFIG_GUESTS__LABEL", "")];
    let reply = boll(&env, &run, &empty).ends(0).json();
    assert_eq!(reply["all"], json!({"limit": "2", "label": ""}));
}

#[test]
fn a_fixed_value_is_above_all_and_says_so() {
    let env = TestEnvironment::new();
    let guests = env.guests(KEYS);
    entry(&env, "fixed = { limit = 2 }");
    let run = ["run", &*guests, "config"];
    let reply = boll(&env, &run, &[]).ends(0).json();
    assert_eq!(reply["all"]["limit"], "2");
    let fixed = "the configuration key `limit` is fixed by ";
    boll(&env, &[&run[..], &["--config", "limit=4"]].concat(), &[])
        .fails(2)
        .says(&[fixed, "boll.toml:3: --config cannot set it"]);
    boll(&env, &run, &[("BOLL_CONFIG_GUESTS__LIMIT", "4")])
        .fails(2)
        .says(&[fixed, "the variable BOLL_CONFIG_GUESTS__LIMIT cannot"]);
    entry(&env, "config = { limit = 1 }\nfixed = { limit = 2 }");
    boll(&env, &run, &[])
        .fails(2)
        .says(&["boll.toml:4:11: the key `limit` is set here twice"]);
}

#[test]
fn a_value_that_does_not_fit_names_its_source() {
    let env = TestEnvironment::new();
    let guests = env.guests(KEYS);
    let run = ["run", &*guests, "config"];
    let unfit = "the configuration key `limit`, from";
    boll(&env, &[&run[..], &["--config", "limit=ten"]].concat(), &[])
        .fails(2)
        .says(&[unfit, "from --config: the value is not an integer"]);
    boll(&env, &run, &[("BOLL_CONFIG_GUESTS__LIMIT", "ten")])
        .fails(2)
        .says(&[unfit, "BOLL_CONFIG_GUESTS__LIMIT: the value is not an"]);
    for (variable, complaint) in [
        ("BOLL_CONFIG_GUESTS_LIMIT", "names no configuration key"),
        (
            "BOLL_CONFIG_GUESTS__LIMITS",
            "known variables: BOLL_CONFIG_GUESTS__",
        ),
    ] {
        boll(&env, &run, &[(variable, "1")])
            .fails(2)
            .says(&[variable, complaint]);
    }
    boll(&env, &run, &[("BOLL_CONFIG_OTHER__LIMIT", "ten")]).ends(0);
}

#[test]
fn a_secret_comes_from_a_file_or_the_environment_and_shows_nowhere() {
    let env = TestEnvironment::new();
    let guests = env.guests(KEYS);
    let run = ["run", &*guests, "config"];
    let check = ["check", &*guests];
    let variable = [("BOLL_CONFIG_GUESTS__TOKEN", SECRET)];

    let reply = boll(&env, &run, &variable).ends(0).json();
    assert_eq!(reply["all"]["token"], SECRET);
    let text = boll(&env, &check, &variable).ends(0).stdout;
    let told = "secret, set by the variable BOLL_CONFIG_GUESTS__TOKEN";
    assert!(text.contains(told), "{text}");

    entry(&env, "secret-files = { token = \"secrets/token\" }");
    let file = env.operator().with_file_name("secrets").join("token");
    fs::create_dir(file.parent().expect("a folder")).expect("a folder");
    fs::write(&file, format!("{SECRET}\n")).expect("written");
    for mode in [0o644, 0o640, 0o602] {
        set_mode(&file, mode);
        let chmod = format!("chmod 600 {}", file.display());
        boll(&env, &run, &[]).fails(2).says(&[
            "other users can read the secret",
            "boll.toml:3:26",
            &chmod,
        ]);
    }
    set_mode(&file, 0o600);
    let reply = boll(&env, &run, &[]).ends(0).json();
    assert_eq!(reply["all"]["token"], SECRET);
    let asks = boll(&env, &["check", &guests, "--output", "json"], &[])
        .ends(0)
        .json();
    let asks = asks["asks"].as_array().expect("a list");
    let token = asks.iter().find(|ask| ask["capability"] == "config:token");
    let from = format!("the file {}", file.display());
    assert_eq!(token.expect("it is asked for")["from"], from);
    fs::remove_file(&file).expect("it is there");
    boll(&env, &run, &[])
        .fails(2)
        .says(&["cannot read the secret: No such file", "boll.toml:3:26"]);
}

#[test]
fn a_secret_on_the_command_line_is_refused() {
    let env = TestEnvironment::new();
    let guests = env.guests(KEYS);
    let flag = format!("token={SECRET}");
    boll(&env, &["run", &guests, "config", "--config", &flag], &[])
        .fails(2)
        .says(&[
            "`token` is a secret: --config would show it to everybody",
            "set the variable BOLL_CONFIG_GUESTS__TOKEN",
            "[capsule.guests.secret-files]",
        ]);
}

#[test]
fn a_secret_in_a_file_that_others_read_is_refused() {
    let env = TestEnvironment::new();
    let guests = env.guests(KEYS);
    let run = ["run", &*guests, "config"];
    entry(&env, &format!("config = {{ token = \"{SECRET}\" }}"));
    set_mode(&env.operator(), 0o644);
    boll(&env, &run, &[]).fails(2).says(&[
        "boll.toml:3:12: `token` is a secret, and other users can",
        "chmod 600",
    ]);
    set_mode(&env.operator(), 0o600);
    let reply = boll(&env, &run, &[]).ends(0).json();
    assert_eq!(reply["all"]["token"], SECRET);
    boll(&env, &["check", &guests], &[]).ends(0);
}

#[test]
fn no_mistake_in_the_operators_file_shows_a_secret() {
    let env = TestEnvironment::new();
    let guests = env.guests(KEYS);
    for (text, complaint) in [
        (format!("config = {{ token = \"{SECRET} }}"), ":3:"),
        (format!("config = \"{SECRET}\""), ":3:"),
        (
            format!("secret-files = {{ token = [\"{SECRET}\"] }}"),
            ":3:",
        ),
        (format!("config = {{ tokne = \"{SECRET}\" }}"), "`tokne`"),
        (format!("confgi = {{ token = \"{SECRET}\" }}"), "`confgi`"),
        (format!("[capsule.guests.config]\ntoken = {SECRET}"), ":4:"),
        (
            format!("config.token = \"{SECRET}\"\nfixed.token = \"{SECRET}\""),
            "`token`",
        ),
    ] {
        entry(&env, &text);
        set_mode(&env.operator(), 0o600);
        for output in ["text", "json"] {
            let args = ["run", &*guests, "config", "--output", output];
            boll(&env, &args, &[]).fails(2).says(&[complaint]);
        }
    }
}

#[test]
fn another_component_gets_no_secret_of_the_operators_file() {
    let env = TestEnvironment::new();
    let required = KEYS.replace("secret = true", "secret = true\nrequired = true");
    let guests = env.guests(&required);
    let text = |digest: &str| {
        format!(
            "[capsule.guests]\ndigest = \"{digest}\"\n\
             config = {{ limit = 5, token = \"{SECRET}\" }}\n"
        )
    };
    env.grant(&text(&format!("blake3:{}", "0".repeat(64))));
    set_mode(&env.operator(), 0o600);
    let run = ["run", &*guests, "config"];
    boll(&env, &run, &[]).fails(2).says(&[
        "the configuration key `token` is required and was not set",
        "but for another component",
    ]);
    env.grant(&text("any"));
    let reply = boll(&env, &run, &[]).ends(0).json();
    assert_eq!(reply["all"], json!({"limit": "5", "token": SECRET}));
}

#[test]
fn tools_do_not_get_what_capsules_are_configured_with() {
    let env = TestEnvironment::new();
    let seen = env.current().join("seen");
    let node = env.write(
        "bin/node",
        format!("#!/bin/sh\nenv > {}\necho v18.0.0\n", seen.display()),
    );
    set_mode(&node, 0o755);
    let mut command = env.boll_command(&["doctor"]);
    let path = std::env::var("PATH").expect("PATH");
    let path = format!("{}:{path}", env.current().join("bin").display());
    command.env("PATH", path).env("SEEN", "yes");
    command.env("BOLL_CONFIG_GUESTS__TOKEN", SECRET);
    command.output().expect("boll starts");
    let seen = fs::read_to_string(seen).expect("node was asked");
    assert!(seen.contains("SEEN=yes"), "{seen}");
    assert!(!seen.contains("BOLL_CONFIG_"), "{seen}");
}
