//! Builds the capsule in a folder with the tool of its language, and returns the component's file.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use boll_host::capsule::BuildTool;
use serde::Serialize;

use super::error::BuildError;
use super::file_error::FileError;
use super::infer::infer;
use super::there::{self, COMPONENT};
use super::{cargo, go, lock, make, npm, python, rust_target};
use crate::foreign;
use crate::report::reporter::Reporter;
use crate::wasm::Kind;

/// A request to build a capsule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BuildRequest<'a> {
    /// The capsule's folder.
    pub(crate) directory: &'a Path,
    /// The tool, or `None` to see it from the files in the folder.
    pub(crate) tool: Option<BuildTool>,
    /// The component that was built last, if that is known.
    pub(crate) last: Option<&'a Path>,
}

/// A capsule that is built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Built {
    /// The component's file.
    pub(crate) component: PathBuf,
    /// `true` if no source was newer.
    pub(crate) fresh: bool,
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
    match with_tool(tool, &directory, reporter) {
        Err(error) if error.is_missing_tool() => {
            let last = request.last.map(Path::to_owned);
            let there = there::component(&directory, last);
            let there = there.filter(|component| there::is_fresh(&directory, component));
            let component = there.ok_or(error)?;
            check(&component)?;
            reporter.note(&format!(
                "the tool that builds {} is missing: its component is used as it was built, as no \
                 source in the folder is newer",
                directory.display()
            ));
            Ok(Built {
                component,
                fresh: true,
            })
        }
        built => built,
    }
}

fn with_tool(tool: BuildTool, directory: &Path, reporter: &Reporter) -> Result<Built, BuildError> {
    let component = directory.join(COMPONENT);
    let (tool, fresh) = match tool {
        BuildTool::Cargo => {
            let rust = rust_target::find(directory)?;
            let (component, fresh) = cargo::build(&rust, directory, reporter)?;
            check(&component)?;
            return Ok(Built { component, fresh });
        }
        BuildTool::Go => ("go build", go::build(directory, &component, reporter)?),
        BuildTool::Make => ("make", make::build(directory, &component, reporter)?),
        BuildTool::Npm => (
            "npm run build",
            npm::build(directory, &component, reporter)?,
        ),
        BuildTool::Python => ("python", python::build(directory, &component, reporter)?),
        _ => return Err(BuildError::UnknownTool),
    };
    if !component.exists() {
        return Err(BuildError::NoComponent { tool, component });
    }
    check(&component)?;
    Ok(Built { component, fresh })
}

/// Checks that the file that was built is a component.
fn check(component: &Path) -> Result<(), BuildError> {
    let mut head = Vec::new();
    foreign::open(component)
        .and_then(|file| file.take(8).read_to_end(&mut head))
        .map_err(FileError::read(component))?;
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
