//! The errors of building a capsule.

use std::io;
use std::path::PathBuf;

use boll_host::document::DocumentError;

use super::artifact::ArtifactError;
use super::componentize::ComponentizeError;
use super::file_error::FileError;
use super::guest_rust::TARGET;
use super::infer::InferError;
use super::run::RunError;
use super::rust_target::RustError;
use super::tools::MissingTool;

#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    #[error("cannot open the folder {}", directory.display())]
    Directory {
        directory: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The files in the folder name no single tool.
    #[error(transparent)]
    Infer(#[from] InferError),
    /// There is no Rust for capsules.
    #[error(transparent)]
    Rust(#[from] RustError),
    #[error(transparent)]
    Missing(#[from] MissingTool),
    #[error(transparent)]
    File(#[from] FileError),
    /// A tool failed, or could not be run to its end.
    #[error(transparent)]
    Run(#[from] RunError),
    /// cargo does not understand the package.
    #[error("cargo cannot read the package in {}:\n{output}", directory.display())]
    Metadata { directory: PathBuf, output: String },
    /// cargo names no single component.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The compiler or cargo found errors; `diagnostics` is empty if they were shown already.
    #[error("`{package}` does not build for {TARGET}{}", shown(diagnostics))]
    Compile {
        package: String,
        diagnostics: String,
    },
    #[error("{} has no script \"build\", which is to write the component", manifest.display())]
    NoScript { manifest: PathBuf },
    /// `pyproject.toml` has a mistake.
    #[error(transparent)]
    Project(#[from] Box<DocumentError>),
    /// A module of a capsule in Python has a syntax error; `error` is what Python says.
    #[error("`{module}` has a syntax error:\n{error}")]
    PythonSyntax { module: String, error: String },
    #[error("cannot write the module that componentize-py begins with")]
    PythonEntry(#[source] io::Error),
    #[error("cannot make `boll` for `go generate`")]
    Program(#[source] io::Error),
    #[error(
        "`go generate` wrote no {}: a file of the package main has to say \
         `//go:generate boll bindings wit --lang go --world WORLD -o gen`",
        path.display()
    )]
    NoBindings { path: PathBuf },
    /// Go's core module does not match the world.
    #[error(transparent)]
    Componentize(#[from] ComponentizeError),
    /// The tool succeeded, but the component is not where it should be.
    #[error("`{tool}` ended well, and there is no {}", component.display())]
    NoComponent {
        tool: &'static str,
        component: PathBuf,
    },
    /// The library knows the tool, and this program does not.
    #[error("this program cannot build with the tool that the manifest names")]
    UnknownTool,
    #[error("{} is not a component{}", component.display(), if *module { ": it is a core module" } else { "" })]
    NotAComponent {
        component: PathBuf,
        /// A tool may still turn a core module into a component.
        module: bool,
    },
}

impl BuildError {
    /// Returns whether this machine lacks something; otherwise the fault is the capsule's.
    pub(crate) fn is_missing_tool(&self) -> bool {
        matches!(self, Self::Rust(_) | Self::Missing(_))
    }
}

fn shown(diagnostics: &str) -> String {
    match diagnostics {
        "" => "; the errors are above".to_owned(),
        text => format!(":\n{text}"),
    }
}
