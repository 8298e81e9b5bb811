//! What a command names, looked for in each folder that it may work in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::Surveyor;
use super::work_trees::Places;
use crate::sandbox::git::arrange::Kind;
use crate::sandbox::git::names::{self, Command};
use crate::sandbox::git::pieces::Hold;

/// How many paths are looked at in the folders that one command names.
const TRIED_MAX: usize = 4096;
/// How often a command changes from a folder that is not there into another.
const ABSENT_MAX: usize = 2;

impl Surveyor<'_> {
    /// Keeps what a command names as it is, seen from each of these places and from each
    /// folder that it names itself. Without places, only what is the same from everywhere.
    pub(super) fn command(&mut self, command: &Command, places: &Places) {
        let tops = || places.tops.iter().chain(&places.directories);
        let tops: Vec<PathBuf> = tops().map(|top| names::plain(top)).collect();
        // Each with how many before it are not there.
        let mut folders: Vec<(PathBuf, usize)> = match tops.is_empty() {
            true => vec![(PathBuf::from("/"), 0)],
            false => tops.iter().map(|top| (top.clone(), 0)).collect(),
        };
        let mut seen: BTreeSet<PathBuf> = tops.iter().cloned().collect();
        let (mut at, mut tried) = (0, 0);
        while let Some((folder, absent)) = folders.get(at).cloned() {
            let is_top = at < tops.len();
            let is_anywhere = at == 0 && tops.is_empty();
            at += 1;
            for (path, hold) in &command.paths {
                let is_seen_here = !is_anywhere && (absent == 0 || path.starts_with(".."));
                if path.is_relative() && !is_seen_here {
                    continue;
                }
                if is_top && *hold == Hold::Always && path == Path::new(".") {
                    self.keep(&folder, Some(Kind::EmptyDirectory));
                }
                let path = folder.join(path);
                let plain = names::plain(&path);
                if !seen.insert(plain.clone()) {
                    continue;
                }
                tried += usize::from(!is_top);
                if tried > TRIED_MAX || !self.goes_on() {
                    let because = format!("{} of git's configuration names too much", command.key);
                    self.found.whole = Some(because);
                    return;
                }
                let is_folder = path.is_dir();
                if is_folder && *hold == Hold::File {
                    continue;
                }
                if is_folder {
                    let within = |top: &PathBuf| plain != *top && plain.starts_with(top);
                    let around = |top: &PathBuf| top.starts_with(&plain);
                    let is_below = tops.iter().any(within);
                    if is_below && self.real.starts_with(&plain) {
                        let because = format!("{} of git's configuration works in it", command.key);
                        self.found.whole = Some(because);
                    } else if !tops.iter().any(around) {
                        self.programs(&path);
                    }
                    // Where a link leads, `..` is another.
                    let real = path.canonicalize().ok();
                    let other = real.filter(|real| seen.insert(real.clone()));
                    folders.extend(other.map(|real| (real, 0)));
                } else if *hold == Hold::Always {
                    self.keep(&path, Some(Kind::EmptyDirectory));
                } else if path.exists() {
                    self.keep(&path, None);
                }
                if is_folder {
                    folders.push((plain, 0));
                } else if *hold == Hold::Always && absent < ABSENT_MAX {
                    folders.push((plain, absent + 1));
                }
            }
        }
        let concerned = || places.unknown || places.tops.iter().any(|top| self.concerns(top));
        let Some(because) = command.open else {
            return;
        };
        if concerned() {
            let because = format!("{} of git's configuration {because}", command.key);
            self.found.whole = Some(because);
        }
    }
}
