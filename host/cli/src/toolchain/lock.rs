//! Allows one build of a project at a time, which npm, pip and make do not ensure themselves.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use crate::report::reporter::Reporter;

/// Waits until no other `boll` builds this project, and keeps others out until the returned lock is dropped.
///
/// On a file system without locks a note is shown, and the build goes on, as with cargo.
pub(super) fn hold(project: &Path, reporter: &Reporter) -> io::Result<File> {
    let folder = File::open(project)?;
    match folder.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let step = reporter.step(format!(
                "waiting for another build of {}",
                project.display()
            ));
            folder.lock()?;
            step.done();
        }
        Err(TryLockError::Error(error)) => reporter.note(&format!(
            "{} cannot be locked, so no other build may run there: {error}",
            project.display()
        )),
    }
    Ok(folder)
}
