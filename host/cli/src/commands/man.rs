//! `boll man`: manual pages.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use clap_mangen::Man as Page;
use serde_json::json;

use crate::args::{Arguments, Man};
use crate::failure::{Code, Done, Failure};
use crate::output::Output;
use crate::report;

pub(crate) fn run(man: &Man, arguments: &Arguments) -> Done {
    let Some(folder) = &man.to else {
        return print(arguments.output);
    };
    let pages = write(folder).map_err(|error| {
        let folder = folder.display();
        Failure::new(
            Code::Input,
            format!("cannot write the pages to {folder}: {error}"),
        )
    })?;
    match arguments.output {
        Output::Text => {
            let lines: Vec<String> = pages
                .iter()
                .map(|page| page.display().to_string())
                .collect();
            report::result(lines.join("\n").as_bytes())
        }
        Output::Json => report::json(&json!({ "pages": pages })),
    }
}

/// Prints the page of `boll` itself.
fn print(output: Output) -> Done {
    let mut page = Vec::new();
    Page::new(Arguments::command())
        .render(&mut page)
        .map_err(|error| Failure::new(Code::Host, format!("cannot write the page: {error}")))?;
    match output {
        Output::Text => report::result(&page),
        Output::Json => report::json(&json!({ "page": String::from_utf8_lossy(&page) })),
    }
}

/// Writes a page for each command, and returns their paths, sorted.
fn write(folder: &Path) -> io::Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Arguments::command(), folder)?;
    let pages = fs::read_dir(folder)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut pages: Vec<PathBuf> = pages
        .filter(|page| page.extension().is_some_and(|end| end == "1"))
        .collect();
    pages.sort();
    Ok(pages)
}
