//! What git obeys of one repository: its configuration, with the paths that it
//! names, and the submodules of its index.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::work_trees::{self, Places};
use super::{Depth, Surveyor};
use crate::sandbox::git::arrange::Kind;
use crate::sandbox::git::config::{self, Entry};
use crate::sandbox::git::names::{self, Command, Named};
use crate::sandbox::git::remotes;
use crate::sandbox::git::repository::{self, DotGit, Repository};

/// How many files of configuration are read.
const CONFIGS_MAX: usize = 1024;
/// Why nothing may be written where a command starts wherever its user is.
const RELATIVE: &str = "is seen from wherever the user is, as there is no repository";
/// How many bytes of them are read.
const CONFIG_BYTES_MAX: usize = 4 << 20;

impl Surveyor<'_> {
    /// All that git would obey of one repository, in all its work trees, and of those
    /// that it leads to.
    pub(super) fn look_into(&mut self, repository: Repository) {
        // One after the other: a chain of them may be long.
        self.waiting.push(repository);
        if std::mem::replace(&mut self.looking, true) {
            return;
        }
        while let Some(next) = self.waiting.pop() {
            self.look_into_one(next);
        }
        self.looking = false;
    }

    fn look_into_one(&mut self, repository: Repository) {
        let common_dir = repository.common_dir.clone();
        let mut trees = vec![repository];
        if self.shared.insert(common_dir.clone()) {
            let all = self.work_trees(&common_dir);
            self.other_worktrees(&all);
            if self.depth == Depth::Repositories {
                self.linked_trees(&all);
            }
            trees.extend(all);
        }
        let first = trees[0].clone();
        trees.retain(|tree| self.seen.insert((tree.git_dir.clone(), tree.top.clone())));
        if trees.is_empty() {
            return;
        }
        self.directory(&common_dir);
        let mut shared = Vec::new();
        let file = common_dir.join("config");
        self.read_config(&file, &mut BTreeSet::new(), &mut shared);
        shared.extend(self.old_remotes(&common_dir));
        let sha256 = shared.iter().any(|entry| {
            entry.section == "extensions"
                && entry.key == "objectformat"
                && entry.value.eq_ignore_ascii_case(b"sha256")
        });
        let mut places = Places::default();
        let mut main = trees.iter().all(Repository::is_linked) || work_trees::is_bare(&shared);
        for tree in &trees {
            self.directory(&tree.git_dir);
            let mut own = Vec::new();
            let file = tree.git_dir.join("config.worktree");
            self.read_config(&file, &mut BTreeSet::new(), &mut own);
            let settings = match tree.is_linked() {
                true => self.work_tree_of(&own),
                false => self.work_tree_of(&[&shared[..], &own].concat()),
            };
            let of_tree = Places::of_tree(tree, &settings);
            if !own.is_empty() {
                self.obey(&own, &of_tree);
                self.remotes(&[&shared[..], &own].concat(), &of_tree);
            }
            let tops = &of_tree.tops;
            if self.depth == Depth::Repositories
                && (*tree == first || tops.iter().any(|top| self.concerns(top)))
            {
                let hash = if sha256 { 32 } else { 20 };
                let below = self.submodules(&tree.git_dir, tops, hash);
                self.obey_each([&shared[..], &own].concat(), below);
            }
            main |= !tree.is_linked() && !of_tree.unknown;
            places.extend(&of_tree);
        }
        // That of a submodule is in the repository that has it.
        places.unknown = first.is_linked() && !main;
        self.obey(&shared, &places);
        self.obey_user(&places);
        self.remotes(&shared, &places);
    }

    fn work_tree_of(&self, entries: &[Entry]) -> Vec<Named> {
        let core = |entry: &&Entry| entry.section == "core" && entry.key == "worktree";
        let entries = entries.iter().filter(core);
        entries.flat_map(|entry| self.named(entry)).collect()
    }

    /// The entries of a file and of those that it includes, which are kept as
    /// they are where they lie in the workspace. Each is read once.
    fn read_config(&mut self, file: &Path, read: &mut BTreeSet<PathBuf>, all: &mut Vec<Entry>) {
        let mut files = vec![file.to_path_buf()];
        while let Some(file) = files.pop() {
            let Ok(real) = file.canonicalize() else {
                continue;
            };
            if !self.goes_on() || !read.insert(real.clone()) {
                continue;
            }
            self.has_names(&real);
            let Some(entries) = self.config(&real) else {
                continue;
            };
            let folder = file.parent().unwrap_or(Path::new("/"));
            files.extend(self.included(&entries, folder));
            all.extend(entries.iter().cloned());
        }
    }

    /// The files that entries include, or commands in them, relative to a folder, which are
    /// kept as they are.
    fn included(&mut self, entries: &[Entry], folder: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let includes = |entry: &&Entry| {
            let has = |text: &[u8]| {
                text.to_ascii_lowercase()
                    .windows(7)
                    .any(|it| it == b"include")
            };
            has(entry.section.as_bytes()) || has(&entry.value)
        };
        for entry in entries.iter().filter(includes) {
            for named in self.named(entry) {
                if let Named::Include(path) = named {
                    let path = folder.join(path);
                    self.keep(&path, Some(Kind::EmptyFile));
                    files.push(path);
                }
            }
        }
        files
    }

    /// The entries of one file; `None` where they are not known.
    fn config(&mut self, file: &Path) -> Option<Rc<Vec<Entry>>> {
        if let Some(entries) = self.configs.get(file) {
            return Some(Rc::clone(entries));
        }
        if self.configs.len() >= CONFIGS_MAX {
            self.found.whole = Some("it has too many files of git's configuration".into());
            return None;
        }
        let text = match repository::config(file) {
            Ok(text) => text,
            Err(error) => {
                let because = format!(
                    "git's configuration {} is not read: {error}",
                    file.display()
                );
                self.found.whole = Some(because);
                return None;
            }
        };
        self.config_bytes += text.len();
        if self.config_bytes > CONFIG_BYTES_MAX {
            self.found.whole = Some("its files of git's configuration are too large".into());
            return None;
        }
        let entries = Rc::new(config::entries(&text));
        self.configs.insert(file.into(), Rc::clone(&entries));
        Some(entries)
    }

    pub(super) fn obey_user(&mut self, places: &Places) {
        let entries = self.user_entries();
        self.obey(&entries, places);
    }

    /// Keeps the paths that the user's configuration names whatever repository git
    /// works in.
    pub(super) fn obey_user_anywhere(&mut self) {
        for entry in self.user_entries().iter() {
            let named = self.named(entry);
            for named in named.iter().filter(|named| named.is_absolute()) {
                match named {
                    Named::Command(command) => self.command(command, &Places::default()),
                    named => self.obey_named(named, Path::new("/")),
                }
            }
        }
        self.obey_user_wherever();
    }

    /// Without a repository, the user's commands start wherever the user is, which may be
    /// any folder below: those that execute something which is seen from there, or that are
    /// not understood, leave nothing to be written.
    pub(super) fn obey_user_wherever(&mut self) {
        if self.in_repository {
            return;
        }
        for entry in self.user_entries().iter() {
            for named in self.named(entry) {
                let (key, because) = match &named {
                    Named::Command(Command {
                        key,
                        open: Some(because),
                        ..
                    }) => (&key[..], *because),
                    Named::Command(Command {
                        key,
                        relative: true,
                        ..
                    }) => (&key[..], RELATIVE),
                    Named::Programs(path) if path.is_relative() => {
                        ("a folder of programs", RELATIVE)
                    }
                    _ => continue,
                };
                self.found.whole = Some(format!("{key} of git's configuration {because}"));
            }
        }
    }

    fn user_entries(&mut self) -> Rc<Vec<Entry>> {
        match &self.user {
            Some(entries) => Rc::clone(entries),
            None => {
                let (mut read, mut entries) = (BTreeSet::new(), Vec::new());
                for user in self.users {
                    for file in &user.config {
                        self.read_config(file, &mut read, &mut entries);
                    }
                    let values = user.values.iter();
                    let values = values.filter_map(|(key, value)| Entry::of(key, value));
                    let values: Vec<Entry> = values.collect();
                    // Git refuses relative ones that no file names.
                    for file in self.included(&values, Path::new("/")) {
                        self.read_config(&file, &mut read, &mut entries);
                    }
                    entries.extend(values);
                }
                let entries = Rc::new(entries);
                self.user = Some(Rc::clone(&entries));
                entries
            }
        }
    }

    /// Keeps what urls lead to that only the whole configuration makes.
    fn remotes(&mut self, entries: &[Entry], places: &Places) {
        let mut all = entries.to_vec();
        all.extend(self.user_entries().iter().cloned());
        for url in remotes::derived(&all) {
            let homes = self.homes.iter();
            let named: BTreeSet<Named> = homes
                .flat_map(|homes| names::remote(&url, *homes))
                .collect();
            for named in &named {
                self.obey_anywhere(named, places);
            }
        }
    }

    /// The remotes of the folders that were there before git's configuration.
    fn old_remotes(&mut self, common_dir: &Path) -> Vec<Entry> {
        let mut entries = Vec::new();
        for folder in ["branches", "remotes"] {
            for file in fs::read_dir(common_dir.join(folder)).into_iter().flatten() {
                let Ok(file) = file else { continue };
                if !self.goes_on() {
                    return entries;
                }
                if let Some(text) = repository::old_remote(&file.path()) {
                    entries.extend(remotes::old(&file.file_name().to_string_lossy(), &text));
                }
            }
        }
        entries
    }

    /// Keeps the paths that entries name as they are.
    fn obey(&mut self, entries: &[Entry], places: &Places) {
        for entry in entries {
            if !self.goes_on() {
                return;
            }
            for named in self.named(entry) {
                self.obey_anywhere(&named, places);
            }
        }
    }

    fn obey_anywhere(&mut self, named: &Named, places: &Places) {
        if places.is_lost(named) {
            let because = "git's configuration names a path from a main work tree that is not \
                           known: set core.worktree in it";
            self.found.whole = Some(because.into());
        }
        if let Named::Command(command) = named {
            return self.command(command, places);
        }
        for place in places.for_name(named) {
            self.obey_named(named, place);
        }
    }

    fn obey_named(&mut self, named: &Named, top: &Path) {
        match named {
            Named::Programs(path) => {
                self.programs(&top.join(path));
                // Husky's hooks run those of the same name beside their folder.
                if let Some(beside) = path.parent().filter(|_| path.ends_with("_"))
                    && !beside.as_os_str().is_empty()
                {
                    self.programs(&top.join(beside));
                }
            }
            Named::Repository(path) if self.depth == Depth::Repositories => {
                self.remote(&top.join(path));
            }
            Named::TooMuch => {
                let because = "git's configuration has a command that names too much";
                self.found.whole = Some(because.into());
            }
            Named::Unknown(path) => {
                let because =
                    format!("git's configuration names {path}, and that home is not known");
                self.found.whole = Some(because);
            }
            // Read before, not a path of the work tree, or not asked for.
            Named::Include(_) | Named::WorkTree(_) | Named::Repository(_) | Named::Command(_) => {}
        }
    }

    /// Keeps what a command names that is run in each of these submodules.
    fn obey_each(&mut self, mut entries: Vec<Entry>, tops: Vec<PathBuf>) {
        if tops.is_empty() {
            return;
        }
        entries.extend(self.user_entries().iter().cloned());
        let each = b"foreach";
        entries.retain(|entry| entry.value.windows(each.len()).any(|part| part == each));
        let places = Places {
            tops,
            ..Places::default()
        };
        self.obey(&entries, &places);
    }

    /// Keeps what a remote leads to: git runs the hooks there when it pushes.
    fn remote(&mut self, path: &Path) {
        // As git does, without slashes at its end.
        let path: PathBuf = path.components().collect();
        let mut paths = vec![path.clone()];
        if Repository::of(path.clone(), None).is_none()
            && !matches!(repository::dot_git(&path), DotGit::Repository(_))
        {
            // Git takes this, too.
            let mut name = path.as_os_str().to_owned();
            name.push(".git");
            paths.push(name.into());
        }
        for path in paths {
            for inside in self.inside(&path) {
                self.submodule(&inside);
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
