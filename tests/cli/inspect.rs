//! `boll inspect`, `boll check --world`, completions and manual pages.

use std::fs;
use std::process::Command;

use crate::example;
use crate::support::environment::{BOLL, TestEnvironment};
use crate::support::guests::{guests_bytes, unlinkable};

/// A component that has more of the contract than there is.
const ODD: &str = r#"(component
    (import "boll:log/log@0.2.0" (instance (export "shout" (func (param "message" string)))))
    (import "acme:own/thing@1.0.0" (instance $thing
        (export "run" (func (result (result (error u32)))))))
    (export "boll:lifecycle/run@0.2.0" (instance $thing)))"#;

#[test]
fn a_capsule_is_inspected_with_its_grants() {
    let env = TestEnvironment::new();
    let run = env
        .boll(&["inspect", &example("rust"), "--output", "json"])
        .ends(0);
    let told = run.json();
    assert_eq!(told["id"], "git-report");
    assert_eq!(told["missing"][0], crate::GIT_LOG);
    assert!(
        told["digest"]
            .as_str()
            .expect("a digest")
            .starts_with("blake3:")
    );
    assert!(told["size"].as_u64().expect("a size") > 10_000);
    let has = |list: &str, name: &str| {
        told[list]
            .as_array()
            .expect("a list")
            .contains(&name.into())
    };
    assert!(has("imports", "boll:process/process@0.2.0"));
    assert!(has("exports", "boll:hook/handler@0.2.0"));
    assert!(
        told["wit"]
            .as_str()
            .expect("WIT")
            .contains("record command")
    );
}

#[test]
fn a_component_alone_is_inspected_too() {
    let env = TestEnvironment::new();
    env.write("one.wasm", guests_bytes());
    let text = env.boll(&["inspect", "one.wasm"]).ends(0).stdout;
    assert!(
        text.starts_with("component  one.wasm\nsize       "),
        "{text}"
    );
    let wit = env.boll(&["inspect", "one.wasm", "--wit"]).ends(0).stdout;
    assert!(wit.starts_with("package root:component;"), "{wit}");
    env.write("module.wasm", b"\0asm\x01\0\0\0");
    env.boll(&["inspect", "module.wasm"])
        .fails(2)
        .says(&["not a component: this is a core module", "module.wasm"]);
}

#[test]
fn any_components_world_is_held_against_the_contract() {
    let env = TestEnvironment::new();
    env.write("good.wasm", guests_bytes());
    let good = env.boll(&["check", "--world", "good.wasm"]).ends(0).stdout;
    assert!(
        good.contains("boll:process/children@0.2.0  conforms"),
        "{good}"
    );

    env.write("bad.wasm", fs::read(unlinkable()).expect("a component"));
    let bad = env.boll(&["check", "--world", "bad.wasm"]).ends(2);
    assert!(
        bad.stdout
            .contains("which is neither part of the contract nor an interface of this host"),
        "{bad:?}"
    );

    env.write("odd.wasm", wat::parse_str(ODD).expect("sound"));
    let odd = env.boll(&["check", "--world", "odd.wasm"]).ends(2);
    let odd = odd.says(&["odd.wasm does not conform to the contract"]);
    insta::assert_snapshot!(odd.stdout);
    let json = env
        .boll(&["check", "--world", "odd.wasm", "--output", "json"])
        .ends(2);
    assert_eq!(json.json()["exports"][0]["verdict"], "differs");
}

#[test]
fn shells_accept_the_completions() {
    let env = TestEnvironment::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = env.boll(&["completions", shell]).ends(0).stdout;
        assert!(script.contains("conformance"), "{shell}");
    }
    let script = env.boll(&["completions", "bash"]).ends(0).stdout;
    env.write("completions.bash", script);
    // As bash would ask for what may follow `boll in`.
    let line = "source ./completions.bash; COMP_WORDS=(boll in); COMP_CWORD=1; \
                _boll boll in boll; echo ${COMPREPLY[@]}";
    let asked = env
        .command("bash")
        .args(["-c", line])
        .output()
        .expect("bash");
    assert_eq!(String::from_utf8_lossy(&asked.stdout).trim(), "inspect");
}

#[test]
fn every_command_has_a_manual_page() {
    let env = TestEnvironment::new();
    let listed = env
        .boll(&["man", "--to", "pages", "--output", "json"])
        .ends(0);
    let pages = listed.json()["pages"].as_array().expect("a list").len();
    let help = Command::new(BOLL)
        .arg("--help")
        .output()
        .expect("boll starts");
    let help = String::from_utf8(help.stdout).expect("UTF-8");
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty());
    let commands = commands.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    assert!(pages > commands.count(), "a page each, and one for all");
    let page = fs::read_to_string(env.current().join("pages/boll.1")).expect("a page");
    assert!(page.contains("Exit codes"), "{page}");
}

#[test]
fn what_a_host_without_a_sandbox_asks_for_is_missing_too() {
    let env = TestEnvironment::new();
    env.grant("[sandbox]\nbackend = \"none\"\n");
    let guests = env.guests("[[process]]\nprogram = \"true\"\n");
    let run = env.boll(&["inspect", &guests, "--output", "json"]).ends(0);
    assert_eq!(
        run.json()["missing"],
        serde_json::json!(["process:true", "sandbox:none"])
    );
}
