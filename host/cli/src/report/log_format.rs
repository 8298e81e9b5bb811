//! The form of log lines on standard error.

use std::io::{self, IsTerminal as _};

use boll_host::services::log::{JsonFormat, LineFormat, TextFormat};

use crate::events;
use crate::output::{LogFormat, has_colours};

/// Returns how lines are written to standard error.
pub(crate) fn format_of(format: LogFormat) -> Box<dyn LineFormat> {
    let text = match format {
        LogFormat::Auto => io::stderr().is_terminal() && !events::are_json(),
        LogFormat::Text => true,
        LogFormat::Json => false,
    };
    if text {
        Box::new(TextFormat {
            colour: has_colours(&io::stderr()),
        })
    } else {
        Box::new(JsonFormat)
    }
}
