//! Installing and upgrading capsules, as the record of their versions says.

use super::record::Records;
use super::{LoadCause, Runtime};
use crate::call::{CallScope, Deadline};
use crate::capsule::CapsuleId;
use crate::cause::with_causes;
use crate::dispatch::LoadedCapsule;
use crate::instance::lifecycle;

impl Runtime {
    /// Calls what a capsule exports for its first load or for a version that
    /// has risen, and puts its version down. One at a time.
    pub(super) async fn install(&self, entry: &LoadedCapsule) -> Result<(), LoadCause> {
        let records = self.0.records.lock().await;
        let Some(records) = &*records else {
            return Err(LoadCause::NoRecord);
        };
        let id = entry.capsule.id();
        let version = &entry.capsule.manifest.version;
        let before = records.version(id)?;
        if before.as_ref().is_none_or(|before| before < version) {
            // What is not put down would be done again at each load.
            records.require_writable(id)?;
        }
        let dispatcher = &self.0.dispatcher;
        let limits = &dispatcher.limits;
        let prepared = entry.component.instances.prepared();
        let bounds = dispatcher.bounds_of(&entry.capsule.manifest);
        let time = limits.time_of(&entry.capsule.manifest);
        let stop = entry.component.stop.child_token();
        let deadline = Some(Deadline::after(time));
        let scope = CallScope::of_capsule(&entry.capsule, deadline, stop);
        let context = dispatcher.context(&entry.capsule, scope);
        let said = match &before {
            None => lifecycle::install(prepared, context, bounds, time).await,
            Some(before) if before < version => {
                lifecycle::upgrade(prepared, context, bounds, time, &before.to_string()).await
            }
            Some(_) => Ok(Ok(())),
        };
        said.map_err(LoadCause::NotInstalled)?
            .map_err(LoadCause::Refused)?;
        put_if_other(records, id, before.as_ref(), version)
    }

    /// Puts a capsule's version down, if the host keeps a record. The capsule is
    /// not notified of versions, so that it works without as well.
    pub(super) async fn record(&self, entry: &LoadedCapsule) {
        let records = self.0.records.lock().await;
        let Some(records) = &*records else {
            return;
        };
        let id = entry.capsule.id();
        let version = &entry.capsule.manifest.version;
        let kept = records
            .version(id)
            .map_err(LoadCause::from)
            .and_then(|before| put_if_other(records, id, before.as_ref(), version));
        if let Err(error) = kept {
            tracing::warn!("the version of {id} is not kept: {}", with_causes(&error));
        }
    }
}

fn put_if_other(
    records: &Records,
    id: &CapsuleId,
    before: Option<&semver::Version>,
    version: &semver::Version,
) -> Result<(), LoadCause> {
    if before != Some(version) {
        records.put(id, version)?;
    }
    Ok(())
}
