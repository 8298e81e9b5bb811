//! One command a file.

pub(crate) mod bindings;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod componentize;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod run;
pub(crate) mod test;
pub(crate) mod trigger;
pub(crate) mod up;

use std::path::PathBuf;

use crate::failure::Done;
use crate::host::Prepared;
use crate::operator::Operator;
use crate::project::Project;
use crate::report::reporter::Reporter;

/// Capsules none of which is meant before the others.
fn several(paths: &[PathBuf], operator: &Operator, reporter: &Reporter) -> Done<Vec<Prepared>> {
    paths
        .iter()
        .map(|path| Prepared::beside(Project::open(path)?, operator, reporter))
        .collect()
}
