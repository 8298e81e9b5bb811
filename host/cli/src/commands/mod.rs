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
pub(crate) mod schema;
pub(crate) mod test;
pub(crate) mod trigger;
pub(crate) mod up;

use std::path::{Path, PathBuf};

use crate::failure::{Code, Done};
use crate::prepared::Wanted;
use crate::project::{Component, Present, Project, is_component};
use crate::report::reporter::Reporter;

/// Returns the capsules at these paths, of which none is called before the others.
fn several(paths: &[PathBuf]) -> Done<Vec<Wanted>> {
    let projects = paths.iter().map(|path| Project::open(path));
    projects
        .map(|project| project.map(Wanted::beside))
        .collect()
}

/// Returns the capsule to call, and those that are loaded next to it.
fn one_among(project: Project, others: &[PathBuf]) -> Done<Vec<Wanted>> {
    let mut capsules = vec![Wanted::main(project)];
    capsules.extend(several(others)?);
    Ok(capsules)
}

/// Returns the component at a path, or the one that exists for the capsule at that path.
fn named_component(path: &Path, build: bool, reporter: &Reporter) -> Done<Component> {
    if is_component(path) {
        Component::read(path)
    } else {
        Ok(Present::required(&Project::open(path)?, build, reporter)?.component)
    }
}

/// Ends a command that runs until it is interrupted: the interrupt is not a failure.
fn ends_by_interrupt(ended: Done) -> Done {
    match ended {
        Err(failure) if failure.code == Code::Interrupted => Ok(()),
        ended => ended,
    }
}
