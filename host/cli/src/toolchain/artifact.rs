//! Reads cargo's JSON output: which package is a capsule, and which file a build made. It runs no tool.

use std::path::{Path, PathBuf};

use serde::Deserialize;

/// The reason why cargo names no single component.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArtifactError {
    /// The answer was no JSON of the known form.
    #[error("cannot read what `cargo metadata` says")]
    Metadata(#[source] serde_json::Error),
    /// The package has no library of the right kind.
    #[error(
        "the package `{package}` is no capsule: it has no library of type `cdylib`. \
         Add this to {}:\n\n    [lib]\n    crate-type = [\"cdylib\"]\n", manifest.display()
    )]
    NoCdylib { package: String, manifest: PathBuf },
    /// A workspace without any capsule.
    #[error("no package of the workspace {} has a library of type `cdylib`", workspace.display())]
    NoCapsule { workspace: PathBuf },
    /// A workspace with several capsules.
    #[error("{} holds several capsules; name the folder of one: {}", workspace.display(), packages.join(", "))]
    SeveralCapsules {
        workspace: PathBuf,
        packages: Vec<String>,
    },
    /// The build ended well and made no component.
    #[error("cargo built `{package}` and made no .wasm file")]
    NoComponent { package: String },
    /// The build made more than one component.
    #[error(
        "cargo built `{package}` and made several .wasm files: {}",
        list(files)
    )]
    SeveralComponents {
        package: String,
        files: Vec<PathBuf>,
    },
}

/// The package that becomes a capsule.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CapsulePackage {
    /// cargo's own name for it, unique in a build.
    pub(crate) id: String,
    /// The name in its `Cargo.toml`.
    pub(crate) name: String,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

impl Package {
    fn is_capsule(&self) -> bool {
        self.targets.iter().any(Target::is_cdylib)
    }
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

impl Target {
    fn is_cdylib(&self) -> bool {
        self.kind.iter().any(|kind| kind == "cdylib")
    }
}

/// Chooses the package from `cargo metadata --no-deps`: the one whose manifest is `manifest`,
/// else the only capsule of the workspace.
pub(crate) fn capsule_package(
    metadata: &str,
    manifest: &Path,
) -> Result<CapsulePackage, ArtifactError> {
    let Metadata {
        packages,
        workspace_root,
    } = serde_json::from_str(metadata).map_err(ArtifactError::Metadata)?;

    let taken = |package: &Package| CapsulePackage {
        id: package.id.clone(),
        name: package.name.clone(),
    };
    let mut own = packages.iter().filter(|one| one.manifest_path == manifest);
    if let Some(package) = own.next() {
        return match package.is_capsule() {
            true => Ok(taken(package)),
            false => Err(ArtifactError::NoCdylib {
                package: package.name.clone(),
                manifest: manifest.to_owned(),
            }),
        };
    }
    let capsules: Vec<&Package> = packages.iter().filter(|one| one.is_capsule()).collect();
    let workspace = workspace_root;
    match capsules.as_slice() {
        [package] => Ok(taken(package)),
        [] => Err(ArtifactError::NoCapsule { workspace }),
        several => Err(ArtifactError::SeveralCapsules {
            workspace,
            packages: several.iter().map(|one| one.name.clone()).collect(),
        }),
    }
}

/// A line of `cargo build --message-format=json`, as far as it matters here.
#[derive(Deserialize)]
struct Message {
    reason: String,
    package_id: Option<String>,
    target: Option<Target>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    #[serde(default)]
    fresh: bool,
}

/// Gathers a build's messages line by line.
#[derive(Debug)]
pub(crate) struct Collector {
    package: CapsulePackage,
    files: Vec<PathBuf>,
    fresh: bool,
}

impl Collector {
    /// Creates a collector of the files that `package` becomes.
    pub(crate) fn new(package: CapsulePackage) -> Self {
        Self {
            package,
            files: Vec::new(),
            fresh: false,
        }
    }

    /// Takes a line of cargo's standard output. Returns the name of the target that was built, to show
    /// progress.
    pub(crate) fn line(&mut self, line: &str) -> Option<String> {
        // Build scripts may print lines of their own.
        let message: Message = serde_json::from_str(line).ok()?;
        let target = message.target?;
        if message.reason != "compiler-artifact" {
            return None;
        }
        if message.package_id.as_deref() == Some(&self.package.id) && target.is_cdylib() {
            self.fresh = message.fresh;
            self.files.extend(
                message
                    .filenames
                    .into_iter()
                    .filter(|file| file.extension().is_some_and(|end| end == "wasm")),
            );
        }
        (!message.fresh).then_some(target.name)
    }

    /// Returns the component, and whether it was up to date already.
    pub(crate) fn component(mut self) -> Result<(PathBuf, bool), ArtifactError> {
        let package = self.package.name;
        match self.files.len() {
            0 => Err(ArtifactError::NoComponent { package }),
            1 => Ok((self.files.remove(0), self.fresh)),
            _ => Err(ArtifactError::SeveralComponents {
                package,
                files: self.files,
            }),
        }
    }
}

fn list(files: &[PathBuf]) -> String {
    let files: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    files.join(", ")
}

#[cfg(test)]
#[path = "artifact_tests.rs"]
mod tests;
