//! Marks a component as long as a tool builds it: what an interrupted tool leaves behind is
//! newer than its sources, and looks finished.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::file_error::FileError;

/// A build that has begun. If it is not [`done`](Self::done), the mark stays.
#[derive(Debug)]
pub(super) struct Unfinished {
    mark: PathBuf,
}

impl Unfinished {
    /// Marks a component. One that was marked before is removed, so that the tool makes it
    /// again.
    pub(super) fn begin(component: &Path) -> Result<Self, FileError> {
        let mark = mark(component);
        if mark.exists() {
            absent(fs::remove_file(component)).map_err(FileError::write(component))?;
        }
        let folder = mark.parent().unwrap_or(Path::new("."));
        let made = fs::create_dir_all(folder).and_then(|()| File::create(&mark).map(drop));
        match made {
            // A tool that has nothing to do needs no permission.
            Err(error) if !is_refused(&error) => Err(FileError::write(&mark)(error)),
            _ => Ok(Self { mark }),
        }
    }

    /// Removes the mark.
    pub(super) fn done(self) -> Result<(), FileError> {
        match absent(fs::remove_file(&self.mark)) {
            Err(error) if !is_refused(&error) => Err(FileError::write(&self.mark)(error)),
            _ => Ok(()),
        }
    }
}

/// Returns the mark of a component.
pub(super) fn mark(component: &Path) -> PathBuf {
    component.with_extension("building")
}

fn absent(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn is_refused(error: &io::Error) -> bool {
    let kinds = [ErrorKind::PermissionDenied, ErrorKind::ReadOnlyFilesystem];
    kinds.contains(&error.kind())
}

#[cfg(test)]
mod tests {
    use super::super::built_from::is_up_to_date;
    use super::super::freshness::Sources;
    use super::super::freshness::tests::write;
    use super::*;

    #[test]
    fn what_an_interrupted_build_left_is_stale_and_goes_at_the_next() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let component = root.join("dist/capsule.wasm");
        let is_fresh = || is_up_to_date(root, &Sources::of(root), &component);
        write(&root.join("src/x.js"), 100);
        let build = Unfinished::begin(&component).expect("begun");
        write(&component, 50);
        assert!(!is_fresh(), "unfinished");
        build.done().expect("done");
        assert!(is_fresh());
        // A killed build.
        drop(Unfinished::begin(&component).expect("begun"));
        assert!(!is_fresh() && component.exists());
        let build = Unfinished::begin(&component).expect("begun");
        assert!(!component.exists());
        write(&component, 50);
        build.done().expect("done");
        assert!(is_fresh());
    }
}
