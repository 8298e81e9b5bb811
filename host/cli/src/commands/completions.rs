//! `boll completions`: a script for a shell.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;
use serde_json::json;

use super::{Arguments, Verb};
use crate::args::App;
use crate::failure::Done;

/// Print the completions for a shell
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
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "boll", &mut script);
        let shown = String::from_utf8_lossy(&script);
        let json = json!({ "shell": self.shell.to_string(), "script": shown });
        app.result(&script, &json)
    }
}
