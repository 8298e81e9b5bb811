//! `boll demo`: from a bare machine to a capsule's report of a real repository.

use std::env;
use std::path::{Path, PathBuf};

use boll_host::policy::{Grant, ProcessRequest};
use clap::Args;
use rustix::fs::{Access, access};

use super::Verb;
use super::doctor::look;
use super::run::Run;
use crate::args::{Allow, App};
use crate::carried::Carried;
use crate::doctor::{self, Status};
use crate::failure::{Code, Done, Failure};
use crate::language::Language;
use crate::project::Project;
use crate::sample_repository::SampleRepository;
use crate::session;
use crate::trust;

const EXAMPLE: &str = "examples/git-report/rust";

/// Prepare this machine, build the example capsule and run it on a git repository
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// The repository to report on [default: the one around the current folder, or one that is
    /// made for this]
    #[arg(long, value_name = "DIR")]
    workspace: Option<PathBuf>,
}

/// The example: in the checkout that this program is in, or unpacked.
enum Example {
    Checkout(PathBuf),
    Carried(Carried),
}

/// The repository to report on.
enum Repository {
    /// The user's own.
    At(PathBuf),
    Sample(SampleRepository),
}

impl Verb for Demo {
    fn run(&self, app: &App) -> Done {
        let repository = match &self.workspace {
            Some(named) => Repository::At(session::workspace(Some(named))?),
            None => Repository::around(&session::workspace(None)?)?,
        };
        let workspace = repository.path().to_owned();
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
        if let Repository::Sample(sample) = &repository {
            sample.fill(&app.reporter)?;
            app.reporter.note(
                "there is no git repository around the current folder: a small one is made for \
                 this report (--workspace DIR reports on another)",
            );
        }
        let example = Example::find()?;
        let note = format!("the example is in {}", example.folder().display());
        app.reporter.note(&note);
        let project = Project::open(example.folder())?;
        let id = &project.manifest.id;
        let requests = project.manifest.requests.processes.iter();
        let grants: Vec<Grant> = requests.map(ProcessRequest::as_grant).collect();
        for grant in &grants {
            let text = format!("granting {id} for this run: {grant}");
            app.reporter.note(&text);
        }
        let text = format!("reporting {}", workspace.display());
        app.reporter.note(&text);
        let mut run = Run::of(example.folder().to_owned());
        // The program has written it itself.
        run.session.host.build = matches!(example, Example::Carried(_));
        run.session.host.workspace = Some(workspace);
        run.session.host.allow = grants.into_iter().map(Allow::from).collect();
        run.call(project, None, operator, app)
    }
}

impl Example {
    /// Returns the checkout's where this program lies in a checkout that this user builds.
    fn find() -> Done<Self> {
        let program = env::current_exe().and_then(|path| path.canonicalize());
        let program = program.unwrap_or_default();
        let checkouts = trust::trusted_checkouts().into_iter();
        let own = checkouts
            .filter(|checkout| program.starts_with(checkout))
            .map(|checkout| checkout.join(EXAMPLE))
            .find(|folder| access(folder, Access::WRITE_OK).is_ok());
        match own {
            Some(folder) => Ok(Self::Checkout(folder)),
            None => Carried::unpack().map(Self::Carried),
        }
    }

    fn folder(&self) -> &Path {
        match self {
            Self::Checkout(folder) => folder,
            Self::Carried(carried) => &carried.folder,
        }
    }
}

impl Repository {
    /// Returns the one around a folder, or one that is made for this.
    fn around(folder: &Path) -> Done<Self> {
        let mut above = folder.ancestors();
        match above.find(|folder| folder.join(".git").exists()) {
            Some(found) => Ok(Self::At(found.to_owned())),
            None => SampleRepository::new().map(Self::Sample),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::At(path) => path,
            Self::Sample(sample) => sample.path(),
        }
    }
}
