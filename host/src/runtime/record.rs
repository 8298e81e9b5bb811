//! What was installed: the version of each capsule that was loaded last, kept
//! in a folder.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{LoadCause, Runtime};
use crate::call::{CallScope, Deadline};
use crate::capsule::CapsuleId;
use crate::cause::with_causes;
use crate::dispatch::Entry;
use crate::instance::lifecycle;

/// The folder. Each capsule has a file there, `ID.json`.
#[derive(Debug)]
pub(crate) struct Records(PathBuf);

#[derive(Debug, Serialize, Deserialize)]
struct Record {
    version: semver::Version,
}

/// Why a record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It cannot be read.
    #[error("the record {} cannot be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    /// It is no record.
    #[error("the record {} is broken", .0.display())]
    Broken(PathBuf, #[source] serde_json::Error),
    /// It cannot be written.
    #[error("the record {} cannot be written", .0.display())]
    Write(PathBuf, #[source] io::Error),
}

impl Records {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The version that was loaded last.
    fn version(&self, id: &CapsuleId) -> Result<Option<semver::Version>, RecordError> {
        let path = self.path(id);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RecordError::Read(path, error)),
        };
        serde_json::from_slice::<Record>(&text)
            .map(|record| Some(record.version))
            .map_err(|error| RecordError::Broken(path, error))
    }

    /// Puts a version down. A reader sees the old record or the new one.
    fn put(&self, id: &CapsuleId, version: &semver::Version) -> Result<(), RecordError> {
        let record = Record {
            version: version.clone(),
        };
        let write = || {
            fs::create_dir_all(&self.0)?;
            let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
            file.write_all(&serde_json::to_vec(&record)?)?;
            file.as_file().sync_all()?;
            file.persist(self.path(id))?;
            Ok(())
        };
        write().map_err(|error| RecordError::Write(self.path(id), error))
    }

    fn path(&self, id: &CapsuleId) -> PathBuf {
        self.0.join(Path::new(id.as_str()).with_extension("json"))
    }
}

impl Runtime {
    /// Calls what a capsule exports for its first loading or for a version that
    /// has risen, and puts its version down. One at a time.
    pub(super) async fn install(&self, entry: &Entry) -> Result<(), LoadCause> {
        let records = self.0.records.lock().await;
        let Some(records) = &*records else {
            return Err(LoadCause::NoRecord);
        };
        let id = entry.capsule.id();
        let version = &entry.capsule.manifest.version;
        let before = records.version(id)?;
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
    /// not told of versions, so that it works without as well.
    pub(super) async fn record(&self, entry: &Entry) {
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
