//! `boll demo`: from a bare machine to a capsule's report of a real repository.

use std::env;
use std::path::{Path, PathBuf};

use boll_host::policy::ProcessRequest;

use super::doctor::look;
use super::run;
use crate::args::{Allow, Arguments, Demo, Run};
use crate::doctor::{self, Status};
use crate::failure::{Code, Done, Failure};
use crate::operator::Operator;
use crate::project::Project;
use crate::report::reporter::Reporter;
use crate::session;

const EXAMPLE: &str = "examples/git-report/rust";

pub(crate) fn run(demo: &Demo, arguments: &Arguments, reporter: &Reporter) -> Done {
    let example = example()?;
    let workspace = match &demo.workspace {
        Some(named) => session::workspace(Some(named))?,
        None => repository()?,
    };
    let operator = Operator::read(arguments.policy.as_deref(), &arguments.expose)?;
    let mut findings = look(&workspace, &operator, &[])?;
    if findings.has_fixes() {
        doctor::fix(&findings, reporter)?;
        findings = look(&workspace, &operator, &[])?;
    }
    if findings.worst() > Status::Weak {
        let text = format!(
            "this machine lacks something that the demo needs:\n{}",
            findings.lacking()
        );
        return Err(Failure::new(Code::Machine, text));
    }
    let project = Project::open(&example)?;
    let grants: Vec<_> = project
        .manifest
        .requests
        .processes
        .iter()
        .map(ProcessRequest::as_grant)
        .collect();
    for grant in &grants {
        reporter.note(&format!(
            "granting {} for this run: {grant}",
            project.manifest.id
        ));
    }
    reporter.note(&format!("reporting {}", workspace.display()));
    let mut run = Run::of(example);
    run.session.host.workspace = Some(workspace);
    run.session.host.allow = grants.into_iter().map(Allow::from).collect();
    run::call(project, operator, &run, arguments, reporter)
}

/// Returns the example's folder, in the checkout around the current folder or around this
/// program.
fn example() -> Done<PathBuf> {
    let around = |start: PathBuf| {
        start
            .ancestors()
            .map(|folder| folder.join(EXAMPLE))
            .find(|folder| folder.is_dir())
    };
    env::current_dir()
        .ok()
        .and_then(around)
        .or_else(|| env::current_exe().ok().and_then(around))
        .ok_or_else(|| {
            Failure::new(Code::Input, format!("{EXAMPLE} was not found"))
                .hint("run the demo in a checkout of Boll; --workspace chooses another repository")
        })
}

/// Returns the git repository around the current folder.
fn repository() -> Done<PathBuf> {
    let here = session::workspace(None)?;
    here.ancestors()
        .find(|folder| folder.join(".git").exists())
        .map(Path::to_owned)
        .ok_or_else(|| {
            Failure::new(
                Code::Input,
                format!("{} is not in a git repository", here.display()),
            )
            .hint("choose one with --workspace DIR")
        })
}
