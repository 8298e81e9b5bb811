//! `boll completions`: a script for a shell.

use clap::CommandFactory as _;
use serde_json::json;

use crate::args::{Arguments, Completions};
use crate::failure::Done;
use crate::output::Output;
use crate::report;

pub(crate) fn run(completions: &Completions, arguments: &Arguments) -> Done {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(completions.shell, &mut command, "boll", &mut script);
    match arguments.output {
        Output::Text => report::result(&script),
        Output::Json => report::json(&json!({
            "shell": completions.shell.to_string(),
            "script": String::from_utf8_lossy(&script),
        })),
    }
}
