//! Builds capsules in JavaScript: checks Node.js, installs a package's dependencies, runs its build script.

use std::path::Path;
use std::process::Command;

use super::built_from::{Beginning, is_up_to_date};
use super::error::BuildError;
use super::file_error::FileError;
use super::freshness::{Sources, modified};
use super::run::{RunError, succeed};
use super::tools;
use super::unfinished::Unfinished;
use crate::foreign;
use crate::report::reporter::Reporter;

/// Files that npm, pnpm and yarn write into `node_modules` at the end of an installation.
const INSTALLED: [&str; 4] = [
    ".package-lock.json",
    ".modules.yaml",
    ".yarn-integrity",
    ".yarn-state.yml",
];

/// Builds the package in `directory` unless `component` is newer than all of its sources.
/// Returns whether it was up to date.
pub(super) fn build(
    directory: &Path,
    component: &Path,
    reporter: &Reporter,
) -> Result<bool, BuildError> {
    let sources = Sources::of(directory);
    if is_up_to_date(directory, &sources, component) {
        return Ok(true);
    }
    tools::node()?;
    let build = Unfinished::begin(component)?;
    require_build_script(&directory.join("package.json"))?;
    let lock = directory.join("package-lock.json");
    if dependencies_are_old(directory, &lock) {
        let (action, what) = if lock.is_file() {
            ("ci", "installing npm packages as the lock file says")
        } else {
            ("install", "installing npm packages")
        };
        let arguments = [action, "--no-audit", "--no-fund"];
        npm(directory, &arguments, what, reporter)?;
    }
    let begun = Beginning::of(directory, &sources, component);
    let arguments = ["run", "build"];
    npm(directory, &arguments, "running `npm run build`", reporter)?;
    begun.end();
    build.done()?;
    Ok(false)
}

fn npm(
    directory: &Path,
    arguments: &[&str],
    what: &str,
    reporter: &Reporter,
) -> Result<(), RunError> {
    let mut npm = Command::new("npm");
    npm.args(arguments)
        .current_dir(directory)
        .env("npm_config_update_notifier", "false");
    succeed(&mut npm, what, reporter)
}

/// A file that cannot be understood is left to npm, which says best what is wrong with it.
fn require_build_script(manifest: &Path) -> Result<(), BuildError> {
    let text = foreign::text(manifest).map_err(FileError::read(manifest))?;
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(package) if package.pointer("/scripts/build").is_none() => Err(BuildError::NoScript {
            manifest: manifest.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Returns whether packages must be installed. The folder alone does not show that, since an
/// installation that was interrupted leaves it behind.
fn dependencies_are_old(directory: &Path, lock: &Path) -> bool {
    let modules = directory.join("node_modules");
    let installed = INSTALLED
        .iter()
        .find_map(|name| modified(&modules.join(name)));
    match (installed, modified(lock)) {
        (None, _) => true,
        (Some(installed), Some(wanted)) => installed < wanted,
        (Some(installed), None) => {
            modified(&directory.join("package.json")).is_some_and(|wanted| installed < wanted)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::freshness::tests::write;
    use std::fs;

    use super::*;

    #[test]
    fn dependencies_follow_the_lock_file() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let lock = root.join("package-lock.json");
        write(&root.join("package.json"), 100);
        assert!(dependencies_are_old(root, &lock), "nothing installed");

        write(&root.join("node_modules/some/index.js"), 50);
        assert!(dependencies_are_old(root, &lock), "interrupted");

        write(&root.join("node_modules/.package-lock.json"), 50);
        assert!(
            !dependencies_are_old(root, &lock),
            "newer than package.json"
        );

        write(&lock, 10);
        assert!(dependencies_are_old(root, &lock), "the lock file changed");
    }

    #[test]
    fn a_package_must_say_how_it_is_built() {
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("package.json");
        fs::write(&manifest, r#"{"scripts":{"test":"true"}}"#).unwrap();
        assert!(matches!(
            require_build_script(&manifest),
            Err(BuildError::NoScript { .. })
        ));
        fs::write(&manifest, r#"{"scripts":{"build":"true"}}"#).unwrap();
        assert!(require_build_script(&manifest).is_ok());
    }
}
