//! One command a file.

pub(crate) mod bindings;
pub(crate) mod build;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod componentize;
pub(crate) mod conformance;
pub(crate) mod demo;
pub(crate) mod dev;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod inspect;
pub(crate) mod man;
pub(crate) mod new;
pub(crate) mod run;
mod runs;
pub(crate) mod test;
pub(crate) mod trigger;
pub(crate) mod up;

use std::path::{Path, PathBuf};

use crate::failure::{Code, Done};
use crate::prepared::Wanted;
use crate::project::{Component, Present, Project, is_component};
use crate::report::reporter::Reporter;

/// Capsules none of which is meant before the others.
fn several(paths: &[PathBuf]) -> Done<Vec<Wanted>> {
    let projects = paths.iter().map(|path| Project::open(path));
    projects
        .map(|project| project.map(Wanted::beside))
        .collect()
}

/// The capsule that is meant, and those that are loaded beside it.
fn one_among(project: Project, others: &[PathBuf]) -> Done<Vec<Wanted>> {
    let mut capsules = vec![Wanted::main(project)];
    capsules.extend(several(others)?);
    Ok(capsules)
}

/// The component that a path names, or the one that is there of the capsule that
/// it names.
fn named_component(path: &Path, build: bool, reporter: &Reporter) -> Done<Component> {
    if is_component(path) {
        Component::read(path)
    } else {
        Ok(Present::required(&Project::open(path)?, build, reporter)?.component)
    }
}

/// The end of what goes on until it is interrupted: that is no failure of it.
fn ends_by_interrupt(ended: Done) -> Done {
    match ended {
        Err(failure) if failure.code == Code::Interrupted => Ok(()),
        ended => ended,
    }
}
