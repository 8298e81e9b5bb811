//! A runtime with capsules in it: built, granted, configured, loaded together,
//! and ended when whoever started it interrupts it.

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::pin;

use boll_host::capsule::CapsuleId;
use boll_host::policy::{Grant, GrantSet, Permissions};
use boll_host::sandbox::Sandbox;
use boll_host::services::log::LogSettings;
use boll_host::{Load, LoadError, Runtime, RuntimeBuilder};
use tokio::signal::unix::{SignalKind, signal};

use crate::args::HostArgs;
use crate::configuration;
use crate::failure::{Code, Done, Failure};
use crate::grants::ask_for_missing;
use crate::operator::{Given, Operator};
use crate::project::{Component, Project};
use crate::report::{log::ProgramSink, reporter::Reporter};
use crate::session;

/// A capsule that is built, with what the operator gives it.
pub(crate) struct Prepared {
    pub(crate) project: Project,
    pub(crate) component: Component,
    pub(crate) given: Given,
    /// Whether it is the one that is meant where none is named.
    main: bool,
}

impl Prepared {
    /// The capsule that is meant where none is named.
    pub(crate) fn main(project: Project, operator: &Operator, reporter: &Reporter) -> Done<Self> {
        Self::new(project, operator, reporter, true)
    }

    /// One that is loaded beside others.
    pub(crate) fn beside(project: Project, operator: &Operator, reporter: &Reporter) -> Done<Self> {
        Self::new(project, operator, reporter, false)
    }

    fn new(project: Project, operator: &Operator, reporter: &Reporter, main: bool) -> Done<Self> {
        let component = project.component(reporter)?;
        let given = operator.given(&project.manifest, component.digest)?;
        Ok(Self {
            project,
            component,
            given,
            main,
        })
    }

    /// A grant to it, as `--allow` takes it.
    pub(crate) fn allow(&self, grant: &Grant) -> String {
        if self.main {
            grant.to_string()
        } else {
            format!("{}={grant}", self.project.manifest.id)
        }
    }

    /// All that it is given, ready to be loaded, and what helps when it cannot be.
    pub(crate) fn load(
        self,
        grants: GrantSet,
        operator: &Operator,
        workspace: &Path,
        config: &[(String, String)],
    ) -> Done<(Load, Vec<String>)> {
        let manifest = self.project.manifest;
        let permissions = Permissions::new(&manifest.requests, &grants);
        operator.check_folders(&permissions.folders(), workspace)?;
        let flags = if self.main { config } else { &[] };
        let variables = std::env::vars_os();
        let config = configuration::gather(&manifest, &self.given, variables, flags)?;
        let path = format!("the component is {}", self.component.path.display());
        let helps = self.given.stale.into_iter().chain([path]).collect();
        let load = Load::new(manifest, self.component.bytes);
        Ok((load.grants(grants).config(config), helps))
    }

    /// What it is granted by the operator's file and the command line.
    fn grants(&self, host: &HostArgs) -> GrantSet {
        let id = &self.project.manifest.id;
        let mut grants = self.given.grants();
        let allowed = host.allow.iter().filter(|allow| match &allow.capsule {
            None => self.main,
            Some(capsule) => capsule == id,
        });
        grants.extend(allowed.map(|allow| allow.grant.clone()));
        grants
    }
}

/// A runtime to be, and what is loaded into it.
pub(crate) struct Host {
    builder: RuntimeBuilder,
    loads: Vec<Load>,
    /// What helps when a capsule cannot be loaded.
    hints: BTreeMap<CapsuleId, Vec<String>>,
}

impl Host {
    /// Gathers all that the capsules are given. `config` is for the first one.
    pub(crate) fn new(
        capsules: Vec<Prepared>,
        operator: &Operator,
        host: &HostArgs,
        config: &[(String, String)],
    ) -> Done<Self> {
        let (host, _) = Self::granting(capsules, operator, host, config)?;
        Ok(host)
    }

    /// The same, and what each capsule is granted, in their order.
    pub(crate) fn granting(
        capsules: Vec<Prepared>,
        operator: &Operator,
        host: &HostArgs,
        config: &[(String, String)],
    ) -> Done<(Self, Vec<GrantSet>)> {
        check_named(&capsules, host)?;
        let workspace = session::workspace(host.workspace.as_deref())?;
        let processes = |one: &Prepared| !one.project.manifest.requests.processes.is_empty();
        let sandbox = capsules
            .iter()
            .any(processes)
            .then(|| session::sandbox(&workspace, operator))
            .transpose()?;
        let (mut loads, mut hints) = (Vec::new(), BTreeMap::new());
        let mut granted: Vec<GrantSet> = capsules.iter().map(|one| one.grants(host)).collect();
        let missing = ask_for_missing(&capsules, &granted, operator, sandbox.as_ref())?;
        for (grants, missing) in granted.iter_mut().zip(missing) {
            grants.extend(missing);
        }
        for (prepared, grants) in capsules.into_iter().zip(&granted) {
            let id = prepared.project.manifest.id.clone();
            let (load, helps) = prepared.load(grants.clone(), operator, &workspace, config)?;
            hints.insert(id, helps);
            loads.push(load);
        }
        let host = Self {
            builder: builder(operator, host, &workspace, sandbox)?,
            loads,
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
                runtime.load_all(loads).await.map_err(failed)?;
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
fn check_named(capsules: &[Prepared], host: &HostArgs) -> Done {
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
        .records(session::state_folder()?.join("installed"));
    let Some(sandbox) = sandbox else {
        return Ok(builder);
    };
    session::require_working(&sandbox)?;
    Ok(builder.sandbox(sandbox).processes(operator.processes()))
}

async fn until_interrupted<T>(runtime: &Runtime, work: impl Future<Output = Done<T>>) -> Done<T> {
    let listen = |kind| {
        signal(kind).map_err(|error| {
            Failure::new(Code::Machine, format!("cannot listen for signals: {error}"))
        })
    };
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut work = pin!(work);
    let how = tokio::select! {
        done = &mut work => return done,
        _ = interrupt.recv() => "interrupted",
        _ = terminate.recv() => "terminated",
    };
    // The work goes on until its processes, which are asked to end, have ended;
    // a second signal ends them at once.
    tokio::select! {
        _ = async { tokio::join!(work, runtime.shut_down()) } => {}
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Err(Failure::new(Code::Interrupted, how))
}
