//! A runtime with capsules in it: built, granted, configured, loaded together,
//! and ended when whoever started it interrupts it.

mod consent;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use boll_host::Digest;
use boll_host::capsule::CapsuleId;
use boll_host::policy::{FileAccess, GrantSet, Permissions, Requests};
use boll_host::sandbox::Sandbox;
use boll_host::services::log::LogSettings;
use boll_host::{Load, LoadError, Runtime, RuntimeBuilder};
use tokio::time::timeout;

use self::consent::{ask_before, grants_of_built, judge_workspace};
pub(crate) use self::consent::{require_fit_workspace, workspace_access};

use crate::args::HostArgs;
use crate::configuration;
use crate::failure::{Code, Done, Failure};
use crate::git_settings;
use crate::home;
use crate::interrupt::told_to_end;
use crate::log_sink::ProgramSink;
use crate::operator::{Given, Operator};
use crate::project::{Component, Project};
use crate::protected;
use crate::report::reporter::{Reporter, Step};
use crate::session;
use crate::trust::Consent;
use crate::way;

/// A capsule that is to be loaded.
pub(crate) struct Wanted {
    pub(crate) project: Project,
    /// Whether it is the one that is meant where none is named.
    main: bool,
}

impl Wanted {
    /// The capsule that is meant where none is named.
    pub(crate) fn main(project: Project) -> Self {
        Self {
            project,
            main: true,
        }
    }

    /// One that is loaded beside others.
    pub(crate) fn beside(project: Project) -> Self {
        Self {
            project,
            main: false,
        }
    }

    /// Builds it, and takes what the operator gives to that very component.
    pub(crate) fn build(
        self,
        operator: &Operator,
        consent: Consent,
        reporter: &Reporter,
    ) -> Done<Prepared> {
        let component = self.project.component(consent, reporter)?;
        let given = operator.given(&self.project.manifest, Some(component.digest))?;
        Ok(Prepared {
            project: self.project,
            component,
            given,
            main: self.main,
        })
    }

    /// The digest of the component that would be loaded, where that is known
    /// without building.
    fn digest(&self) -> Done<Option<Digest>> {
        let present = self.project.present()?;
        let fresh = present.filter(|present| !present.stale);
        Ok(fresh.map(|present| present.component.digest))
    }
}

/// A capsule that is built, with what the operator gives it.
pub(crate) struct Prepared {
    pub(crate) project: Project,
    pub(crate) component: Component,
    pub(crate) given: Given,
    main: bool,
}

impl Prepared {
    /// All that it is given, ready to be loaded, and what helps when it cannot be.
    pub(crate) fn load(
        self,
        grants: GrantSet,
        operator: &Operator,
        workspace: &Path,
        protected: &[PathBuf],
        config: &[(String, String)],
    ) -> Done<(Load, Vec<String>)> {
        let manifest = self.project.manifest;
        let permissions = Permissions::new(&manifest.requests, &grants);
        operator.check_folders(&permissions.folders(), workspace, protected)?;
        let flags = if self.main { config } else { &[] };
        let variables = std::env::vars_os();
        let config = configuration::gather(&manifest, &self.given, variables, flags)?;
        let path = format!("the component is {}", self.component.path.display());
        let helps = self.given.stale.into_iter().chain([path]).collect();
        let load = Load::new(manifest, self.component.bytes);
        Ok((load.grants(grants).config(config), helps))
    }
}

/// What capsules are given, besides themselves.
pub(crate) struct Around<'a> {
    pub(crate) operator: &'a mut Operator,
    pub(crate) host: &'a HostArgs,
    /// For the first capsule.
    pub(crate) config: &'a [(String, String)],
    pub(crate) reporter: &'a Reporter,
}

/// What was loaded of a capsule, and with what.
pub(crate) struct Granted {
    pub(crate) grants: GrantSet,
    pub(crate) requests: Requests,
    pub(crate) component: Digest,
    pub(crate) manifest: String,
}

/// A runtime to be, and what is loaded into it.
pub(crate) struct Host {
    builder: RuntimeBuilder,
    loads: Vec<Load>,
    reporter: Reporter,
    /// What helps when a capsule cannot be loaded.
    hints: BTreeMap<CapsuleId, Vec<String>>,
}

impl Host {
    /// Gathers all that the capsules are given.
    pub(crate) fn new(wanted: Vec<Wanted>, around: Around<'_>) -> Done<Self> {
        let (host, _) = Self::granting(wanted, around)?;
        Ok(host)
    }

    /// The same, and what each capsule is granted, in their order. First all that
    /// the manifests ask for is judged; only then is anything built.
    pub(crate) fn granting(wanted: Vec<Wanted>, around: Around<'_>) -> Done<(Self, Vec<Granted>)> {
        let Around {
            operator,
            host,
            config,
            reporter,
        } = around;
        check_named(&wanted, host)?;
        let workspace = session::workspace(host.workspace.as_deref())?;
        let protected = protected::of(wanted.iter().map(|one| &one.project))?;
        let processes = |one: &Wanted| !one.project.manifest.requests.processes.is_empty();
        let sandbox = wanted
            .iter()
            .any(processes)
            .then(|| session::sandbox(&workspace, operator, &protected))
            .transpose()?;
        let asked = ask_before(&wanted, host, operator, sandbox.as_ref())?;
        for (one, (_, grants)) in wanted.iter().zip(&asked) {
            let requests = &one.project.manifest.requests;
            judge_workspace(requests, grants, &workspace, &protected, operator)?;
            let permissions = Permissions::new(requests, grants);
            operator.check_folders(&permissions.folders(), &workspace, &protected)?;
        }
        let consent = Consent::by_flag(host.build);
        let built = wanted.into_iter();
        let built = built.map(|one| one.build(operator, consent, reporter));
        let capsules: Vec<Prepared> = built.collect::<Done<_>>()?;
        let answers = asked.into_iter().map(|(answered, _)| answered).collect();
        let grants = grants_of_built(&capsules, answers, host, operator, sandbox.as_ref())?;
        let (mut loads, mut hints, mut granted) = (Vec::new(), BTreeMap::new(), Vec::new());
        let mut written = BTreeSet::new();
        for (prepared, grants) in capsules.into_iter().zip(grants) {
            let id = prepared.project.manifest.id.clone();
            let permissions = Permissions::new(&prepared.project.manifest.requests, &grants);
            let folders = permissions.folders();
            let folders = folders
                .iter()
                .filter(|folder| folder.access == FileAccess::ReadWrite);
            written.extend(folders.map(|folder| way::place(&folder.place, &workspace)));
            granted.push(Granted {
                grants: grants.clone(),
                requests: prepared.project.manifest.requests.clone(),
                component: prepared.component.digest,
                manifest: prepared.project.text.clone(),
            });
            let (load, helps) = prepared.load(grants, operator, &workspace, &protected, config)?;
            hints.insert(id, helps);
            loads.push(load);
        }
        let host = Self {
            builder: builder(operator, host, &workspace, &written, sandbox)?,
            loads,
            reporter: reporter.clone(),
            hints,
        };
        Ok((host, granted))
    }

    /// Loads all, does the work, and ends what was started, also when the work
    /// fails or is interrupted.
    pub(crate) fn run<T>(
        self,
        work: impl AsyncFnOnce(&Runtime, &[CapsuleId]) -> Done<T>,
    ) -> Done<T> {
        let Self {
            builder,
            loads,
            reporter,
            hints,
        } = self;
        session::block_on(async {
            let runtime = session::build(builder)?;
            let done = until_interrupted(&runtime, async {
                let named: Vec<CapsuleId> = loads.iter().map(|load| load.id().clone()).collect();
                let failed = |error: LoadError| {
                    let hints = hints.get(&error.capsule).cloned().unwrap_or_default();
                    hints.into_iter().fold(Failure::from(error), Failure::hint)
                };
                load_all(&runtime, loads, &reporter).await.map_err(failed)?;
                work(&runtime, &named).await
            })
            .await;
            // Nothing that was started may stay behind, and the log says what
            // happened.
            runtime.shut_down().await;
            done
        })
    }
}

/// Whoever allows something to a capsule that is not there means another.
fn check_named(capsules: &[Wanted], host: &HostArgs) -> Done {
    let ids = || capsules.iter().map(|one| &one.project.manifest.id);
    let mut named = host.allow.iter().filter_map(|allow| allow.capsule.as_ref());
    let Some(unknown) = named.find(|named| !ids().any(|id| id == *named)) else {
        let nameless = host.allow.iter().find(|allow| allow.capsule.is_none());
        return match nameless {
            Some(allow) if !capsules.iter().any(|one| one.main) => Err(Failure::new(
                Code::Input,
                format!("--allow \"{}\" names no capsule", allow.grant),
            )
            .hint("write it as --allow 'CAPSULE=GRANT'")),
            _ => Ok(()),
        };
    };
    let ids: Vec<&str> = ids().map(CapsuleId::as_str).collect();
    Err(Failure::new(
        Code::Input,
        format!("--allow names the capsule `{unknown}`, which is not loaded"),
    )
    .hint(format!("loaded are: {}", ids.join(", "))))
}

fn builder(
    operator: &Operator,
    host: &HostArgs,
    workspace: &Path,
    written: &BTreeSet<PathBuf>,
    sandbox: Option<Sandbox>,
) -> Done<RuntimeBuilder> {
    let log = LogSettings {
        level: host.log_level.into(),
        rate: operator.log_rate(),
        ..LogSettings::default()
    };
    let files = operator.log_files(workspace)?;
    let sink = ProgramSink::new(host.log_format).files(files)?;
    session::raise_descriptor_limit();
    let builder = session::builder(log, sink)?
        .limits(operator.limits())
        .workspace(workspace)
        .git(git_settings::of_users(
            written.iter().map(PathBuf::as_path),
            operator.others(),
        )?);
    let builder = match home::state_folder() {
        Ok(folder) => builder.records(folder.join("installed")),
        Err(failure) => {
            tracing::warn!(
                "nothing is kept of what is installed: {}",
                failure.message()
            );
            builder
        }
    };
    let Some(sandbox) = sandbox else {
        return Ok(builder);
    };
    session::require_working(&sandbox)?;
    Ok(builder.sandbox(sandbox).processes(operator.processes()))
}

async fn until_interrupted<T>(runtime: &Runtime, work: impl Future<Output = Done<T>>) -> Done<T> {
    let mut work = pin!(work);
    let told = tokio::select! {
        done = &mut work => return done,
        told = told_to_end() => told,
    };
    // The work goes on until its processes, which are asked to end, have ended, and
    // no longer than that takes; a second signal ends the program and them at once.
    let mut shut_down = pin!(runtime.shut_down());
    tokio::select! {
        _ = &mut work => shut_down.await,
        () = &mut shut_down => drop(timeout(AFTER, work).await),
    }
    Err(told)
}

/// How long work that does not notice the end of its runtime is waited for.
const AFTER: Duration = Duration::from_secs(1);

/// How often it is looked whether something is being compiled.
const LOOK: Duration = Duration::from_millis(250);

/// Loads capsules, and shows on a terminal that components are compiled where that
/// takes a while.
async fn load_all(
    runtime: &Runtime,
    loads: Vec<Load>,
    reporter: &Reporter,
) -> Result<(), LoadError> {
    let ids: Vec<&str> = loads.iter().map(|load| load.id().as_str()).collect();
    let what = format!("compiling {}", ids.join(", "));
    let mut loaded = pin!(runtime.load_all(loads));
    let mut step: Option<Step> = None;
    let mut looked = 0;
    loop {
        let looks = timeout(LOOK, &mut loaded).await;
        if let Ok(loaded) = looks {
            match (step, &loaded) {
                (Some(step), Ok(_)) => step.done(),
                (Some(step), Err(_)) => step.failed(),
                (None, _) => {}
            }
            return loaded.map(drop);
        }
        looked = if runtime.compiling() > 0 {
            looked + 1
        } else {
            0
        };
        match (looked, &step) {
            (0, Some(_)) => step.take().map_or((), Step::done),
            // Twice: most take less.
            (2.., None) if reporter.is_terminal() => step = Some(reporter.step(what.clone())),
            _ => {}
        }
    }
}
