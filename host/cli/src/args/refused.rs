//! Reads the command line, or prints help, the version or an error instead.

use std::ffi::OsString;
use std::io;

use boll_host::plain::{escaped_lines, is_plain, shortened_to};
use clap::Parser;
use clap::error::ErrorKind;

use crate::failure::{Code, Done, Failure};
use crate::output::{LogFormat, Output, has_colours};
use crate::report;
use crate::wrap;

/// The longest paragraph that is shown, in characters. Usages are long.
const MOST: usize = 2000;

/// Returns the arguments of this process; nothing if help or the version was printed
/// instead.
pub(crate) fn read<T: Parser>() -> Done<Option<T>> {
    // Off a terminal, help is not broken into lines.
    let command = T::command().term_width(wrap::of_stdout().unwrap_or_default());
    let parsed = command.try_get_matches();
    let parsed = parsed.and_then(|matches| {
        T::from_arg_matches(&matches).map_err(|error| error.format(&mut T::command()))
    });
    let error = match parsed {
        Ok(arguments) => return Ok(Some(arguments)),
        Err(error) => error,
    };
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render();
            let text = if has_colours(&io::stdout()) {
                text.ansi().to_string()
            } else {
                text.to_string()
            };
            report::written(text.as_bytes())?;
            Ok(None)
        }
        _ => Err(refusal(&error)),
    }
}

/// Returns the formats of results and of log lines, as far as a command line names them that may
/// be invalid.
pub(crate) fn asked_formats() -> (Output, LogFormat) {
    formats_of(std::env::args_os().skip(1))
}

fn formats_of(args: impl Iterator<Item = OsString>) -> (Output, LogFormat) {
    let args: Vec<OsString> = args.take_while(|arg| arg != "--").collect();
    let is_json = |option: &str| {
        let joined = format!("{option}=json");
        let apart = |pair: &[OsString]| pair[0] == *option && pair[1] == "json";
        args.iter().any(|arg| *arg == *joined) || args.windows(2).any(apart)
    };
    let output = match is_json("--output") {
        true => Output::Json,
        false => Output::Text,
    };
    let log_format = match is_json("--log-format") {
        true => LogFormat::Json,
        false => LogFormat::Auto,
    };
    (output, log_format)
}

/// Splits an error into its paragraphs: the message first, then the hints.
fn refusal(error: &clap::Error) -> Failure {
    let text = error.render().to_string();
    let mut paragraphs = text.split("\n\n").map(|one| shortened_to(one.trim(), MOST));
    let first = paragraphs.next().unwrap_or_default();
    // For a missing command, clap has no error message but the help.
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Failure::new(Code::Input, "a command is missing")
            .hint("`boll --help` lists the commands")
            .shown_as(text);
    }
    let message = first.strip_prefix("error: ").unwrap_or(&first).to_owned();
    let failure = paragraphs.fold(Failure::new(Code::Input, message), |failure, hint| {
        let hint = hint.strip_prefix("tip: ").unwrap_or(&hint).to_owned();
        failure.hint(hint)
    });
    // In the parser's own form, unless the input in it is very long or has control
    // characters.
    let is_shown = |one| one == '\n' || is_plain(one);
    let as_it_is = text.chars().all(is_shown) && text.len() < 2 * MOST;
    let colours = has_colours(&io::stderr());
    failure.shown_as(if as_it_is && colours {
        error.render().ansi().to_string()
    } else if as_it_is {
        text
    } else {
        let lines: Vec<_> = text.lines().map(|line| shortened_to(line, 200)).collect();
        escaped_lines(&lines.join("\n")).into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_command_line_still_says_how_errors_are_written() {
        for (args, output) in [
            (&["--nobody", "--output", "json"][..], Output::Json),
            (&["--output", "--output", "json"], Output::Json),
            (&["run", "--output=json"], Output::Json),
            (&["run", "--output", "text"], Output::Text),
            (&["run", "--", "--output=json"], Output::Text),
            (&["--output"], Output::Text),
        ] {
            let (found, log_format) = formats_of(args.iter().map(OsString::from));
            assert_eq!(found, output, "{args:?}");
            assert_eq!(log_format, LogFormat::Auto);
        }
        for args in [&["run", "--log-format=json"][..], &["--log-format", "json"]] {
            let (output, found) = formats_of(args.iter().map(OsString::from));
            assert_eq!((output, found), (Output::Text, LogFormat::Json), "{args:?}");
        }
    }
}
