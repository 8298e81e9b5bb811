//! `boll bindings`: the bindings of a world, for languages that have no tool for that.

use std::path::PathBuf;

use clap::Args;

use super::Verb;
use crate::args::App;
use crate::failure::Done;
use crate::toolchain::bindings::{self, BindingsRequest, write};

/// Write the bindings of a WIT world for C or Go
#[derive(Debug, Args)]
pub(crate) struct Bindings {
    /// The folder of the WIT package, with its dependencies in `deps`
    #[arg(default_value = "wit")]
    wit: PathBuf,

    /// The language
    #[arg(long, value_enum)]
    lang: bindings::Language,

    /// The world in the package
    #[arg(long, value_name = "WORLD")]
    world: String,

    /// For Go: the module that has a package for each interface that the world exports
    #[arg(long, value_name = "MODULE", default_value = "boll")]
    exports: String,

    /// The folder to write to
    #[arg(short = 'o', long = "to", value_name = "DIR")]
    to: PathBuf,
}

impl Verb for Bindings {
    fn run(&self, app: &App) -> Done {
        let request = BindingsRequest {
            language: self.lang,
            wit: &self.wit,
            world: &self.world,
            exports: &self.exports,
        };
        let files = write(request, &self.to)?;
        app.paths("files", &files)
    }
}
