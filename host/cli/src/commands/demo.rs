//! `boll demo`: from a bare machine to a capsule's report of a real repository.

use std::env;
use std::path::{Path, PathBuf};

use boll_host::policy::{Grant, ProcessRequest};
use clap::Args;

use super::Verb;
use super::doctor::look;
use super::run::Run;
use crate::args::{Allow, App};
use crate::doctor::{self, Status};
use crate::failure::{Code, Done, Failure};
use crate::language::Language;
use crate::project::Project;
use crate::session;

const EXAMPLE: &str = "examples/git-report/rust";

/// Prepare this machine, build the example capsule and run it on a git repository
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The repository to report on [default: the one around the current folder]
    #[arg(long, value_name = "DIR")]
    workspace: Option<PathBuf>,
}

impl Verb for Demo {
    fn runs_capsules(&self) -> bool {
        true
    }

    fn run(&self, app: &App) -> Done {
        let example = example()?;
        let workspace = match &self.workspace {
            Some(named) => session::workspace(Some(named))?,
            None => repository()?,
        };
        let operator = app.operator()?;
        let mut findings = look(&workspace, &operator, &[Language::Rust], true)?;
        if findings.has_fixes() {
            doctor::fix(&findings, &app.reporter)?;
            findings = look(&workspace, &operator, &[Language::Rust], true)?;
        }
        if findings.worst() > Status::Weak {
            let text = format!(
                "this machine lacks something that the demo needs:\n{}",
                findings.lacking().text(None)
            );
            return Err(Failure::new(Code::Machine, text));
        }
        let project = Project::open(&example)?;
        let id = &project.manifest.id;
        let requests = project.manifest.requests.processes.iter();
        let grants: Vec<Grant> = requests.map(ProcessRequest::as_grant).collect();
        for grant in &grants {
            let text = format!("granting {id} for this run: {grant}");
            app.reporter.note(&text);
        }
        let text = format!("reporting {}", workspace.display());
        app.reporter.note(&text);
        let mut run = Run::of(example);
        run.session.host.workspace = Some(workspace);
        run.session.host.allow = grants.into_iter().map(Allow::from).collect();
        run.call(project, operator, app)
    }
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
