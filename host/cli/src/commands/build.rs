//! `boll build`: the component of a capsule.

use std::path::PathBuf;

use clap::Args;

use super::Verb;
use crate::args::App;
use crate::complete;
use crate::failure::Done;
use crate::project::Project;
use crate::trust::Consent;

/// Build a capsule's component
#[derive(Debug, Args)]
pub(crate) struct Build {
    /// The capsule's folder
    #[arg(default_value = ".", add = complete::capsule())]
    capsule: PathBuf,
}

impl Verb for Build {
    fn run(&self, app: &App) -> Done {
        let built = Project::open(&self.capsule)?.build(Consent::Given, &app.reporter)?;
        app.result(built.component.display().to_string(), &built)
    }
}
