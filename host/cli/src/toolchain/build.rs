//! Builds the capsule in a folder with the tool of its language, and says which file is the component.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use boll_host::capsule::BuildTool;
use serde::Serialize;

use super::cargo::{self, CargoError};
use super::go::{self, GoError};
use super::infer::{InferError, infer};
use super::lock;
use super::make::{self, MakeError};
use super::npm::{self, NpmError};
use super::python::{self, PythonError};
use super::rust_target::{self, RustError};
use crate::foreign;
use crate::report::reporter::Reporter;
use crate::wasm::Kind;

/// Where every tool but cargo puts the component.
pub(super) const COMPONENT: &str = "dist/capsule.wasm";

/// What is to be built.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BuildRequest<'a> {
    /// The capsule's folder.
    pub(crate) directory: &'a Path,
    /// The tool, or `None` to see it from the files in the folder.
    pub(crate) tool: Option<BuildTool>,
}

/// A capsule that is built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Built {
    /// The component's file.
    pub(crate) component: PathBuf,
    /// Whether it was up to date already.
    pub(crate) fresh: bool,
}

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    /// The folder is not there.
    #[error("cannot open the folder {}", directory.display())]
    Directory {
        /// The folder.
        directory: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The files in the folder name no single tool.
    #[error(transparent)]
    Infer(#[from] InferError),
    /// There is no Rust for capsules.
    #[error(transparent)]
    Rust(#[from] RustError),
    /// cargo made no component.
    #[error(transparent)]
    Cargo(#[from] CargoError),
    /// Go made no component.
    #[error(transparent)]
    Go(#[from] GoError),
    /// npm made no component.
    #[error(transparent)]
    Npm(#[from] NpmError),
    /// make made no component.
    #[error(transparent)]
    Make(#[from] MakeError),
    /// Python made no component.
    #[error(transparent)]
    Python(#[from] PythonError),
    /// The file that was built cannot be read.
    #[error("cannot read {}", component.display())]
    Read {
        /// The file.
        component: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file that was built is something else.
    #[error("{} is not a component{}", component.display(), if *module { ": it is a core module" } else { "" })]
    NotAComponent {
        /// The file.
        component: PathBuf,
        /// Whether it is a core module, which a tool may still turn into a component.
        module: bool,
    },
}

impl BuildError {
    /// Whether it is this machine that lacks something, and not the capsule.
    pub(crate) fn is_missing_tool(&self) -> bool {
        match self {
            Self::Rust(_) => true,
            Self::Make(error) => error.is_missing_tool(),
            Self::Go(error) => error.is_missing_tool(),
            Self::Npm(error) => error.is_missing_tool(),
            Self::Python(error) => error.is_missing_tool(),
            Self::Directory { .. }
            | Self::Infer(_)
            | Self::Cargo(_)
            | Self::Read { .. }
            | Self::NotAComponent { .. } => false,
        }
    }
}

/// Builds the capsule if it is out of date.
pub(crate) fn build(request: &BuildRequest<'_>, reporter: &Reporter) -> Result<Built, BuildError> {
    let no_directory = |source| BuildError::Directory {
        directory: request.directory.to_owned(),
        source,
    };
    let directory = request.directory.canonicalize().map_err(no_directory)?;
    let _alone = lock::hold(&directory, reporter).map_err(no_directory)?;
    let tool = match request.tool {
        Some(tool) => tool,
        None => infer(&directory)?,
    };
    let component = directory.join(COMPONENT);
    let made = |fresh| Built {
        component: component.clone(),
        fresh,
    };
    let built = match tool {
        BuildTool::Cargo => {
            let rust = rust_target::find(&directory)?;
            let (component, fresh) = cargo::build(&rust, &directory, reporter)?;
            Built { component, fresh }
        }
        BuildTool::Go => made(go::build(&directory, &component, reporter)?),
        BuildTool::Make => made(make::build(&directory, &component, reporter)?),
        BuildTool::Npm => made(npm::build(&directory, &component, reporter)?),
        BuildTool::Python => made(python::build(&directory, &component, reporter)?),
    };
    check(&built.component)?;
    Ok(built)
}

/// Whether the file that was built is what it should be.
fn check(component: &Path) -> Result<(), BuildError> {
    let mut head = Vec::new();
    foreign::open(component)
        .and_then(|file| file.take(8).read_to_end(&mut head))
        .map_err(|source| BuildError::Read {
            component: component.to_owned(),
            source,
        })?;
    match Kind::of(&head) {
        Kind::Component => Ok(()),
        kind => Err(BuildError::NotAComponent {
            component: component.to_owned(),
            module: kind == Kind::Module,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_module_is_no_component() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.wasm");
        std::fs::write(&file, b"\0asm\x0d\0\x01\0rest").unwrap();
        assert!(check(&file).is_ok());
        std::fs::write(&file, b"\0asm\x01\0\0\0rest").unwrap();
        let error = check(&file).unwrap_err();
        assert!(error.to_string().ends_with("it is a core module"));
        std::fs::write(&file, "text").unwrap();
        assert!(matches!(
            check(&file),
            Err(BuildError::NotAComponent { module: false, .. })
        ));
    }
}
