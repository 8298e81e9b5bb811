//! `boll componentize`: turns a core module into a component.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::Verb;
use crate::args::App;
use crate::failure::Done;
use crate::toolchain::componentize::componentize;

/// Turn a core module that was linked against WASI preview 1 into a component
#[derive(Debug, Args)]
pub(crate) struct Componentize {
    /// The core module
    module: PathBuf,

    /// A module with the world's types, if the core module has none: for Go, `component_type.wasm`
    #[arg(long, value_name = "FILE")]
    types: Option<PathBuf>,

    /// The component to write
    #[arg(short = 'o', long = "to", value_name = "FILE")]
    to: PathBuf,
}

impl Verb for Componentize {
    fn run(&self, app: &App) -> Done {
        componentize(&self.module, self.types.as_deref(), &self.to)?;
        app.result(
            self.to.display().to_string(),
            &json!({ "component": self.to }),
        )
    }
}
