//! `boll bindings`: the bindings of a world, for languages that have no tool for that.

use std::fmt::Write as _;

use crate::args::{Arguments, Bindings};
use crate::failure::Done;
use crate::output::Output;
use crate::report;
use crate::toolchain::bindings::{BindingsRequest, write};

pub(crate) fn run(bindings: &Bindings, arguments: &Arguments) -> Done {
    let request = BindingsRequest {
        language: bindings.lang,
        wit: &bindings.wit,
        world: &bindings.world,
        exports: &bindings.exports,
    };
    let files = write(request, &bindings.to)?;
    match arguments.output {
        Output::Text => {
            let text = files.iter().fold(String::new(), |mut text, file| {
                let _ = writeln!(text, "{}", file.display());
                text
            });
            report::result(text.as_bytes())
        }
        Output::Json => report::json(&serde_json::json!({ "files": files })),
    }
}
