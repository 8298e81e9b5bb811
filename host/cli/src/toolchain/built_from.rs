//! What a component was built from: the content of each source at the start of the build.
//!
//! Times alone do not show whether a component is up to date. A source may be saved while it
//! is built, replaced by an older one, or deleted. A build that writes files beside its
//! sources changes them itself: a file that two builds in a row have changed counts as made
//! by the build, as it was at the end of the second.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use boll_host::Digest;
use serde::{Deserialize, Serialize};

use super::freshness::Sources;
use super::unfinished;
use crate::{foreign, whole_file};

/// The form of the record. One of another form is ignored.
const VERSION: u32 = 1;

/// The largest file whose content is compared, in bytes; of a larger one only size and
/// times.
const LARGEST: u64 = 64 << 20;

/// Files that tools write when they resolve a project's packages.
const LOCKS: [&str; 5] = [
    "Cargo.lock",
    "go.sum",
    "package-lock.json",
    "pnpm-lock.yaml",
    "yarn.lock",
];

/// The longest record, in bytes: that of several 100,000 files.
const LONGEST: u64 = 128 << 20;

/// A file as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Seen {
    size: u64,
    /// The last change of the content and of the inode, in nanoseconds, and the inode: while
    /// these are the same, the content is.
    stamp: (i64, i64, u64),
    content: Option<String>,
}

impl Seen {
    fn of(path: &Path, data: &Metadata) -> io::Result<Self> {
        Ok(Self {
            size: data.len(),
            stamp: stamp(data),
            content: content(path, data)?,
        })
    }

    /// Returns whether a file still has the same content.
    fn is(&self, path: &Path, data: &Metadata) -> bool {
        if self.size != data.len() {
            return false;
        }
        if self.stamp == stamp(data) {
            return true;
        }
        match (&self.content, content(path, data)) {
            (Some(before), Ok(Some(now))) => *before == now,
            _ => false,
        }
    }
}

fn stamp(data: &Metadata) -> (i64, i64, u64) {
    let nanoseconds =
        |seconds: i64, rest: i64| seconds.saturating_mul(1_000_000_000).saturating_add(rest);
    (
        nanoseconds(data.mtime(), data.mtime_nsec()),
        nanoseconds(data.ctime(), data.ctime_nsec()),
        data.ino(),
    )
}

fn content(path: &Path, data: &Metadata) -> io::Result<Option<String>> {
    if !data.is_file() || data.len() > LARGEST {
        return Ok(None);
    }
    let bytes = foreign::bytes(path, LARGEST)?;
    Ok(Some(Digest::of(&bytes).to_string()))
}

/// Returns whether a component was built from the sources as they are now. Where that was not
/// written down, as of another tool's builds, no source may be newer. It is `false` if a
/// source cannot be read: then the build decides.
pub(super) fn is_up_to_date(project: &Path, sources: &Sources, component: &Path) -> bool {
    if unfinished::mark(component).exists() {
        return false;
    }
    match BuiltFrom::read(component) {
        Some(built) => built.is_of(project, sources, component).unwrap_or(false),
        None => sources.are_older_than(component),
    }
}

/// The record of a build, beside the component.
#[derive(Debug, Serialize, Deserialize)]
struct BuiltFrom {
    version: u32,
    component: Seen,
    /// By their paths, those in the project from there.
    sources: BTreeMap<PathBuf, Seen>,
    /// Those that changed while it was built.
    changed: BTreeSet<PathBuf>,
}

impl BuiltFrom {
    /// Returns the record of a component, unless there is none or the component has been
    /// replaced since.
    fn read(component: &Path) -> Option<Self> {
        let text = foreign::bytes(&place(component), LONGEST).ok()?;
        let record: Self = serde_json::from_slice(&text).ok()?;
        let data = fs::metadata(component).ok()?;
        let is_it = record.version == VERSION && record.component.is(component, &data);
        is_it.then_some(record)
    }

    /// Returns whether the sources are those that the component was built from. `None` if
    /// one of them cannot be read: then the build decides.
    fn is_of(&self, project: &Path, sources: &Sources, component: &Path) -> Option<bool> {
        let files = sources.files(component)?;
        let same = files.iter().all(|(path, data)| {
            let before = self.sources.get(inside(project, path));
            before.is_some_and(|before| before.is(path, data))
        });
        let mut recorded = self.sources.keys().map(|path| project.join(path));
        Some(
            same && recorded
                .all(|path| files.contains_key(&path) || !sources.cover(&path, component)),
        )
    }
}

/// Returns whether a tool that compares times would miss a change: a source has another
/// content than it was built from, and is not newer than the component.
pub(super) fn hides_a_change(project: &Path, sources: &Sources, component: &Path) -> bool {
    let built = fs::metadata(component).and_then(|data| data.modified());
    let (Some(record), Ok(built)) = (BuiltFrom::read(component), built) else {
        return false;
    };
    let Some(files) = sources.files(component) else {
        return false;
    };
    record.sources.iter().any(|(path, before)| {
        let path = project.join(path);
        match files.get(&path) {
            Some(data) => {
                let is_older = data.modified().is_ok_and(|changed| changed <= built);
                is_older && !before.is(&path, data)
            }
            None => sources.cover(&path, component),
        }
    })
}

/// A build that has begun.
pub(super) struct Beginning<'a> {
    project: &'a Path,
    component: PathBuf,
    sources: &'a Sources,
    before: Option<BTreeMap<PathBuf, Seen>>,
    /// What the build before this one changed.
    suspects: BTreeSet<PathBuf>,
}

impl<'a> Beginning<'a> {
    /// Looks at the sources before they are built.
    pub(super) fn of(project: &'a Path, sources: &'a Sources, component: &Path) -> Self {
        Self {
            project,
            component: component.to_owned(),
            sources,
            before: seen(project, sources, component),
            suspects: BuiltFrom::read(component).map_or_else(BTreeSet::new, |last| last.changed),
        }
    }

    /// The same, whose component the tool has named.
    pub(super) fn at(mut self, component: &Path) -> Self {
        component.clone_into(&mut self.component);
        self
    }

    /// Writes down what the component was built from. Without that, times decide.
    pub(super) fn end(self) {
        let component = self.component.clone();
        if let Err(error) = self.record() {
            let component = component.display();
            tracing::debug!("what {component} was built from is not kept: {error}");
        }
    }

    fn record(self) -> io::Result<()> {
        let unreadable = || io::Error::other("a source cannot be read");
        let mut sources = self.before.ok_or_else(unreadable)?;
        let after = seen(self.project, self.sources, &self.component).ok_or_else(unreadable)?;
        let differs = |path: &&PathBuf| {
            let content = |seen: &BTreeMap<PathBuf, Seen>| {
                seen.get(*path)
                    .map(|seen| (seen.size, seen.content.clone()))
            };
            content(&sources) != content(&after)
        };
        let paths: BTreeSet<&PathBuf> = sources.keys().chain(after.keys()).collect();
        let changed: BTreeSet<PathBuf> = paths.into_iter().filter(differs).cloned().collect();
        let is_lock = |path: &&PathBuf| LOCKS.iter().any(|lock| path.ends_with(lock));
        let made = changed.intersection(&self.suspects);
        for made in made.chain(changed.iter().filter(is_lock)) {
            match after.get(made) {
                Some(now) => sources.insert(made.clone(), now.clone()),
                None => sources.remove(made),
            };
        }
        let data = fs::metadata(&self.component)?;
        let record = BuiltFrom {
            version: VERSION,
            component: Seen::of(&self.component, &data)?,
            sources,
            changed,
        };
        let text = serde_json::to_vec(&record)?;
        whole_file::write(&place(&self.component), text.as_slice())
    }
}

/// Returns the sources as they are now; `None` if one cannot be read.
fn seen(project: &Path, sources: &Sources, component: &Path) -> Option<BTreeMap<PathBuf, Seen>> {
    let files = sources.files(component)?;
    let seen = files.into_iter().map(|(path, data)| {
        let seen = Seen::of(&path, &data).ok()?;
        Some((inside(project, &path).to_owned(), seen))
    });
    seen.collect()
}

fn inside<'a>(project: &Path, path: &'a Path) -> &'a Path {
    path.strip_prefix(project).unwrap_or(path)
}

/// Returns where the record of a component is.
fn place(component: &Path) -> PathBuf {
    let mut name = component.as_os_str().to_owned();
    name.push(".sources.json");
    name.into()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;

    struct Project {
        folder: tempfile::TempDir,
        sources: Sources,
    }

    impl Project {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let sources = Sources::of(folder.path());
            let project = Self { folder, sources };
            project.write("src/app.py", "one");
            project.write("src/other.py", "other");
            project
        }

        fn root(&self) -> &Path {
            self.folder.path()
        }

        fn component(&self) -> PathBuf {
            self.root().join("dist/capsule.wasm")
        }

        fn write(&self, path: &str, text: &str) {
            let path = self.root().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }

        /// Builds, and does something in the meantime.
        fn build(&self, meanwhile: impl FnOnce(&Self)) {
            let component = self.component();
            let begun = Beginning::of(self.root(), &self.sources, &component);
            meanwhile(self);
            self.write("dist/capsule.wasm", "component");
            begun.end();
        }

        fn is_fresh(&self) -> bool {
            is_up_to_date(self.root(), &self.sources, &self.component())
        }
    }

    #[test]
    fn it_is_fresh_as_long_as_the_content_is_the_same() {
        let project = Project::new();
        assert!(!project.is_fresh(), "nothing is built");
        project.build(|_| ());
        assert!(project.is_fresh());
        project.write("src/app.py", "one");
        assert!(project.is_fresh(), "saved without a change");
        assert!(!hides_a_change(
            project.root(),
            &project.sources,
            &project.component()
        ));
        project.write("src/app.py", "two");
        assert!(!project.is_fresh(), "changed");
        assert!(!hides_a_change(
            project.root(),
            &project.sources,
            &project.component()
        ));
    }

    #[test]
    fn a_source_that_is_saved_meanwhile_older_or_gone_makes_it_stale() {
        let project = Project::new();
        project.build(|project| project.write("src/app.py", "two"));
        assert!(!project.is_fresh(), "saved while it was built");
        project.build(|_| ());
        assert!(project.is_fresh());

        project.write("src/app.py", "old");
        let file = fs::File::options()
            .write(true)
            .open(project.root().join("src/app.py"))
            .unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(10_000))
            .unwrap();
        assert!(!project.is_fresh(), "an older one in its place");
        assert!(hides_a_change(
            project.root(),
            &project.sources,
            &project.component()
        ));
        project.build(|_| ());

        fs::remove_file(project.root().join("src/other.py")).unwrap();
        assert!(!project.is_fresh(), "deleted");
        project.build(|_| ());
        project.write("src/dist/made.py", "new");
        assert!(!project.is_fresh(), "a folder of this name below src");
        project.build(|_| ());
        assert!(project.is_fresh());
    }

    #[test]
    fn what_a_build_writes_beside_its_sources_ends_after_the_second() {
        let project = Project::new();
        for build in 0..3 {
            assert_eq!(project.is_fresh(), build == 2, "{build}");
            let number = build.to_string();
            project.build(|project| project.write("src/made.py", &number));
        }
        assert!(project.is_fresh());
        project.write("src/made.py", "the author's");
        assert!(!project.is_fresh(), "changed by the author");
    }

    #[test]
    fn a_lock_file_that_the_build_writes_is_not_a_change() {
        let project = Project::new();
        project.build(|project| project.write("package-lock.json", "{}"));
        assert!(project.is_fresh());
    }

    #[test]
    fn another_component_is_judged_by_times() {
        let project = Project::new();
        project.build(|_| ());
        project.write("dist/capsule.wasm", "another");
        assert!(project.is_fresh(), "newer than all sources");
    }
}
