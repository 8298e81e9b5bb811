//! The arguments of the commands for authors of capsules.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::SessionArgs;
use crate::language::Language;
use crate::toolchain::bindings;

/// `boll new`.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The capsule's id: a-z, 0-9 and, except at the ends, `-`
    pub(crate) name: String,

    /// The language
    #[arg(long, value_enum)]
    pub(crate) lang: Language,

    /// The folder to create, which may exist if it is empty [default: NAME in the current folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

/// `boll dev`.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// The capsule's folder, or its Capsule.toml
    #[arg(default_value = ".")]
    pub(crate) capsule: PathBuf,

    /// The action to call after each load [default: none]
    pub(crate) action: Option<String>,

    #[command(flatten)]
    pub(crate) session: SessionArgs,
}

/// `boll test`.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// The capsule's folder, or its Capsule.toml
    #[arg(default_value = ".")]
    pub(crate) capsule: PathBuf,

    /// Whether cases play the capsule's processes or the sandbox really starts them,
    /// unless a case says which
    #[arg(long, value_enum, default_value_t)]
    pub(crate) processes: ProcessMode,

    /// Build, and run the cases of, a folder that was not built or tested here before, and trust
    /// it from then on
    #[arg(long, visible_alias = "build")]
    pub(crate) trust: bool,

    /// Run the cases whose names contain this
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,

    /// Also fail if no case uses something that the manifest asks for
    #[arg(long, conflicts_with = "only")]
    pub(crate) strict: bool,

    /// The format of the result [default: table; json with --output json]
    #[arg(long, value_enum)]
    pub(crate) format: Option<TestFormat>,

    /// Also write the result to a file, as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
}

/// How `boll test` runs the commands of a capsule.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, serde::Deserialize, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ProcessMode {
    /// The case plays them.
    #[default]
    Scripted,
    /// They are started.
    Real,
}

/// The format of the result of `boll test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people.
    Table,
    /// XML, for tools that collect test results.
    Junit,
    /// For programs.
    Json,
}

/// `boll build`.
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The capsule's folder
    #[arg(default_value = ".")]
    pub(crate) capsule: PathBuf,
}

/// `boll bindings`.
#[derive(Debug, Args)]
pub(crate) struct Bindings {
    /// The folder of the WIT package, with its dependencies in `deps`
    #[arg(default_value = "wit")]
    pub(crate) wit: PathBuf,

    /// The language
    #[arg(long, value_enum)]
    pub(crate) lang: bindings::Language,

    /// The world in the package
    #[arg(long, value_name = "WORLD")]
    pub(crate) world: String,

    /// For Go: the module that has a package for each interface that the world exports
    #[arg(long, value_name = "MODULE", default_value = "boll")]
    pub(crate) exports: String,

    /// The folder to write to
    #[arg(short = 'o', long = "to", value_name = "DIR")]
    pub(crate) to: PathBuf,
}

/// `boll componentize`.
#[derive(Debug, Args)]
pub(crate) struct Componentize {
    /// The core module
    pub(crate) module: PathBuf,

    /// A module with the world's types, if the core module has none: for Go, `component_type.wasm`
    #[arg(long, value_name = "FILE")]
    pub(crate) types: Option<PathBuf>,

    /// The component to write
    #[arg(short = 'o', long = "to", value_name = "FILE")]
    pub(crate) to: PathBuf,
}
