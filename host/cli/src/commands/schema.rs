//! `boll schema`: the JSON Schema of a file.

use clap::Args;

use super::Verb;
use crate::args::App;
use crate::failure::Done;
use crate::{report, schema};

/// Print the JSON Schema of a file, for editors
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// The file
    #[arg(value_enum)]
    file: schema::Schema,
}

impl Verb for Schema {
    fn needs_room(&self) -> bool {
        false
    }

    fn run(&self, _: &App) -> Done {
        report::result(self.file.text().trim_end().as_bytes())
    }
}
