//! What a command may execute that computes where: each folder that a word of it
//! names stays as it is as a whole.

use std::path::{Path, PathBuf};

use super::Surveyor;
use super::work_trees::Places;
use crate::sandbox::git::arrange::Kind;
use crate::sandbox::git::names::{self, Computed};

/// How many paths are looked at in the folders of one command.
const TRIED_MAX: usize = 4096;

impl Surveyor<'_> {
    /// Keeps the folders that a command names, from each of these places.
    pub(super) fn computed(&mut self, computed: &Computed, places: &Places) {
        let mut folders: Vec<PathBuf> = Vec::new();
        let mut concerned = places.unknown;
        for top in &places.tops {
            concerned |= self.concerns(top);
            let plain = names::plain(top);
            for folder in &computed.folders {
                if !self.goes_on() {
                    return;
                }
                let path = top.join(folder);
                let below = names::plain(&path);
                if below != plain && below.starts_with(&plain) && path.is_dir() {
                    folders.push(path);
                }
            }
        }
        if computed.lost && folders.is_empty() && concerned {
            let because = "git's configuration has a command that changes into a folder that \
                           nothing names";
            self.found.whole = Some(because.into());
        }
        if folders.len() * computed.paths.len() > TRIED_MAX {
            let because = "git's configuration has a command that names too much";
            self.found.whole = Some(because.into());
            return;
        }
        for folder in folders {
            if self.real.starts_with(names::plain(&folder)) {
                let because = "git's configuration has a command that works in it";
                self.found.whole = Some(because.into());
            }
            self.within(&folder, computed);
        }
    }

    /// The same of those that are so wherever git works.
    pub(super) fn absolute(&mut self, computed: &Computed) {
        for folder in computed.folders.iter().filter(|path| path.is_absolute()) {
            if folder.is_dir() && !self.inside(folder).is_empty() {
                self.within(folder, computed);
            }
        }
    }

    fn within(&mut self, folder: &Path, computed: &Computed) {
        self.programs(folder);
        for path in &computed.paths {
            self.keep(&folder.join(path), Some(Kind::EmptyDirectory));
        }
    }
}
