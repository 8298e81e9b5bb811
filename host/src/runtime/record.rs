//! What was installed: the version of each capsule that was loaded last, kept
//! in a folder.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::RecordError;
use crate::capsule::CapsuleId;

/// The folder. Each capsule has a file there, `ID.json`.
#[derive(Debug)]
pub(crate) struct Records(PathBuf);

#[derive(Debug, Serialize, Deserialize)]
struct InstalledVersion {
    version: semver::Version,
}

impl Records {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// The version that was loaded last.
    pub(super) fn version(&self, id: &CapsuleId) -> Result<Option<semver::Version>, RecordError> {
        let path = self.path(id);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(RecordError::Read(path, error)),
        };
        serde_json::from_slice::<InstalledVersion>(&text)
            .map(|record| Some(record.version))
            .map_err(|error| RecordError::Broken(path, error))
    }

    /// Puts a version down. A reader sees the old record or the new one.
    pub(super) fn put(&self, id: &CapsuleId, version: &semver::Version) -> Result<(), RecordError> {
        let record = InstalledVersion {
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

    /// Fails if no version can be put down.
    pub(super) fn require_writable(&self, id: &CapsuleId) -> Result<(), RecordError> {
        let made = fs::create_dir_all(&self.0);
        made.and_then(|()| tempfile::tempfile_in(&self.0).map(drop))
            .map_err(|error| RecordError::Write(self.path(id), error))
    }

    fn path(&self, id: &CapsuleId) -> PathBuf {
        self.0.join(Path::new(id.as_str()).with_extension("json"))
    }
}
