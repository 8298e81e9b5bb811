//! A manual page: what the help says of a command, with examples, files, variables and exit codes.

use std::io;

use clap::Command;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::tables::{ENVIRONMENT, EXAMPLES, FILES, Row};
use crate::failure::EXIT_CODES;

/// Returns a page by the command's display name, which is its file's name without `.1`, with the
/// pages of its subcommands.
pub(super) fn pages(command: &Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut pages = vec![(name(command), page(command)?)];
    for below in shown(command) {
        pages.extend(self::pages(below)?);
    }
    Ok(pages)
}

/// Returns the page of a command that was built.
pub(super) fn page(command: &Command) -> io::Result<Vec<u8>> {
    let version = concat!("boll ", env!("CARGO_PKG_VERSION"));
    let man = Man::new(command.clone())
        .title(name(command).to_uppercase())
        .date(DATE)
        .source(version)
        .manual("Boll Manual");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if shown(command).next().is_some() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut roff = Roff::new();
    examples(&mut roff, command);
    rows(&mut roff, "FILES", FILES);
    rows(&mut roff, "ENVIRONMENT", ENVIRONMENT);
    roff.control("SH", ["EXIT STATUS"]);
    roff.text([roman("Exit codes of all commands:")]);
    for (code, means) in EXIT_CODES {
        row(&mut roff, &code.to_string(), means);
    }
    see_also(&mut roff, command);
    roff.to_writer(&mut page)?;
    Ok(tidied(&String::from_utf8_lossy(&page)).into_bytes())
}

/// The longest line of a page's text, in bytes.
const LINE: usize = 80;

/// Returns a page as tools that check pages want it: with vertical space in place of a blank line
/// between line breaks, and with no long lines.
fn tidied(page: &str) -> String {
    let page = page.replace("\n.br\n\n.br\n", "\n.sp\n");
    page.lines()
        .map(|line| broken(line.trim_end()) + "\n")
        .collect()
}

/// Breaks a line of text at blanks. No line begins with what would be a request.
fn broken(line: &str) -> String {
    let mut text = String::new();
    let mut at = 0;
    for word in line.split(' ') {
        let escaped = text.ends_with('\\');
        let breaks = !line.starts_with('.') && !escaped && !word.starts_with(['.', '\'']);
        if at > 0 && at + 1 + word.len() > LINE && breaks && !word.is_empty() {
            text.push('\n');
            at = 0;
        } else if !text.is_empty() {
            text.push(' ');
            at += 1;
        }
        text.push_str(word);
        at += word.len();
    }
    text
}

/// The date of the pages: that of their texts.
const DATE: &str = "2026-11-30";

fn name(command: &Command) -> String {
    let name = command.get_display_name();
    name.unwrap_or_else(|| command.get_name()).to_owned()
}

fn shown(command: &Command) -> impl Iterator<Item = &Command> {
    let all = command.get_subcommands();
    all.filter(|below| !below.is_hide_set() && below.get_name() != "help")
}

fn examples(roff: &mut Roff, command: &Command) {
    let called = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let Some((_, examples)) = EXAMPLES.iter().find(|(of, _)| *of == called) else {
        return;
    };
    roff.control("SH", ["EXAMPLES"]);
    for (line, does) in *examples {
        row(roff, line, does);
    }
}

fn rows(roff: &mut Roff, title: &str, rows: &[Row]) {
    roff.control("SH", [title]);
    for (name, is) in rows {
        row(roff, name, is);
    }
}

/// Adds a term with what it is.
fn row(roff: &mut Roff, term: &str, is: &str) {
    roff.control("TP", []);
    roff.text([bold(term)]);
    roff.text([roman(is)]);
}

/// Names the pages above and below, and what processes run in.
fn see_also(roff: &mut Roff, command: &Command) {
    let own = name(command);
    let above = own.match_indices('-').map(|(at, _)| own[..at].to_owned());
    let below = shown(command).map(name);
    let mut pages: Vec<String> = above.chain(below).collect();
    pages.push("bwrap".to_owned());
    roff.control("SH", ["SEE ALSO"]);
    let last = pages.len() - 1;
    let words = pages.iter().enumerate().flat_map(|(place, page)| {
        let after = if place == last { "(1)" } else { "(1), " };
        [bold(page.as_str()), roman(after)]
    });
    roff.text(words.collect::<Vec<_>>());
}
