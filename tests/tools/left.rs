//! The files that a program has left: names, kinds, modes, and what is in them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// The files below a folder, as lines of text by their paths.
#[derive(PartialEq, Eq)]
pub(crate) struct Left(BTreeMap<String, String>);

impl Left {
    /// Looks through a folder, but for what the patterns leave out.
    pub(crate) fn of(folder: &Path, ignore: &[String]) -> Self {
        let mut left = Self(BTreeMap::new());
        left.collect(folder, "", ignore);
        left
    }

    fn collect(&mut self, folder: &Path, below: &str, ignore: &[String]) {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = entry.file_name();
            let path = format!("{below}{}", name.to_string_lossy());
            if ignore.iter().any(|pattern| matches(pattern, &path)) {
                continue;
            }
            let data = entry.metadata().expect("metadata");
            let content = if data.is_symlink() {
                let target = fs::read_link(entry.path()).expect("a link");
                format!("to {}", target.display())
            } else if data.is_file() {
                let bytes = fs::read(entry.path()).expect("a file");
                format!("{} bytes {}", bytes.len(), blake3::hash(&bytes))
            } else {
                String::new()
            };
            self.0
                .insert(path.clone(), format!("{:o} {content}", data.mode()));
            if data.is_dir() {
                self.collect(&entry.path(), &format!("{path}/"), ignore);
            }
        }
    }

    /// What is different in another folder, a line a file.
    pub(crate) fn differences(&self, other: &Self) -> Vec<String> {
        let mut names: Vec<_> = self.0.keys().chain(other.0.keys()).collect();
        names.sort();
        names.dedup();
        let said = |side: Option<&String>| side.map_or("not there", String::as_str).to_owned();
        names
            .into_iter()
            .map(|name| (name, self.0.get(name), other.0.get(name)))
            .filter(|(_, one, two)| one != two)
            .map(|(name, one, two)| format!("{name}: {}, and inside {}", said(one), said(two)))
            .collect()
    }
}

/// The paths below a folder that are not its owner's.
pub(crate) fn of_others(folder: &Path) -> Vec<String> {
    let owner = fs::metadata(folder).expect("metadata").uid();
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let data = entry.metadata().expect("metadata");
            if data.uid() != owner {
                found.push(format!("{}: of {}", entry.path().display(), data.uid()));
            }
            if data.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    found
}

/// Whether a path is what the pattern says: as many names, with `*` for any part of one.
fn matches(pattern: &str, path: &str) -> bool {
    let (patterns, names) = (pattern.split('/'), path.split('/'));
    patterns.clone().count() == names.clone().count()
        && patterns.zip(names).all(|(pattern, name)| {
            pattern
                .split_once('*')
                .map_or(pattern == name, |(start, end)| {
                    name.len() >= start.len() + end.len()
                        && name.starts_with(start)
                        && name.ends_with(end)
                })
        })
}
