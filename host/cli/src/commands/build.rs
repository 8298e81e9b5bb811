//! `boll build`: the component of a capsule.

use crate::args::{Arguments, Build};
use crate::failure::Done;
use crate::output::Output;
use crate::project::Project;
use crate::report::{self, reporter::Reporter};
use crate::trust::Consent;

pub(crate) fn run(build: &Build, arguments: &Arguments, reporter: &Reporter) -> Done {
    let built = Project::open(&build.capsule)?.build(Consent::Given, reporter)?;
    match arguments.output {
        Output::Text => report::result(built.component.display().to_string().as_bytes()),
        Output::Json => report::json(&built),
    }
}
