//! The arguments of the commands that examine capsules and the machine.

use std::path::PathBuf;

use boll_host::policy::Grant;
use clap::{Args, Subcommand};
use clap_complete::Shell;

use crate::language::Language;
use crate::schema::Schema;

/// `boll check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The capsule's folder, or its Capsule.toml
    #[arg(default_value = ".")]
    pub(crate) capsule: PathBuf,

    /// Build the component first if it is stale, which runs the project's build scripts
    #[arg(long)]
    pub(crate) build: bool,

    /// Test its world against the contract instead; works for any component, also a
    /// `.wasm` file
    #[arg(long, conflicts_with_all = ["workspace", "allow"])]
    pub(crate) world: bool,

    /// The folder that capsules see as /workspace [default: the current folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) workspace: Option<PathBuf>,

    /// Decide as if this were granted, too; may be repeated
    #[arg(long, value_name = "GRANT")]
    pub(crate) allow: Vec<Grant>,
}

/// `boll inspect`.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// The capsule's folder, its Capsule.toml, or a component's `.wasm` file
    #[arg(default_value = ".")]
    pub(crate) capsule: PathBuf,

    /// Build the component first if it is stale, which runs the project's build scripts
    #[arg(long)]
    pub(crate) build: bool,

    /// Print only its WIT
    #[arg(long)]
    pub(crate) wit: bool,
}

/// `boll completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

/// `boll man`.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder for the pages of all commands [default: print the page of `boll`]
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}

/// `boll schema`.
#[derive(Debug, Args)]
pub(crate) struct SchemaOf {
    /// The file
    #[arg(value_enum)]
    pub(crate) file: Schema,
}

/// `boll explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The capsule's folder, or its Capsule.toml
    pub(crate) capsule: PathBuf,

    /// The folder that capsules see as /workspace [default: the current folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) workspace: Option<PathBuf>,

    /// Decide as if this were granted, too; may be repeated
    #[arg(long, global = true, value_name = "GRANT")]
    pub(crate) allow: Vec<Grant>,

    /// Build the component first if it is stale, which runs the project's build scripts
    #[arg(long, global = true)]
    pub(crate) build: bool,

    /// What to explain.
    #[command(subcommand)]
    pub(crate) what: Explained,
}

/// What `boll explain` explains.
#[derive(Debug, Subcommand)]
pub(crate) enum Explained {
    /// A command that the capsule would run
    Process(ExplainProcess),
    /// A topic that the capsule would publish to
    Publish(ExplainTopic),
    /// A topic that the capsule would subscribe to
    Subscribe(ExplainTopic),
    /// A file that the capsule would open
    Files(ExplainFiles),
    /// A connection that the capsule would make
    Network(ExplainNetwork),
}

/// `boll explain CAPSULE network`.
#[derive(Debug, Args)]
pub(crate) struct ExplainNetwork {
    /// The host and the port
    #[arg(value_name = "HOST:PORT")]
    pub(crate) to: String,
}

/// `boll explain CAPSULE publish` and `subscribe`.
#[derive(Debug, Args)]
pub(crate) struct ExplainTopic {
    /// The topic
    pub(crate) topic: String,
}

/// `boll explain CAPSULE files`.
#[derive(Debug, Args)]
pub(crate) struct ExplainFiles {
    /// Explain writing, too
    #[arg(long)]
    pub(crate) write: bool,

    /// The file's path, as the capsule sees it
    pub(crate) path: String,
}

/// `boll explain CAPSULE process`.
#[derive(Debug, Args)]
pub(crate) struct ExplainProcess {
    /// A variable that the capsule would set for it; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) env: Vec<String>,

    /// The program and its arguments; options after the program belong to it
    #[arg(required = true, trailing_var_arg = true, value_names = ["PROGRAM", "ARGS"])]
    pub(crate) command: Vec<String>,
}

/// `boll doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Install bubblewrap and the Rust target if they are missing and this user may
    /// install them
    #[arg(long)]
    pub(crate) fix: bool,

    /// Check all tools that building capsules in this language needs; may be repeated
    #[arg(long, value_enum)]
    pub(crate) lang: Vec<Language>,
}
