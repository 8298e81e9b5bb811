//! The sources of a component, and whether it is newer than all of them.

use std::collections::{BTreeMap, HashSet};
use std::env;
use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Folders that tools create inside a project, at any depth, and that hold no sources.
const NO_SOURCES: [&str; 7] = [
    ".git",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".venv",
    "__pycache__",
    "node_modules",
];

/// Files and folders at the top of a project that are no sources.
const BESIDE_SOURCES: [&str; 4] = ["Capsule.toml", "cases", "compile_commands.json", "dist"];

/// The files that a component is made of, and the folders of such.
#[derive(Debug)]
pub(crate) struct Sources {
    places: Vec<PathBuf>,
    /// Folders in them that hold no sources.
    made: Vec<PathBuf>,
}

impl Sources {
    /// Returns all files of a project.
    pub(crate) fn of(project: &Path) -> Self {
        Self {
            places: vec![project.to_owned()],
            made: Vec::new(),
        }
    }

    /// Adds files and folders, which may be outside of the project.
    pub(crate) fn and(mut self, places: impl IntoIterator<Item = PathBuf>) -> Self {
        self.places.extend(places);
        self
    }

    /// Leaves out a folder that a tool creates.
    pub(crate) fn without(mut self, made: PathBuf) -> Self {
        self.made.push(made);
        self
    }

    /// Adds this program, which writes a part of the sources: another version may write it differently.
    pub(crate) fn and_this_program(self) -> Self {
        self.and(env::current_exe())
    }

    /// Returns whether no source is newer than a file. It is `false` if a source cannot be read.
    pub(super) fn are_older_than(&self, component: &Path) -> bool {
        let (Some(built), Some(files)) = (modified(component), self.files(component)) else {
            return false;
        };
        let mut files = files.values();
        self.places.iter().all(|place| place.exists())
            && files.all(|data| data.modified().is_ok_and(|changed| changed <= built))
    }

    /// Returns all files but the component; `None` if a folder cannot be read.
    pub(super) fn files(&self, component: &Path) -> Option<BTreeMap<PathBuf, Metadata>> {
        let mut found = BTreeMap::new();
        let mut seen = HashSet::new();
        for place in &self.places {
            let beside = BESIDE_SOURCES.map(|name| place.join(name));
            let is_no_source = |path: &Path| {
                let mut made = beside.iter().chain(&self.made);
                path == component || made.any(|one| path == one)
            };
            collect(place, &mut seen, &is_no_source, &mut found)?;
        }
        Some(found)
    }

    /// Returns whether a path would be among the files if something were there.
    pub(super) fn cover(&self, path: &Path, component: &Path) -> bool {
        let is_made = |path: &Path| path == component || self.made.iter().any(|one| path == one);
        self.places.iter().any(|place| {
            let beside = BESIDE_SOURCES.map(|name| place.join(name));
            let mut above = path.ancestors().take_while(|above| *above != place);
            path.starts_with(place)
                && above.all(|above| {
                    let name = above.file_name().unwrap_or_default();
                    !NO_SOURCES.iter().any(|made| name == *made)
                        && !beside.iter().any(|made| above == made)
                        && !is_made(above)
                })
        })
    }
}

/// Returns when a file was last changed.
pub(crate) fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

/// Collects a file, or everything in a folder. `seen` holds the folders that were searched:
/// links between folders may form a circle.
fn collect(
    path: &Path,
    seen: &mut HashSet<(u64, u64)>,
    is_no_source: &dyn Fn(&Path) -> bool,
    found: &mut BTreeMap<PathBuf, Metadata>,
) -> Option<()> {
    let Ok(itself) = path.metadata() else {
        // A link that leads nowhere, such as an editor's lock.
        return Some(());
    };
    if !itself.is_dir() {
        found.insert(path.to_owned(), itself);
        return Some(());
    }
    if !seen.insert((itself.dev(), itself.ino())) {
        return Some(());
    }
    for entry in fs::read_dir(path).ok()?.flatten() {
        let path = entry.path();
        let is_made = NO_SOURCES.iter().any(|name| entry.file_name() == *name);
        if !is_made && !is_no_source(&path) {
            collect(&path, seen, is_no_source, found)?;
        }
    }
    Some(())
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
        write(&root.join(".ruff_cache/content"), 0);
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
