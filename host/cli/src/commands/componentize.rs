//! `boll componentize`: turns a core module into a component.

use crate::args::{Arguments, Componentize};
use crate::failure::Done;
use crate::output::Output;
use crate::report;
use crate::toolchain::componentize::componentize;

pub(crate) fn run(given: &Componentize, arguments: &Arguments) -> Done {
    componentize(&given.module, given.types.as_deref(), &given.to)?;
    match arguments.output {
        Output::Text => report::result(given.to.display().to_string().as_bytes()),
        Output::Json => report::json(&serde_json::json!({ "component": given.to })),
    }
}
