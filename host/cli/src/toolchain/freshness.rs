//! Says whether a component is newer than all that it is made of.

use std::collections::HashSet;
use std::env;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What tools make inside a project, wherever it lies, and what no component is made of.
const NO_SOURCES: [&str; 5] = [".git", ".venv", "__pycache__", "dist", "node_modules"];

/// What stands at the top of a project beside its sources.
const BESIDE_SOURCES: [&str; 2] = ["Capsule.toml", "cases"];

/// Where the files lie that a component is made of.
#[derive(Debug)]
pub(crate) struct Sources {
    folders: Vec<PathBuf>,
    /// Single files, wherever they lie.
    files: Vec<PathBuf>,
}

impl Sources {
    /// All files of a project.
    pub(crate) fn of(project: &Path) -> Self {
        Self {
            folders: vec![project.to_owned()],
            files: Vec::new(),
        }
    }

    /// The same, and what lies in further folders, which may be outside.
    pub(crate) fn and(mut self, folders: impl IntoIterator<Item = PathBuf>) -> Self {
        self.folders.extend(folders);
        self
    }

    /// The same, and this program, which writes a part of what is built: another one may write it otherwise.
    pub(crate) fn and_this_program(mut self) -> Self {
        self.files.extend(env::current_exe());
        self
    }

    /// Whether no source is newer than the component. What cannot be read says nothing, so that the build decides.
    pub(crate) fn are_older_than(&self, component: &Path) -> bool {
        let Some(built) = modified(component) else {
            return false;
        };
        let mut seen = HashSet::new();
        let mut files = self.files.iter();
        files.all(|file| modified(file).is_some_and(|changed| changed <= built))
            && self.folders.iter().all(|folder| {
                let beside = BESIDE_SOURCES.map(|name| folder.join(name));
                is_older(folder, built, &mut seen, &|path| {
                    path == component || beside.iter().any(|one| path == one)
                })
            })
    }
}

/// When a file was changed last.
pub(crate) fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

/// `seen` are the folders that were looked into: links between folders may go round in circles.
fn is_older(
    folder: &Path,
    built: SystemTime,
    seen: &mut HashSet<(u64, u64)>,
    is_no_source: &dyn Fn(&Path) -> bool,
) -> bool {
    let Ok(itself) = folder.metadata() else {
        return false;
    };
    if !seen.insert((itself.dev(), itself.ino())) {
        return true;
    }
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    entries.flatten().all(|entry| {
        let path = entry.path();
        if NO_SOURCES.iter().any(|name| entry.file_name() == *name) || is_no_source(&path) {
            return true;
        }
        match path.metadata() {
            Ok(data) if data.is_dir() => is_older(&path, built, seen, is_no_source),
            Ok(data) => data.modified().is_ok_and(|changed| changed <= built),
            // A link that leads nowhere, such as an editor's lock.
            Err(_) => true,
        }
    })
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use super::*;

    /// Writes a file whose last change lies `age` seconds back.
    pub(crate) fn write(path: &Path, age: u64) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let file = fs::File::create(path).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(age))
            .unwrap();
    }

    #[test]
    fn a_component_is_fresh_until_a_source_changes() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let component = root.join("dist/capsule.wasm");
        let is_fresh = || Sources::of(root).are_older_than(&component);
        write(&root.join("src/capsule.js"), 100);
        assert!(!is_fresh(), "nothing built");

        write(&component, 50);
        write(&root.join("node_modules/x/index.js"), 0);
        write(&root.join(".venv/lib/x.py"), 0);
        write(&root.join("dist/other.js"), 0);
        write(&root.join("cases/one.toml"), 0);
        write(&root.join("Capsule.toml"), 0);
        assert!(is_fresh(), "only what is no source is newer");

        write(&root.join("src/deep/other.js"), 10);
        assert!(!is_fresh(), "a source is newer");
    }

    #[test]
    fn what_is_linked_and_what_lies_outside_are_sources() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("project");
        let component = root.join("dist/capsule.wasm");
        let outside = folder.path().join("sdk");
        let linked = folder.path().join("wit");
        write(&root.join("src/app.py"), 100);
        write(&outside.join("boll.py"), 100);
        write(&linked.join("log.wit"), 100);
        std::os::unix::fs::symlink(&linked, root.join("wit")).unwrap();
        std::os::unix::fs::symlink(&root, root.join("src/circle")).unwrap();
        write(&component, 50);
        let is_fresh = || {
            Sources::of(&root)
                .and([outside.clone()])
                .are_older_than(&component)
        };
        assert!(is_fresh());
        write(&outside.join("boll.py"), 10);
        assert!(!is_fresh(), "outside");
        write(&outside.join("boll.py"), 100);
        write(&linked.join("log.wit"), 10);
        assert!(!is_fresh(), "linked");
    }
}
