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

use crate::failure::EXIT_CODES;
use crate::output::{LogFormat, Output};

/// Runs capsules: WebAssembly components that do what they were granted, and
/// nothing else.
#[derive(Debug, Parser)]
#[command(name = "boll", version, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,

    /// How results and errors are written
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) output: Output,

    /// The operator's file of grants and configuration
    /// [default: boll/boll.toml in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,

    /// Give this folder though it exposes much, such as a home folder: as the workspace, or
    /// where a grant names it; may be repeated. For good: `expose` of `[sandbox]` in the
    /// operator's file
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) expose: Vec<PathBuf>,

    /// Show what the tools print, and the host's own log
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Say nothing but results, errors and the capsule's log
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

impl Arguments {
    /// How log lines are shown, the host's own too.
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
    /// Run a capsule: build it when it is stale, call an action, print the reply
    Run(Run),
    /// Publish to a topic, and print what the capsules that subscribe to it say
    Trigger(Trigger),
    /// Load capsules and keep them until interrupted: their run loops, their states
    Up(Up),
    /// Write a new capsule, to begin with
    New(New),
    /// Build and load a capsule anew whenever its folder changes, and call it each time
    Dev(Dev),
    /// Run a capsule's own cases, and say what of its manifest they do not use
    Test(Test),
    /// Build a capsule's component
    Build(Build),
    /// Write the bindings of a WIT world for C
    Bindings(Bindings),
    /// Make a component of a core module that was linked against WASI's first preview
    Componentize(Componentize),
    /// List what a capsule imports, what it asks for and what it is granted
    Check(Check),
    /// Run the conformance suite, on this host or on any other
    Conformance(Conformance),
    /// Tell what a component is: its size, digest, imports, exports and WIT
    Inspect(Inspect),
    /// Say whether what a capsule would do is allowed, and by which rule
    Explain(Explain),
    /// Say what works on this machine, what is missing, and how to mend it
    Doctor(Doctor),
    /// Print the completions for a shell
    Completions(Completions),
    /// Print the manual page, or write the pages of all commands
    Man(Man),
}
