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
pub(crate) mod test;
pub(crate) mod trigger;
pub(crate) mod up;

use std::path::{Path, PathBuf};

use crate::failure::{Code, Done};
use crate::host::Prepared;
use crate::operator::Operator;
use crate::project::{Component, Project, is_component};
use crate::report::reporter::Reporter;

/// Capsules none of which is meant before the others.
fn several(paths: &[PathBuf], operator: &Operator, reporter: &Reporter) -> Done<Vec<Prepared>> {
    beside(
        paths.iter().map(|path| Project::open(path)),
        operator,
        reporter,
    )
}

fn beside(
    projects: impl IntoIterator<Item = Done<Project>>,
    operator: &Operator,
    reporter: &Reporter,
) -> Done<Vec<Prepared>> {
    let projects = projects.into_iter();
    projects
        .map(|project| Prepared::beside(project?, operator, reporter))
        .collect()
}

/// The component that a path names, or the one of the capsule that it names.
fn named_component(path: &Path, reporter: &Reporter) -> Done<Component> {
    if is_component(path) {
        Component::read(path)
    } else {
        Project::open(path)?.component(reporter)
    }
}

/// The capsule that is meant, and those that are loaded beside it.
fn one_among(
    project: Project,
    others: impl IntoIterator<Item = Done<Project>>,
    operator: &Operator,
    reporter: &Reporter,
) -> Done<Vec<Prepared>> {
    let mut capsules = vec![Prepared::main(project, operator, reporter)?];
    capsules.extend(beside(others, operator, reporter)?);
    Ok(capsules)
}

/// The end of what goes on until it is interrupted: that is no failure of it.
fn ends_by_interrupt(ended: Done) -> Done {
    match ended {
        Err(failure) if failure.code == Code::Interrupted => Ok(()),
        ended => ended,
    }
}
