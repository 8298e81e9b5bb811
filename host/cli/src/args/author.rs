//! The arguments of the commands that authors of capsules use.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::SessionArgs;
use crate::language::Language;
use crate::toolchain::bindings;

/// `boll new`.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The capsule's id: a-z, 0-9 and `-` inside
    pub(crate) name: String,

    /// The language
    #[arg(long, value_enum)]
    pub(crate) lang: Language,

    /// The folder to write, which is empty or not there [default: the name, in the current folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

/// `boll dev`.
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// The capsule's folder, or its Capsule.toml
    #[arg(default_value = ".")]
    pub(crate) capsule: PathBuf,

    /// The action to call each time that it was loaded [default: none]
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

    /// Whether the capsule's processes are played by the cases or really started in the sandbox,
    /// where a case does not say
    #[arg(long, value_enum, default_value_t)]
    pub(crate) processes: ProcessMode,

    /// Build folders that were not built here before, and trust them from then on
    #[arg(long)]
    pub(crate) build: bool,

    /// Run the cases whose names contain this
    #[arg(long, value_name = "TEXT")]
    pub(crate) only: Option<String>,

    /// Fail also when no case uses something that the manifest asks for
    #[arg(long, conflicts_with = "only")]
    pub(crate) strict: bool,

    /// How the result is written [default: table; json with --output json]
    #[arg(long, value_enum)]
    pub(crate) format: Option<TestFormat>,

    /// Write the result to a file as well, as JUnit
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
}

/// What becomes of the commands of a capsule that is tested.
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

/// How the result of `boll test` is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TestFormat {
    /// For people.
    Table,
    /// XML, for what collects test results.
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
    /// The folder of the WIT package, with what it depends on in `deps`
    #[arg(default_value = "wit")]
    pub(crate) wit: PathBuf,

    /// The language
    #[arg(long, value_enum)]
    pub(crate) lang: bindings::Language,

    /// The world in the package
    #[arg(long, value_name = "WORLD")]
    pub(crate) world: String,

    /// Go: the module with a package for each interface that the world exports
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

    /// A module with the world's types, where they are not in the core module: for Go, `component_type.wasm`
    #[arg(long, value_name = "FILE")]
    pub(crate) types: Option<PathBuf>,

    /// The component to write
    #[arg(short = 'o', long = "to", value_name = "FILE")]
    pub(crate) to: PathBuf,
}
