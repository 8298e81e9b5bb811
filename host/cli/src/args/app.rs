//! The context of every command: the options of all commands, and the reporter.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::cases::report::Format;
use crate::complete;
use crate::events;
use crate::failure::Done;
use crate::operator::Operator;
use crate::output::{LogFormat, Output};
use crate::report::reporter::{Reporter, Verbosity};
use crate::report::{self, host_log};

/// The options of all commands.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The format of results and errors
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) output: Output,

    /// The operator's file of grants and configuration
    /// [default: boll/boll.toml in the user's configuration folder]
    #[arg(long, global = true, value_name = "FILE")]
    policy: Option<PathBuf>,

    /// Allow this folder as the workspace or in a grant although it exposes much, as a home folder
    /// does; may be repeated. To allow it for good, list it as `expose` of `[sandbox]` in the
    /// operator's file
    #[arg(long, global = true, value_name = "DIR", add = complete::folder())]
    expose: Vec<PathBuf>,

    /// Show the output of tools, and the host's own log
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    verbose: bool,

    /// Print only results, errors and the capsule's log
    #[arg(long, short, global = true)]
    quiet: bool,
}

/// The program as a command has it.
pub(crate) struct App {
    common: Common,
    pub(crate) reporter: Reporter,
}

impl App {
    /// Begins to report, and to show the host's own log.
    pub(crate) fn begin(common: Common, format: LogFormat) -> Self {
        let verbosity = match (common.quiet, common.verbose) {
            (true, _) => Verbosity::Silent,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        };
        events::begin(common.output, format);
        host_log::begin(verbosity, format);
        let reporter = Reporter::new(verbosity);
        Self { common, reporter }
    }

    /// Reads the operator's file.
    pub(crate) fn operator(&self) -> Done<Operator> {
        Operator::read(self.policy(), &self.common.expose)
    }

    /// Returns the path of the operator's file, if one was named.
    pub(crate) fn policy(&self) -> Option<&Path> {
        self.common.policy.as_deref()
    }

    /// Returns the folders that are shown though they expose much.
    pub(crate) fn exposed(&self) -> &[PathBuf] {
        &self.common.expose
    }

    /// Returns the flags that give another command line the same workspace and the same
    /// operator's settings.
    pub(crate) fn flags(&self, workspace: Option<&Path>) -> Vec<String> {
        let flag = |flag, path: &Path| [String::from(flag), path.display().to_string()];
        let workspace = workspace.into_iter().map(|path| flag("--workspace", path));
        let policy = self.policy().into_iter().map(|path| flag("--policy", path));
        let exposed = self.exposed().iter().map(|path| flag("--expose", path));
        workspace.chain(policy).chain(exposed).flatten().collect()
    }

    /// Returns the format of a report, which is JSON where that is the format of results.
    pub(crate) fn format(&self, asked: Option<Format>) -> Format {
        asked.unwrap_or(match self.common.output {
            Output::Text => Format::Table,
            Output::Json => Format::Json,
        })
    }

    /// Returns whether results are written as JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.common.output == Output::Json
    }

    /// Writes a result, in the form for people or as JSON.
    pub(crate) fn result(&self, text: impl AsRef<[u8]>, json: &impl Serialize) -> Done {
        match self.common.output {
            Output::Text => report::result(text.as_ref()),
            Output::Json => report::json(json),
        }
    }

    /// Writes a description of a capsule, likewise.
    pub(crate) fn description(&self, text: &str, json: &impl Serialize) -> Done {
        match self.common.output {
            Output::Text => report::text(text),
            Output::Json => report::json(json),
        }
    }

    /// Writes a description of which lines are broken to fit a terminal, likewise.
    pub(crate) fn prose(&self, text: &str, json: &impl Serialize) -> Done {
        match self.common.output {
            Output::Text => report::prose(text),
            Output::Json => report::json(json),
        }
    }

    /// Writes paths, a line each, or as JSON under a key.
    pub(crate) fn paths(&self, key: &str, paths: &[PathBuf]) -> Done {
        let lines: Vec<String> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        self.result(lines.join("\n"), &json!({ key: paths }))
    }
}
