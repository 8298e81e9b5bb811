//! The public API of the library and of the SDK, as they were agreed on.
//!
//! Not among the tests that `cargo test` runs: what rustdoc writes has another
//! form in each version of Rust. CI has one version. After a change that is meant:
//! `INSTA_UPDATE=always cargo test --release --workspace --test api`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Has rustdoc describe all crates, and gives the folder of the descriptions.
fn describe() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut cargo = Command::new(env!("CARGO"));
    // Build scripts run again, and their crates are compiled again, when what cargo sets
    // for this test is there for another cargo, and once more when it is gone.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text == "OUT_DIR"
            || text.starts_with("CARGO_PKG_")
            || text.starts_with("CARGO_MANIFEST_")
        {
            cargo.env_remove(&name);
        }
    }
    let documented = cargo
        .args(["doc", "--release", "--workspace", "--no-deps", "--quiet"])
        .env("RUSTDOC", root.join("tests/api/rustdoc"))
        .env("RUSTDOCFLAGS", "-Z unstable-options --output-format json")
        .current_dir(&root)
        .status()
        .expect("cargo starts");
    assert!(documented.success(), "rustdoc described nothing");
    let folder = std::env::var_os("CARGO_TARGET_DIR");
    let folder = folder.map_or_else(|| root.join("target"), PathBuf::from);
    folder.join("doc")
}

/// A crate's public items, a line each.
fn items(described: &Path) -> String {
    let items = public_api::Builder::from_rustdoc_json(described)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build();
    items.expect("a description of this form").to_string()
}

#[test]
fn nothing_public_changes_by_accident() {
    let folder = describe();
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for name in ["boll_host", "boll_sdk"] {
            let file = folder.join(name).with_extension("json");
            insta::assert_snapshot!(name, items(&file));
            // What is left of it would lie among the pages.
            std::fs::remove_file(file).expect("it was read");
        }
    });
}
