//! The command line.

mod author;
mod conformance;
mod refused;
mod review;
mod run;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub(crate) use author::*;
pub(crate) use conformance::*;
pub(crate) use refused::{asked_output, read};
pub(crate) use review::*;
pub(crate) use run::*;

use crate::failure::exit_codes;
use crate::output::{LogFormat, Output};

/// Runs capsules: WebAssembly components that can do only what they were granted.
#[derive(Debug, Parser)]
#[command(name = "boll", version, after_help = exit_codes())]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,

    /// The format of results and errors
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) output: Output,

    /// The operator's file of grants and configuration
    /// [default: boll/boll.toml in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,

    /// Allow this folder as the workspace or in a grant although it exposes much, as a home folder
    /// does; may be repeated. To allow it for good, list it as `expose` of `[sandbox]` in the
    /// operator's file
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) expose: Vec<PathBuf>,

    /// Show the output of tools, and the host's own log
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Print only results, errors and the capsule's log
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

impl Arguments {
    /// Returns the format of log lines, including the host's own.
    pub(crate) fn log_format(&self) -> LogFormat {
        let host = match &self.command {
            Command::Run(Run { session, .. }) | Command::Dev(Dev { session, .. }) => &session.host,
            Command::Trigger(Trigger { host, .. }) | Command::Up(Up { host, .. }) => host,
            _ => return LogFormat::default(),
        };
        host.log_format
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Prepare this machine, build the example capsule and run it on a git repository
    Demo(Demo),
    /// Run a capsule: build it if it is stale, call an action, print the reply
    Run(Run),
    /// Publish to a topic, and print the replies of its subscribers
    Trigger(Trigger),
    /// Load capsules, run their run loops and print their states, until interrupted
    Up(Up),
    /// Create a new capsule project
    New(New),
    /// Build and reload capsules whenever their folders change, and call the first each
    /// time
    Dev(Dev),
    /// Run a capsule's own cases, and list what its manifest asks for and no case uses
    Test(Test),
    /// Build a capsule's component
    Build(Build),
    /// Write the bindings of a WIT world for C
    Bindings(Bindings),
    /// Turn a core module that was linked against WASI preview 1 into a component
    Componentize(Componentize),
    /// List what a capsule imports, what it asks for and what it is granted
    Check(Check),
    /// Run the conformance suite, on this host or on any other
    Conformance(Conformance),
    /// Show a component's size, digest, imports, exports and WIT
    Inspect(Inspect),
    /// Show whether a capsule may do something, and which rule decides
    Explain(Explain),
    /// Show what works on this machine, what is missing, and how to fix it
    Doctor(Doctor),
    /// Print the completions for a shell
    Completions(Completions),
    /// Print the manual page, or write the pages of all commands
    Man(Man),
    /// Print the JSON Schema of a file, for editors
    Schema(SchemaOf),
}
