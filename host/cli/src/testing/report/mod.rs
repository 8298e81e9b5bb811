//! How the result of the cases is written.

pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod table;

use boll_host::services::log::{JsonFormat, LineFormat, TextFormat};

use super::Ran;

/// The log of a case as text, a line each.
fn log(ran: &Ran) -> Vec<String> {
    lines(ran, &TextFormat { colour: false })
}

/// The same as JSON, with the keys of `docs/logs.md`.
fn json_log(ran: &Ran) -> Vec<serde_json::Value> {
    let lines = lines(ran, &JsonFormat).into_iter();
    lines
        .map(|line| serde_json::from_str(&line).unwrap_or_else(|_| line.into()))
        .collect()
}

fn lines(ran: &Ran, format: &dyn LineFormat) -> Vec<String> {
    let lines = ran.log.iter().map(|line| {
        let mut text = String::new();
        format.format(line, &mut text);
        text
    });
    lines.collect()
}
