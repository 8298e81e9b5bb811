//! Finds the component of a project without running a tool, which would obey the project's
//! files.

use std::env;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::built_from::is_up_to_date;
use super::freshness::{Sources, modified};
use super::guest_rust::TARGET;
use crate::foreign;

/// Where every tool but cargo puts the component.
pub(super) const COMPONENT: &str = "dist/capsule.wasm";

/// As much of a `Cargo.toml` as names the component.
#[derive(Deserialize)]
struct CargoManifest {
    package: Option<Named>,
    lib: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: Option<String>,
}

/// Returns the newest file that is the component of the project in `folder`, an absolute
/// path, where `last` was built last.
pub(crate) fn component(folder: &Path, last: Option<PathBuf>) -> Option<PathBuf> {
    let places = last
        .into_iter()
        .chain([folder.join(COMPONENT)])
        .chain(cargo_places(folder));
    places
        .filter(|path| path.is_file())
        .max_by_key(|path| modified(path))
}

/// Returns whether a component of the project was built from its sources as they are now.
/// Sources outside of the folder, which tools may know, are ignored.
pub(crate) fn is_fresh(folder: &Path, component: &Path) -> bool {
    let sources = Sources::of(folder).without(folder.join("target"));
    is_up_to_date(folder, &sources, component)
}

/// Returns where cargo puts a component, unless it is configured otherwise.
fn cargo_places(folder: &Path) -> Vec<PathBuf> {
    let Some(file) = file_name(folder) else {
        return Vec::new();
    };
    let set = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let around = folder
        .ancestors()
        .filter(|folder| folder.join("Cargo.toml").is_file())
        .map(|folder| folder.join("target"));
    let targets = set.into_iter().chain(around);
    targets
        .map(|target| target.join(TARGET).join("release").join(&file))
        .collect()
}

/// Returns cargo's name for the component.
fn file_name(folder: &Path) -> Option<String> {
    let text = foreign::text(&folder.join("Cargo.toml")).ok()?;
    let manifest: CargoManifest = toml::from_str(&text).ok()?;
    let named = |part: Option<Named>| part.and_then(|part| part.name);
    let name = named(manifest.lib).or_else(|| named(manifest.package))?;
    let plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_');
    name.chars()
        .all(plain)
        .then(|| format!("{}.wasm", name.replace('-', "_")))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::freshness::tests::write;
    use super::*;

    #[test]
    fn the_newest_of_the_places_is_the_component() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        assert_eq!(component(root, None), None);
        fs::write(
            root.join("Cargo.toml"),
            "[package]\nname = \"my-capsule\"\n",
        )
        .expect("it");
        let built = root
            .join("target")
            .join(TARGET)
            .join("release/my_capsule.wasm");
        write(&built, 20);
        assert_eq!(component(root, None), Some(built.clone()));
        let other = root.join(COMPONENT);
        write(&other, 10);
        assert_eq!(component(root, None), Some(other));
        let last = root.join("elsewhere.wasm");
        write(&last, 0);
        assert_eq!(component(root, Some(last.clone())), Some(last));
    }

    #[test]
    fn it_is_stale_when_a_source_is_newer() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let built = root.join("target/x.wasm");
        write(&root.join("src/lib.rs"), 100);
        write(&built, 50);
        write(&root.join("target/other"), 0);
        assert!(is_fresh(root, &built));
        write(&root.join("src/lib.rs"), 10);
        assert!(!is_fresh(root, &built));
    }
}
