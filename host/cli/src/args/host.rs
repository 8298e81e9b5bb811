//! How capsules are loaded and called: the arguments of the commands that run them.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use boll_host::capsule::CapsuleId;
use boll_host::policy::Grant;
use boll_host::{CallId, CallOptions, PrincipalName};
use clap::{Args, value_parser};

use crate::complete;
use crate::output::{Level, LogFormat};

/// The surroundings of a capsule that is called.
#[derive(Debug, Default, Args)]
pub(crate) struct SessionArgs {
    /// Load another capsule next to it, for hooks; may be repeated
    #[arg(long, value_name = "CAPSULE", add = complete::capsule())]
    pub(crate) with: Vec<PathBuf>,

    /// Set a configuration key; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = key_value, add = complete::config_key())]
    pub(crate) config: Vec<(String, String)>,

    #[command(flatten)]
    pub(crate) call: CallArgs,

    #[command(flatten)]
    pub(crate) host: HostArgs,
}

/// How a call is made.
#[derive(Debug, Default, Args)]
pub(crate) struct CallArgs {
    /// The payload
    #[arg(
        long,
        value_name = "TEXT",
        conflicts_with = "payload_file",
        allow_hyphen_values = true
    )]
    pub(crate) payload: Option<String>,

    /// A file with the payload; `-` is standard input. Reading a pipe waits no longer than
    /// --time-ms
    #[arg(long, value_name = "FILE", add = complete::payload_file())]
    pub(crate) payload_file: Option<PathBuf>,

    /// The principal on whose behalf it is called
    #[arg(long, value_name = "NAME")]
    pub(crate) principal: Option<PrincipalName>,

    /// The id of the call, for its log lines
    #[arg(long, value_name = "ID")]
    pub(crate) call_id: Option<CallId>,

    /// Do not escape control characters of the reply on a terminal
    #[arg(long)]
    pub(crate) raw: bool,

    /// How long the call may take, if that is less than the manifest's limit
    #[arg(
        long,
        value_name = "MILLISECONDS",
        value_parser = value_parser!(u64).range(1..),
        allow_negative_numbers = true
    )]
    pub(crate) time_ms: Option<u64>,
}

impl CallArgs {
    /// Returns whether there is a payload, for which there has to be an action.
    pub(crate) fn has_payload(&self) -> bool {
        self.payload.is_some() || self.payload_file.is_some()
    }

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
    /// The folder that capsules see as /workspace [default: the current folder]
    #[arg(long, value_name = "DIR", add = complete::folder())]
    pub(crate) workspace: Option<PathBuf>,

    /// Grant something for this run, for example 'process:git log **'; to another capsule with
    /// its id in front, as in 'notes=publish:notes.*'; may be repeated
    #[arg(long, value_name = "[CAPSULE=]GRANT", add = complete::grant())]
    pub(crate) allow: Vec<Allow>,

    /// Build folders that were not built here before, and trust them from then on
    #[arg(long)]
    pub(crate) build: bool,

    /// The lowest level of log lines to show
    #[arg(long, value_enum, default_value_t)]
    pub(crate) log_level: Level,

    /// The format of log lines
    #[arg(long, value_enum, default_value_t)]
    pub(crate) log_format: LogFormat,
}

/// A grant on the command line.
#[derive(Debug, Clone)]
pub(crate) struct Allow {
    /// The capsule; `None` for the one that is called.
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

    /// Parses a grant. It begins with a word and a colon, so that an id and `=` in front
    /// of it are unambiguous.
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

fn key_value(text: &str) -> Result<(String, String), String> {
    text.split_once('=')
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .ok_or_else(|| "expected KEY=VALUE".to_owned())
}
