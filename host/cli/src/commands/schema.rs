//! `boll schema`: the JSON Schema of a file.

use crate::args::SchemaOf;
use crate::failure::Done;
use crate::report;

pub(crate) fn run(of: &SchemaOf) -> Done {
    report::result(of.file.text().trim_end().as_bytes())
}
