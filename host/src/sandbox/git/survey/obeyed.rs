//! What git obeys of one repository: its configuration, with the paths that it
//! names, and the submodules of its index.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::Surveyor;
use crate::sandbox::git::arrange::Kind;
use crate::sandbox::git::config::{self, Entry};
use crate::sandbox::git::index;
use crate::sandbox::git::names::{self, Named};
use crate::sandbox::git::repository::{self, DotGit, Repository};

/// How many files of configuration are read.
const CONFIGS_MAX: usize = 256;
/// How deep files of configuration include others, as with git.
const INCLUDES_MAX: usize = 10;

impl Surveyor<'_> {
    /// All that git would obey of one repository.
    pub(super) fn look_into(&mut self, repository: Repository) {
        if !self.seen.insert(repository.git_dir.clone()) {
            return;
        }
        for directory in [&repository.git_dir, &repository.common_dir] {
            for inside in self.inside(directory) {
                if !inside.as_os_str().is_empty() {
                    self.mark(inside, Kind::ReadOnly);
                }
            }
        }
        self.other_worktrees(&repository);
        let mut entries = Vec::new();
        for file in [
            repository.common_dir.join("config"),
            repository.common_dir.join("config.worktree"),
            repository.git_dir.join("config.worktree"),
        ] {
            self.read_config(&file, 0, &mut entries);
        }
        let mut tops: Vec<PathBuf> = repository.top.iter().cloned().collect();
        for entry in &entries {
            for named in names::named(entry, self.home()) {
                if let Named::WorkTree(path) = named {
                    tops.push(names::plain(&repository.git_dir.join(path)));
                }
            }
        }
        if tops.is_empty() {
            tops.push(repository.git_dir.clone());
        }
        self.obey(&entries, &tops);
        self.obey_user(&tops);
        let sha256 = entries.iter().any(|entry| {
            entry.section == "extensions"
                && entry.key == "objectformat"
                && entry.value.eq_ignore_ascii_case(b"sha256")
        });
        self.submodules(&repository.git_dir, &tops, if sha256 { 32 } else { 20 });
    }

    /// What a repository in the workspace knows of its work trees elsewhere,
    /// which seem to be gone to whoever does not see them.
    fn other_worktrees(&mut self, repository: &Repository) {
        let Ok(entries) = fs::read_dir(repository.common_dir.join("worktrees")) else {
            return;
        };
        for entry in entries.flatten() {
            for inside in self.inside(&entry.path()) {
                self.found.worktrees.insert(inside, Kind::ReadOnly);
            }
        }
    }

    /// The entries of a file and of those that it includes, which are kept as
    /// they are where they lie in the workspace.
    fn read_config(&mut self, file: &Path, depth: usize, entries: &mut Vec<Entry>) {
        if depth > INCLUDES_MAX || self.configs.len() >= CONFIGS_MAX {
            return;
        }
        let read = match self.configs.get(file) {
            Some(read) => read.clone(),
            None => {
                let text = repository::config(file).unwrap_or_default();
                let read = config::entries(&text);
                self.configs.insert(file.into(), read.clone());
                read
            }
        };
        for entry in read {
            for named in names::named(&entry, self.home()) {
                if let Named::Include(path) = named {
                    let beside = file.parent().unwrap_or(Path::new("/"));
                    let path = beside.join(path);
                    for inside in self.inside(&path) {
                        self.mark_named(&inside, Some(Kind::EmptyFile));
                    }
                    self.read_config(&path, depth + 1, entries);
                }
            }
            entries.push(entry);
        }
    }

    pub(super) fn obey_user(&mut self, tops: &[PathBuf]) {
        let mut entries = Vec::new();
        for file in &self.settings.config {
            self.read_config(file, 0, &mut entries);
        }
        self.obey(&entries, tops);
    }

    /// Keeps the paths that entries name as they are.
    fn obey(&mut self, entries: &[Entry], tops: &[PathBuf]) {
        let home = self.home();
        for named in entries.iter().flat_map(|entry| names::named(entry, home)) {
            let (path, absent) = match named {
                Named::Programs(path) => (path, Some(Kind::EmptyDirectory)),
                Named::Word { path, runs: true } => (path, Some(Kind::EmptyDirectory)),
                Named::Word { path, runs: false } => (path, None),
                // Read before, or not a path of the work tree.
                Named::Include(_) | Named::WorkTree(_) => continue,
            };
            for top in tops {
                for inside in self.inside(&top.join(&path)) {
                    if !inside.as_os_str().is_empty() {
                        self.mark_named(&inside, absent);
                    } else if absent.is_some() {
                        self.found.whole = Some("git's configuration has programs run from it");
                    }
                }
            }
        }
    }

    /// Keeps folders of submodules without a repository from getting one.
    fn submodules(&mut self, git_dir: &Path, tops: &[PathBuf], hash: usize) {
        let mut files = vec![git_dir.join("index")];
        while let Some(file) = files.pop() {
            let Some(bytes) = repository::read(&file, repository::INDEX_MAX) else {
                continue;
            };
            let Ok(links) = index::links(&bytes, hash) else {
                // Git, too, makes nothing of it.
                continue;
            };
            let shared = links.shared.map(|name| git_dir.join(name));
            files.extend(shared.filter(|shared| *shared != file && files.is_empty()));
            for folder in &links.folders {
                for top in tops {
                    let path = top.join(OsStr::from_bytes(folder));
                    for inside in self.inside(&path) {
                        self.submodule(&inside);
                    }
                }
            }
        }
    }

    pub(super) fn submodule(&mut self, folder: &Path) {
        let real = self.real.join(folder);
        if folder.as_os_str().is_empty() {
            return;
        }
        match fs::symlink_metadata(&real) {
            Ok(metadata) if metadata.is_dir() && !repository::is_empty(&real) => {
                let found = repository::dot_git(&real);
                self.dot_git(folder, &found);
                if let DotGit::Repository(repository) = found {
                    self.look_into(repository);
                }
            }
            _ => self.mark_named(folder, Some(Kind::EmptyDirectory)),
        }
    }
}
