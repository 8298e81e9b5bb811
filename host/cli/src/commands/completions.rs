//! `boll completions`: a script for a shell.

use clap::Args;
use clap_complete::Shell;
use serde_json::json;

use super::Verb;
use crate::args::App;
use crate::complete;
use crate::failure::{Code, Done, Failure};

/// Print the completions for a shell: commands and options, and of a capsule its actions, topics,
/// programs and configuration keys
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Verb for Completions {
    fn needs_room(&self) -> bool {
        false
    }

    fn run(&self, app: &App) -> Done {
        let shell = self.shell.to_string();
        let unknown = || Failure::new(Code::Input, format!("no completions for {shell}"));
        let script = complete::script(&shell).ok_or_else(unknown)??;
        let shown = String::from_utf8_lossy(&script);
        let json = json!({ "shell": shell, "script": shown });
        app.result(&script, &json)
    }
}
