//! Builds capsules in JavaScript: checks Node.js, installs a package's dependencies, runs its build script.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::freshness::{Sources, modified};
use super::run::{RunError, answer, find_program, succeed};
use crate::foreign;
use crate::report::reporter::Reporter;

/// The oldest Node.js that the tools for components run on.
pub(crate) const NODE_MAJOR: u32 = 18;

/// What package managers write into `node_modules` at the end of an installation: npm, pnpm, yarn.
const INSTALLED: [&str; 4] = [
    ".package-lock.json",
    ".modules.yaml",
    ".yarn-integrity",
    ".yarn-state.yml",
];

const HOW_TO_GET: &str = "install Node.js 18 or newer, with npm";

/// Why npm made no component.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NpmError {
    /// Node.js or npm is not there.
    #[error("`{program}` is missing: {HOW_TO_GET}")]
    Missing {
        /// The program.
        program: &'static str,
    },
    /// Node.js is too old.
    #[error("Node.js {found} is too old: {HOW_TO_GET}")]
    TooOld {
        /// The version that was found.
        found: String,
    },
    /// The package has no script named `build`.
    #[error("{} has no script \"build\", which is to write the component", manifest.display())]
    NoScript {
        /// The `package.json`.
        manifest: PathBuf,
    },
    /// `package.json` cannot be read.
    #[error("cannot read {}", manifest.display())]
    Manifest {
        /// The `package.json`.
        manifest: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The build ended well and the component is not where it should be.
    #[error("`npm run build` ended well, and there is no {}", component.display())]
    NoComponent {
        /// Where the component should be.
        component: PathBuf,
    },
    /// npm failed, or could not be run to its end.
    #[error(transparent)]
    Run(#[from] RunError),
}

impl NpmError {
    /// Whether it is this machine that lacks something.
    pub(super) fn is_missing_tool(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::TooOld { .. })
    }
}

/// The version of Node.js, when it is new enough and npm is there too.
pub(crate) fn node() -> Result<String, NpmError> {
    let version = answer(Command::new("node").arg("--version"))
        .ok_or(NpmError::Missing { program: "node" })?;
    if major(&version).is_none_or(|major| major < NODE_MAJOR) {
        return Err(NpmError::TooOld { found: version });
    }
    if find_program("npm").is_none() {
        return Err(NpmError::Missing { program: "npm" });
    }
    Ok(version)
}

/// Builds the package in `directory` unless `component` is newer than all of its sources.
/// Returns whether it was up to date.
pub(super) fn build(
    directory: &Path,
    component: &Path,
    reporter: &Reporter,
) -> Result<bool, NpmError> {
    if Sources::of(directory).are_older_than(component) {
        return Ok(true);
    }
    node()?;
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
    let arguments = ["run", "build"];
    npm(directory, &arguments, "running `npm run build`", reporter)?;
    if !component.is_file() {
        return Err(NpmError::NoComponent {
            component: component.to_owned(),
        });
    }
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

fn major(version: &str) -> Option<u32> {
    version
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// A file that cannot be understood is left to npm, which says best what is wrong with it.
fn require_build_script(manifest: &Path) -> Result<(), NpmError> {
    let text = foreign::text(manifest).map_err(|source| NpmError::Manifest {
        manifest: manifest.to_owned(),
        source,
    })?;
    match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(package) if package.pointer("/scripts/build").is_none() => Err(NpmError::NoScript {
            manifest: manifest.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Whether packages must be installed: the folder with packages alone does not say, since an
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
    fn reads_the_major_version() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("unknown"), None);
    }

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
            Err(NpmError::NoScript { .. })
        ));
        fs::write(&manifest, r#"{"scripts":{"build":"true"}}"#).unwrap();
        assert!(require_build_script(&manifest).is_ok());
    }
}
