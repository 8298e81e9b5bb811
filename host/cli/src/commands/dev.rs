//! `boll dev`: builds and reloads capsules whenever their folders change.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use boll_host::Runtime;
use boll_host::capsule::{CapsuleId, CapsuleState, Manifest};
use boll_host::policy::{Confinement, Grant, GrantSet, Permissions};
use clap::Args;
use serde_json::json;

use super::{Verb, ends_by_interrupt, one_among, run};
use crate::args::{App, HostArgs, SessionArgs};
use crate::complete;
use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::host::setup::set_up;
use crate::host::workspace::FolderJudge;
use crate::keys::{Key, Keys};
use crate::operator::Operator;
use crate::payload;
use crate::prepared::{GrantedCapsule, Loaded, Wanted};
use crate::project::Project;
use crate::protected;
use crate::report;
use crate::report::reporter::Reporter;
use crate::session;
use crate::trust::Consent;
use crate::watch::Watch;

/// Build and reload capsules whenever their folders change, and call the first each
/// time
#[derive(Debug, Args)]
pub(crate) struct Dev {
    /// The capsule's folder, or its Capsule.toml
    #[arg(default_value = ".", add = complete::capsule())]
    capsule: PathBuf,

    /// The action to call after each load [default: none or, with a payload, the manifest's default
    /// action]
    #[arg(add = complete::action())]
    action: Option<String>,

    #[command(flatten)]
    session: SessionArgs,
}

impl Verb for Dev {
    fn host(&self) -> Option<&HostArgs> {
        Some(&self.session.host)
    }

    fn run(&self, app: &App) -> Done {
        let mut operator = app.operator()?;
        let SessionArgs {
            with, config, host, ..
        } = &self.session;
        let capsules = one_among(Project::open(&self.capsule)?, with)?;
        let action = match self.session.call.has_payload() {
            true => {
                let manifest = &capsules[0].project.manifest;
                Some(run::chosen(self.action.clone(), manifest)?)
            }
            false => self.action.clone(),
        };
        // Started before the first build, so that no change falls between the two.
        let watch = Watch::of(capsules.iter().map(|one| one.project.folder()))?;
        let protected = protected::of_changing(capsules.iter().map(|one| &one.project))?;
        let host = set_up(capsules, &mut operator, host, config, &app.reporter)?;
        let session = Session {
            dev: self,
            app,
            action,
            // With the answers of the user.
            exposed: operator.exposed().to_owned(),
            confinement: operator.confinement(),
            protected: Mutex::new(protected),
            payload: payload::read(&self.session.call)?,
        };
        let ended = host.run(async |runtime, loaded| session.follow(runtime, watch, loaded).await);
        ends_by_interrupt(ended)
    }
}

/// Waits until a capsule is unloaded, as it is when the runtime shuts down.
async fn unloaded(runtime: &Runtime, id: &CapsuleId) {
    if let Some(mut states) = runtime.watch(id) {
        let unloaded = |state| state == CapsuleState::Unloaded;
        states.wait_for(unloaded).await;
    }
}

struct Session<'a> {
    dev: &'a Dev,
    app: &'a App,
    action: Option<String>,
    /// Folders that are allowed although they expose much.
    exposed: Vec<PathBuf>,
    /// The confinement of its sandbox, which stays as it was set up.
    confinement: Confinement,
    /// Paths that nobody may write while it runs. The list only grows: what was built
    /// once may be built again.
    protected: Mutex<Vec<PathBuf>>,
    payload: Vec<u8>,
}

impl Session<'_> {
    async fn follow(&self, runtime: &Runtime, mut watch: Watch, mut capsules: Vec<Loaded>) -> Done {
        for capsule in &capsules {
            self.tell(runtime, capsule.wanted.id(), "loaded")?;
        }
        let mut round = Round::first();
        let succeeded = self.call(runtime, capsules[0].wanted.id()).await?;
        round.end(&self.app.reporter, succeeded);
        let mut keys = Keys::begin();
        if keys.are_read() {
            self.app.reporter.note(Keys::HINT);
        }
        loop {
            let changed = tokio::select! {
                changed = watch.changed() => Some(changed?),
                key = keys.next() => match key {
                    Key::Again => None,
                    Key::End => return Ok(()),
                },
                () = unloaded(runtime, capsules[0].wanted.id()) => return Ok(()),
            };
            round.begin();
            let again = changed.is_none();
            let is_changed =
                |folder: &Path| changed.as_ref().is_none_or(|all| all.contains(folder));
            let (mut any, mut failed) = (again, false);
            for place in 0..capsules.len() {
                if !is_changed(capsules[place].wanted.project.folder()) {
                    continue;
                }
                let reloaded = self.reload(runtime, place, &mut capsules).await;
                match reloaded {
                    Ok(false) => {}
                    Ok(true) => {
                        self.tell(runtime, capsules[place].wanted.id(), "reloaded")?;
                        any = true;
                    }
                    // The loaded version stays, and the next change may fix it.
                    Err(failure) => {
                        failed = true;
                        self.report(runtime, &failure).await;
                    }
                }
            }
            if any {
                failed |= !self.call(runtime, capsules[0].wanted.id()).await?;
            }
            if any || failed {
                round.end(&self.app.reporter, !failed);
            }
        }
    }

    /// Builds a capsule, and loads it if the component is new. Grants from the start stay
    /// when its code changes; new requests of a changed manifest are rejected.
    async fn reload(&self, runtime: &Runtime, place: usize, all: &mut [Loaded]) -> Done<bool> {
        let reporter = self.app.reporter.clone();
        let policy = self.app.policy().map(Path::to_owned);
        let exposed = self.exposed.clone();
        let confinement = self.confinement;
        let workspace = session::workspace(self.dev.session.host.workspace.as_deref())?;
        let judged = workspace.clone();
        let before = self.protected().clone();
        let (last, capsules) = (all[place].clone(), all.to_vec());
        let built = tokio::task::spawn_blocking(move || {
            let Loaded { wanted, grants, .. } = last;
            let operator = Operator::read(policy.as_deref(), &exposed)?;
            let wanted = wanted.read_again()?;
            // Before anything of it is built. The user is not asked again.
            refuse_new_requests(&wanted.project.manifest, &grants, confinement)?;
            // Its libraries may have changed.
            let mut protected = before;
            protected.extend(protected::of_changing([&wanted.project].into_iter())?);
            let judge = FolderJudge {
                operator: &operator,
                workspace: &judged,
                protected: &protected,
            };
            // The folders that a capsule may write may belong to a build by now.
            let require = |wanted: &Wanted, grants: &GrantSet| {
                judge.require_workspace(wanted.requests(), grants)?;
                judge.require_folders(wanted.requests(), grants)
            };
            // The loaded version stays protected until the new one replaces it.
            for one in &capsules {
                require(&one.wanted, &one.grants)?;
            }
            require(&wanted, &grants)?;
            // It was built in this session already, and only its author can have changed
            // it since: nothing that runs here may write it.
            let component = wanted.build(&operator, Consent::Given, &reporter)?;
            let prepared = GrantedCapsule {
                wanted,
                component,
                grants,
            };
            Done::Ok((prepared, operator, protected))
        });
        let ended = built.await;
        let (prepared, operator, protected) =
            ended.or_fail(Code::Host, || "the build did not end".to_owned())??;
        self.protected().clone_from(&protected);
        let loaded = &mut all[place];
        if prepared.version() == loaded.version {
            return Ok(false);
        }
        let config = &self.dev.session.config;
        let ready = prepared.ready(&operator, &workspace, &protected, config)?;
        let hints = ready.hints.into_iter();
        let failed = |error| hints.fold(Failure::from(error), Failure::hint);
        runtime.load(ready.load).await.map_err(failed)?;
        if loaded.wanted.id() != ready.loaded.wanted.id() {
            runtime.unload(loaded.wanted.id());
        }
        *loaded = ready.loaded;
        Ok(true)
    }

    fn protected(&self) -> MutexGuard<'_, Vec<PathBuf>> {
        self.protected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Reports what was loaded.
    fn tell(&self, runtime: &Runtime, id: &CapsuleId, what: &str) -> Done {
        let digest = runtime.digest(id).map(|digest| digest.to_string());
        if self.app.is_json() {
            let id = id.to_string();
            return report::json_line(&json!({"capsule": id, "state": what, "digest": digest}));
        }
        self.app.reporter.note(&format!("{id}: {what}"));
        Ok(())
    }

    /// Calls the action, if there is one. Returns whether that succeeded. Its log comes before its
    /// reply.
    async fn call(&self, runtime: &Runtime, id: &CapsuleId) -> Done<bool> {
        let Some(action) = &self.action else {
            return Ok(true);
        };
        let options = self.dev.session.call.options();
        let called = runtime.invoke(id, action, self.payload.clone(), options);
        match called.await.map_err(Failure::from).and_then(run::reply) {
            Ok(reply) => {
                flush(runtime).await;
                match self.app.is_json() {
                    true => report::json_line(&run::json(reply))?,
                    false => report::line_of_reply(&reply.1, self.dev.session.call.raw)?,
                }
                Ok(true)
            }
            Err(failure) => {
                self.report(runtime, &failure).await;
                Ok(false)
            }
        }
    }

    /// Reports what failed, after everything that was logged before.
    async fn report(&self, runtime: &Runtime, failure: &Failure) {
        flush(runtime).await;
        failure.report();
    }
}

/// How long to wait for log lines, which a sink may hold up.
const LOG: Duration = Duration::from_secs(1);

/// Waits until everything that was logged is written.
async fn flush(runtime: &Runtime) {
    runtime.flush_log(LOG).await;
    report::shown::flush();
}

/// A load after a change or a key, and the call after it.
struct Round {
    number: usize,
    began: Instant,
}

impl Round {
    fn first() -> Self {
        let (number, began) = (1, Instant::now());
        Self { number, began }
    }

    fn begin(&mut self) {
        self.began = Instant::now();
    }

    /// Reports how long it took.
    fn end(&mut self, reporter: &Reporter, succeeded: bool) {
        reporter.round(self.number, self.began.elapsed(), succeeded);
        self.number += 1;
    }
}

fn refuse_new_requests(manifest: &Manifest, grants: &GrantSet, confinement: Confinement) -> Done {
    let missing = Permissions::new(&manifest.requests, grants).missing(confinement);
    if missing.is_empty() {
        return Ok(());
    }
    let missing: Vec<String> = missing.iter().map(Grant::to_string).collect();
    let failure = Failure::new(
        Code::NotGranted,
        format!("{} now asks for more: {}", manifest.id, missing.join(", ")),
    );
    Err(failure.hint("restart `boll dev` to grant it; until then, the loaded version stays"))
}
