//! `boll dev`: a capsule that is built and loaded anew whenever its folder changes.

use std::path::Path;

use boll_host::capsule::{CapsuleId, CapsuleState, Manifest};
use boll_host::policy::{Confinement, Grant, GrantSet};
use boll_host::{Digest, Runtime};
use serde_json::json;

use super::{ends_by_interrupt, one_among, run};
use crate::args::{Arguments, Dev, Output};
use crate::failure::{Code, Done, Failure};
use crate::grants::missing;
use crate::host::{Host, Prepared};
use crate::operator::Operator;
use crate::payload;
use crate::project::Project;
use crate::report::{self, reporter::Reporter};
use crate::session;
use crate::watch::Watch;

pub(crate) fn run(dev: &Dev, arguments: &Arguments, reporter: &Reporter) -> Done {
    let operator = Operator::read(arguments.policy.as_deref())?;
    let project = Project::open(&dev.capsule)?;
    // From before the first build on, so that no change falls between the two.
    let watch = Watch::of(project.folder())?;
    let capsules = one_among(project, &dev.session.with, &operator, reporter)?;
    let first = Version::of(&capsules[0]);
    let (host, granted) =
        Host::granting(capsules, &operator, &dev.session.host, &dev.session.config)?;
    let session = Session {
        dev,
        policy: arguments.policy.as_deref(),
        grants: granted.into_iter().next().unwrap_or_default(),
        payload: payload::read(&dev.session.call)?,
        output: arguments.output,
        reporter,
    };
    let ended = host.run(async |runtime, ids| {
        let id = ids[0].clone();
        session.follow(runtime, watch, id, first).await
    });
    ends_by_interrupt(ended)
}

/// What is loaded: the same component under the same manifest is not loaded again.
#[derive(PartialEq, Eq)]
struct Version {
    component: Digest,
    manifest: String,
}

impl Version {
    fn of(prepared: &Prepared) -> Self {
        Self {
            component: prepared.component.digest,
            manifest: prepared.project.text.clone(),
        }
    }
}

/// Waits until a capsule is gone, as it is when the runtime shuts down.
async fn unloaded(runtime: &Runtime, id: &CapsuleId) {
    if let Some(mut states) = runtime.watch(id) {
        // Who changes the state is gone only with the capsule itself.
        let _ = states
            .wait_for(|state| *state == CapsuleState::Unloaded)
            .await;
    }
}

struct Session<'a> {
    dev: &'a Dev,
    policy: Option<&'a Path>,
    /// What the capsule was granted at the start. It stays granted when its code
    /// changes; what a changed manifest asks for beyond it is refused.
    grants: GrantSet,
    payload: Vec<u8>,
    output: Output,
    reporter: &'a Reporter,
}

impl Session<'_> {
    async fn follow(
        &self,
        runtime: &Runtime,
        mut watch: Watch,
        mut id: CapsuleId,
        mut version: Version,
    ) -> Done {
        self.call(runtime, &id, "loaded").await?;
        loop {
            tokio::select! {
                () = watch.changed() => {}
                () = unloaded(runtime, &id) => return Ok(()),
            }
            match self.reload(runtime, &id, &version).await {
                Ok(None) => {}
                Ok(Some(loaded)) => {
                    (id, version) = loaded;
                    self.call(runtime, &id, "loaded anew").await?;
                }
                // What is loaded stays, and the next change may mend it.
                Err(failure) => failure.report(self.output),
            }
        }
    }

    /// Builds it, and loads it where that made something new.
    async fn reload(
        &self,
        runtime: &Runtime,
        before: &CapsuleId,
        version: &Version,
    ) -> Done<Option<(CapsuleId, Version)>> {
        let (path, reporter) = (self.dev.capsule.clone(), self.reporter.clone());
        let policy = self.policy.map(Path::to_owned);
        let built = tokio::task::spawn_blocking(move || {
            let operator = Operator::read(policy.as_deref())?;
            let prepared = Prepared::main(Project::open(&path)?, &operator, &reporter)?;
            Done::Ok((prepared, operator))
        });
        let ended = |error| Failure::new(Code::Host, format!("the build did not end: {error}"));
        let (prepared, operator) = built.await.map_err(ended)??;
        let now = Version::of(&prepared);
        if now == *version {
            return Ok(None);
        }
        self.refuse_new_requests(&prepared.project.manifest)?;
        let workspace = session::workspace(self.dev.session.host.workspace.as_deref())?;
        let id = prepared.project.manifest.id.clone();
        let grants = self.grants.clone();
        let (load, helps) =
            prepared.load(grants, &operator, &workspace, &self.dev.session.config)?;
        let failed = |error| helps.into_iter().fold(Failure::from(error), Failure::hint);
        runtime.load(load).await.map_err(failed)?;
        if *before != id {
            runtime.unload(before);
        }
        Ok(Some((id, now)))
    }

    fn refuse_new_requests(&self, manifest: &Manifest) -> Done {
        let missing = missing(manifest, &self.grants, Confinement::Sandboxed);
        if missing.is_empty() {
            return Ok(());
        }
        let missing: Vec<String> = missing.iter().map(Grant::to_string).collect();
        let failure = Failure::new(
            Code::NotGranted,
            format!("{} now asks for more: {}", manifest.id, missing.join(", ")),
        );
        Err(failure.hint("start `boll dev` again to grant it; until then, what was loaded stays"))
    }

    /// Says what was loaded, and calls the action where there is one.
    async fn call(&self, runtime: &Runtime, id: &CapsuleId, what: &str) -> Done {
        let digest = runtime.digest(id).map(|digest| digest.to_string());
        match self.output {
            Output::Text => self.reporter.note(&format!("{id}: {what}")),
            Output::Json => report::json_line(&json!({
                "capsule": id.to_string(),
                "state": what,
                "digest": digest,
            }))?,
        }
        let Some(action) = &self.dev.action else {
            return Ok(());
        };
        let options = self.dev.session.call.options();
        let called = runtime.invoke(id, action, self.payload.clone(), options);
        match called.await.map_err(Failure::from).and_then(run::reply) {
            Ok(reply) if self.output == Output::Json => report::json_line(&run::json(reply)),
            Ok((_, payload)) => report::result(&payload),
            Err(failure) => {
                failure.report(self.output);
                Ok(())
            }
        }
    }
}
