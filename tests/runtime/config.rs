//! Configuration: set, default, missing and empty are four things.

use std::error::Error as _;

use std::fs;

use boll_host::LoadCause;
use serde_json::json;

use crate::bench::{Bench, reply};
use crate::support::guests::wasi_names;

const KEYS: &str = "
[config.plain]
type = \"string\"
[config.limit]
type = \"integer\"
default = 10
[config.empty]
type = \"string\"
default = \"\"
[config.data]
type = \"json\"
[config.mode]
type = \"enum\"
values = [\"fast\", \"safe\"]
";

#[tokio::test]
async fn set_default_missing_and_empty_are_told_apart() {
    let bench = Bench::setup()
        .without_sandbox()
        .manifest(KEYS)
        .config("plain", "")
        .config("data", r#"{"a": [1, 2]}"#)
        .start()
        .await;
    for (key, expected) in [
        ("plain", json!({"ok": ""})),
        ("limit", json!({"ok": "10"})),
        ("empty", json!({"ok": ""})),
        ("data", json!({"ok": r#"{"a": [1, 2]}"#})),
        ("mode", json!({"ok": null})),
        ("nobody", json!({"undeclared": "nobody"})),
        ("Limit", json!({"undeclared": "Limit"})),
    ] {
        let config = bench.json("config", key).await;
        assert_eq!(config["get"], expected, "{key}");
        assert_eq!(
            config["undeclared"],
            json!({"undeclared": "nobody-declares-this"})
        );
        assert_eq!(config["long"], json!({"key_too_long": 4096}));
        assert_eq!(
            config["all"],
            json!({"plain": "", "limit": "10", "empty": "", "data": r#"{"a": [1, 2]}"#})
        );
    }
}

#[tokio::test]
async fn what_is_given_beats_the_default() {
    let setup = Bench::setup().without_sandbox().manifest(KEYS);
    let bench = setup.config("limit", "-3").start().await;
    assert_eq!(
        bench.json("config", "limit").await["get"],
        json!({"ok": "-3"})
    );
}

#[tokio::test]
async fn values_that_do_not_fit_keep_the_capsule_out() {
    let bench = Bench::plain().await;
    for (key, value, complaint) in [
        (
            "limit",
            "ten",
            "the configuration key `limit`: the value is not an integer",
        ),
        (
            "mode",
            "slow",
            "the configuration key `mode`: the value is not one of fast, safe",
        ),
        (
            "data",
            "{",
            "the configuration key `data`: the value is not JSON",
        ),
        (
            "nobody",
            "x",
            "the manifest declares no configuration key `nobody`",
        ),
    ] {
        let setup = Bench::setup().manifest(KEYS).config(key, value);
        let error = bench.also(&setup, "other").await.expect_err(key);
        assert!(matches!(error.cause, LoadCause::Config(_)));
        let text = error.source().expect("a cause").to_string();
        assert!(text.contains(complaint), "{text}");
    }
    let setup = Bench::setup().manifest("[config.must]\ntype = \"string\"\nrequired = true");
    let error = bench
        .also(&setup, "other")
        .await
        .expect_err("it is required");
    assert!(matches!(error.cause, LoadCause::Config(_)));
    assert_eq!(bench.runtime.capsules(), std::slice::from_ref(&bench.id));
}

#[tokio::test]
async fn each_capsule_has_its_own() {
    let bench = Bench::setup()
        .without_sandbox()
        .manifest(KEYS)
        .config("plain", "mine")
        .start()
        .await;
    let setup = Bench::setup().manifest(KEYS).config("plain", "other's");
    let other = bench.also(&setup, "other").await.expect("loaded");
    let call = bench
        .runtime
        .invoke(&other, "config", b"plain".to_vec(), Default::default());
    let theirs = reply(call.await);
    assert_eq!(theirs["get"], json!({"ok": "other's"}));
    assert_eq!(
        bench.json("config", "plain").await["get"],
        json!({"ok": "mine"})
    );
}

#[tokio::test]
async fn all_names_of_wasi_config_give_the_same_values() {
    let setup = Bench::setup()
        .without_sandbox()
        .manifest(KEYS)
        .config("plain", "set")
        .config("data", "[1]");
    let bench = Bench::plain().await;
    let component = fs::read(wasi_names()).expect("a component");
    let surface = bench.runtime.inspect(component.clone()).await;
    let imports = surface.expect("a component").imports;
    let load = setup.load_of("store", component);
    let id = bench.runtime.load(load).await.expect("loaded");
    for (name, action) in [
        ("wasi:config/store@0.2.0-rc.1", "config-rc"),
        ("wasi:config/store@0.2.0-draft-2024-09-27", "config-dated"),
        ("wasi:config/store@0.2.0-draft", "config-draft"),
    ] {
        let imported = imports.iter().any(|import| import.interface == name);
        assert!(imported, "{name}: {imports:?}");
        for (key, expected) in [
            ("plain", json!("set")),
            ("limit", json!("10")),
            ("empty", json!("")),
            ("mode", json!(null)),
            ("nobody", json!(null)),
        ] {
            let payload = key.as_bytes().to_vec();
            let call = bench
                .runtime
                .invoke(&id, action, payload, Default::default());
            let config = reply(call.await);
            assert_eq!(config["get"], expected, "{action}: {key}");
            assert_eq!(
                config["all"],
                json!([
                    ["data", "[1]"],
                    ["empty", ""],
                    ["limit", "10"],
                    ["plain", "set"]
                ])
            );
            let long = config["long"]["Err"].as_str().expect("it is refused");
            assert!(
                long.contains("longer than the limit of 4096 bytes"),
                "{long}"
            );
        }
    }
}
