//! `boll man`: manual pages.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory as _};
use clap_mangen::Man as Page;
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
        let mut page = Vec::new();
        Page::new(Arguments::command())
            .render(&mut page)
            .or_fail(Code::Host, || "cannot write the page".to_owned())?;
        app.result(&page, &json!({ "page": String::from_utf8_lossy(&page) }))
    }
}

/// Writes a page for each command, and returns their paths, sorted.
fn write(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let made = tempfile::tempdir()?;
    clap_mangen::generate_to(Arguments::command(), made.path())?;
    fs::create_dir_all(folder)?;
    let mut pages = Vec::new();
    for page in fs::read_dir(made.path())? {
        let page = page?;
        let path = folder.join(page.file_name());
        let mut content = fs::File::open(page.path())?;
        whole_file::write_named(&path, |file| io::copy(&mut content, file).map(drop))
            .map_err(|error| about(&path, &error))?;
        pages.push(path);
    }
    pages.sort();
    Ok(pages)
}
