//! The command line.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use boll_host::CallOptions;
use boll_host::capsule::CapsuleId;
use boll_host::policy::Grant;
use boll_host::services::log::LogLevel;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::failure::EXIT_CODES;
use crate::language::Language;

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

    /// Show what the tools print, and the host's own log
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub(crate) verbose: bool,

    /// Say nothing but results, errors and the capsule's log
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// How results and errors are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Output {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
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
    /// Say whether what a capsule would do is allowed, and by which rule
    Explain(Explain),
    /// Say what works on this machine, what is missing, and how to mend it
    Doctor(Doctor),
}

/// `boll demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The repository to report [default: the one around the current folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) workspace: Option<PathBuf>,
}

/// `boll run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The capsule's folder, or its Capsule.toml
    pub(crate) capsule: PathBuf,

    /// The action to call [default: the manifest's default action]
    pub(crate) action: Option<String>,

    /// Load another capsule beside it, for hooks; may be repeated
    #[arg(long, value_name = "CAPSULE")]
    pub(crate) with: Vec<PathBuf>,

    /// Set a configuration key for this run; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value)]
    pub(crate) config: Vec<(String, String)>,

    #[command(flatten)]
    pub(crate) call: CallArgs,

    #[command(flatten)]
    pub(crate) host: HostArgs,
}

/// `boll trigger`.
#[derive(Debug, Args)]
pub(crate) struct Trigger {
    /// The topic, for example git.commit.before
    pub(crate) topic: String,

    /// The capsules' folders, or their Capsule.toml
    #[arg(required = true)]
    pub(crate) capsules: Vec<PathBuf>,

    /// Pass the payload from one subscriber to the next, in order, and print what is left of it
    #[arg(long)]
    pub(crate) intercept: bool,

    #[command(flatten)]
    pub(crate) call: CallArgs,

    #[command(flatten)]
    pub(crate) host: HostArgs,
}

/// `boll up`.
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// The capsules' folders, or their Capsule.toml
    #[arg(required = true)]
    pub(crate) capsules: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) host: HostArgs,
}

/// How a call is made.
#[derive(Debug, Default, Args)]
pub(crate) struct CallArgs {
    /// The payload
    #[arg(long, value_name = "TEXT", conflicts_with = "payload_file")]
    pub(crate) payload: Option<String>,

    /// A file with the payload; `-` is standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) payload_file: Option<PathBuf>,

    /// On whose behalf it is called
    #[arg(long, value_name = "NAME")]
    pub(crate) principal: Option<String>,

    /// The id of the call, for its log lines
    #[arg(long, value_name = "ID")]
    pub(crate) call_id: Option<String>,

    /// How long the call may take, if that is less than the manifest asks for
    #[arg(long, value_name = "MILLISECONDS")]
    pub(crate) time_ms: Option<u64>,
}

impl CallArgs {
    pub(crate) fn options(&self) -> CallOptions {
        CallOptions {
            principal: self.principal.clone(),
            call_id: self.call_id.clone(),
            time: self.time_ms.map(Duration::from_millis),
        }
    }
}

/// The host that capsules are loaded into.
#[derive(Debug, Default, Args)]
pub(crate) struct HostArgs {
    /// The folder that is seen as /workspace [default: the current folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) workspace: Option<PathBuf>,

    /// Grant something for this run, for example 'process:git log **'; to a capsule by its id as
    /// in 'notes=publish:notes.*'; may be repeated
    #[arg(long, value_name = "[CAPSULE=]GRANT")]
    pub(crate) allow: Vec<Allow>,

    /// The least level of log lines that are shown
    #[arg(long, value_enum, default_value_t)]
    pub(crate) log_level: Level,

    /// How log lines are shown
    #[arg(long, value_enum, default_value_t)]
    pub(crate) log_format: LogFormat,
}

/// A grant on the command line.
#[derive(Debug, Clone)]
pub(crate) struct Allow {
    /// The capsule; `None` for the one that is meant where none is named.
    pub(crate) capsule: Option<CapsuleId>,
    pub(crate) grant: Grant,
}

impl From<Grant> for Allow {
    fn from(grant: Grant) -> Self {
        Self {
            capsule: None,
            grant,
        }
    }
}

impl FromStr for Allow {
    type Err = String;

    /// A grant begins with a word and a colon, so that an id and `=` before it
    /// cannot be mistaken.
    fn from_str(text: &str) -> Result<Self, String> {
        let named = text
            .split_once('=')
            .and_then(|(id, grant)| Some((id.parse::<CapsuleId>().ok()?, grant)));
        let (capsule, grant) = match named {
            Some((id, grant)) => (Some(id), grant),
            None => (None, text),
        };
        let grant = grant.parse().map_err(|error| format!("{error}"))?;
        Ok(Self { capsule, grant })
    }
}

/// How log lines are shown on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum LogFormat {
    /// As text on a terminal, as JSON elsewhere.
    #[default]
    Auto,
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Levels of log lines.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
#[allow(missing_docs)]
pub(crate) enum Level {
    Trace,
    Debug,
    #[default]
    Info,
    Warn,
    Error,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum, serde::Deserialize)]
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
    pub(crate) lang: BindingsLanguage,

    /// The world in the package
    #[arg(long, value_name = "WORLD")]
    pub(crate) world: String,

    /// The folder to write to
    #[arg(short = 'o', long = "to", value_name = "DIR")]
    pub(crate) to: PathBuf,
}

/// The languages that bindings are written for. The others have tools of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum BindingsLanguage {
    /// C: a header, a source and an object file.
    C,
}

/// `boll componentize`.
#[derive(Debug, Args)]
pub(crate) struct Componentize {
    /// The core module, with the world's types in it
    pub(crate) module: PathBuf,

    /// The component to write
    #[arg(short = 'o', long = "to", value_name = "FILE")]
    pub(crate) to: PathBuf,
}

/// `boll check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The capsule's folder, or its Capsule.toml
    #[arg(default_value = ".")]
    pub(crate) capsule: PathBuf,

    /// The folder that is seen as /workspace [default: the current folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) workspace: Option<PathBuf>,

    /// Judge as if this were granted too; may be repeated
    #[arg(long, value_name = "GRANT")]
    pub(crate) allow: Vec<Grant>,
}

/// `boll explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The capsule's folder, or its Capsule.toml
    pub(crate) capsule: PathBuf,

    /// The folder that is seen as /workspace [default: the current folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) workspace: Option<PathBuf>,

    /// Judge as if this were granted too; may be repeated
    #[arg(long, global = true, value_name = "GRANT")]
    pub(crate) allow: Vec<Grant>,

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
    /// A topic that the capsule would be told of
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
    /// Whether it would be written, too
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

    /// The program and its arguments, as they are: options after the program are its own
    #[arg(required = true, trailing_var_arg = true, value_names = ["PROGRAM", "ARGS"])]
    pub(crate) command: Vec<String>,
}

/// `boll doctor`.
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Prepare what is missing, as far as this user may
    #[arg(long)]
    pub(crate) fix: bool,

    /// Look for all that building capsules in this language takes; may be repeated
    #[arg(long, value_enum)]
    pub(crate) lang: Vec<Language>,
}

fn key_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| "write it as KEY=VALUE".to_owned())
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Self::Trace,
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warn,
            Level::Error => Self::Error,
        }
    }
}
