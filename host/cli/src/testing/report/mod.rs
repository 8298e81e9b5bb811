//! How the result of the cases is written.

pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod table;

use boll_host::services::log::{LineFormat as _, TextFormat};

use super::Ran;

/// The log of a case as text, a line each.
fn log(ran: &Ran) -> Vec<String> {
    let format = TextFormat { colour: false };
    let lines = ran.log.iter().map(|line| {
        let mut text = String::new();
        format.format(line, &mut text);
        text
    });
    lines.collect()
}
