//! `boll man`: manual pages.

mod page;
mod tables;

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _};
use serde_json::json;

use super::{Arguments, Verb};
use crate::args::App;
use crate::failure::{Code, Done, OrFail as _};
use crate::foreign::about;
use crate::whole_file;

/// Print the manual page, or write the pages of all commands
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder for the pages of all commands [default: print the page of `boll`]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
}

impl Verb for Man {
    fn needs_room(&self) -> bool {
        false
    }

    fn run(&self, app: &App) -> Done {
        if let Some(folder) = &self.to {
            let pages = write(folder).or_fail(Code::Input, || {
                format!("cannot write the pages to {}", folder.display())
            })?;
            return app.paths("pages", &pages);
        }
        let page =
            page::page(&command()).or_fail(Code::Host, || "cannot write the page".to_owned())?;
        app.result(&page, &json!({ "page": String::from_utf8_lossy(&page) }))
    }
}

/// Returns the whole command line, with the names of all commands filled in.
fn command() -> clap::Command {
    let mut command = Arguments::command().disable_help_subcommand(true);
    command.build();
    command
}

/// Writes a page for each command, and returns their paths, sorted.
fn write(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut pages = Vec::new();
    for (name, page) in page::pages(&command())? {
        let path = folder.join(format!("{name}.1"));
        whole_file::write_named(&path, |file| file.write_all(&page))
            .map_err(|error| about(&path, &error))?;
        pages.push(path);
    }
    pages.sort();
    Ok(pages)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::tables::EXAMPLES;
    use super::*;

    /// Returns the names of a command and of all below it, as they are typed.
    fn names(command: &clap::Command) -> Vec<String> {
        let mut all = vec![command.get_bin_name().unwrap_or("boll").to_owned()];
        all.extend(command.get_subcommands().flat_map(names));
        all
    }

    #[test]
    fn every_command_has_examples_that_can_be_typed() {
        let names = names(&command());
        for name in &names {
            assert!(EXAMPLES.iter().any(|(of, _)| of == name), "{name}");
        }
        for (of, lines) in EXAMPLES {
            assert!(names.iter().any(|name| name == of), "{of}");
            for (line, _) in *lines {
                let words = shlex::split(line).expect("a line for a shell");
                let start = words.iter().position(|word| word == "boll");
                let words = words[start.expect("boll")..].iter();
                let words = words.take_while(|word| *word != ">");
                let parsed = Arguments::try_parse_from(words);
                assert!(parsed.is_ok(), "{line}: {}", parsed.expect_err("it"));
            }
        }
    }
}
