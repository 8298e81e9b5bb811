//! Waits for changes in capsules' folders.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify_debouncer_full::notify::{Config, RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{
    DebounceEventResult, DebouncedEvent, Debouncer, RecommendedCache, new_debouncer_opt,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use self::folders::{Identity, identity, is_source, of_sources};
use crate::failure::{Code, Done, Failure};

mod folders;
mod limits;

/// How long a folder has to be quiet before a change is reported: an editor writes a file
/// in several steps.
const QUIET: Duration = Duration::from_millis(200);

/// How often to look whether another folder has the name of a watched one: no event tells that
/// of every folder above it.
const LOOK: Duration = Duration::from_millis(500);

/// Folders that are watched.
pub(crate) struct Watch {
    changes: UnboundedReceiver<PathBuf>,
    folders: Vec<Watched>,
}

/// A name, and the folder that has it.
struct Watched {
    named: PathBuf,
    sender: UnboundedSender<PathBuf>,
    /// `None` while no folder has the name.
    now: Option<Tree>,
}

/// A folder and those below it that hold sources. Each is watched by itself, so that none is
/// that is not needed.
struct Tree {
    identity: Identity,
    /// Without links, as events name the files in it.
    root: PathBuf,
    watched: BTreeMap<PathBuf, Identity>,
    debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
}

impl Watch {
    /// Watches folders and everything below them, except generated and hidden files, and folders
    /// that links lead to. Those of `src` and `wit` are followed.
    ///
    /// # Errors
    ///
    /// A folder cannot be read, or the system watches no more of them.
    pub(crate) fn of<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Done<Self> {
        let (sender, changes) = unbounded_channel();
        let folders = folders.into_iter().map(|folder| {
            Ok(Watched {
                named: folder.to_owned(),
                sender: sender.clone(),
                now: Some(Tree::new(folder, sender.clone())?),
            })
        });
        Ok(Self {
            folders: folders.collect::<Done<_>>()?,
            changes,
        })
    }

    /// Waits for a change, and returns the folders that it is in, by the names that were
    /// given. Changes in the meantime count as one.
    ///
    /// # Errors
    ///
    /// What is new cannot be watched.
    pub(crate) async fn changed(&mut self) -> Done<BTreeSet<PathBuf>> {
        loop {
            let first = tokio::select! {
                first = self.changes.recv() => first,
                () = tokio::time::sleep(LOOK) => None,
            };
            let mut changed: BTreeSet<PathBuf> = first.into_iter().collect();
            changed.extend(std::iter::from_fn(|| self.changes.try_recv().ok()));
            // Before anything is read of them, so that no change falls between the two.
            for folder in &mut self.folders {
                if folder.follow(changed.contains(&folder.named))? {
                    changed.insert(folder.named.clone());
                }
            }
            if !changed.is_empty() {
                return Ok(changed);
            }
        }
    }
}

impl Watched {
    /// Watches what is there now, and returns whether that is another folder.
    fn follow(&mut self, is_changed: bool) -> Done<bool> {
        let now = identity(&self.named);
        if now == self.now.as_ref().map(|tree| tree.identity) {
            if let Some(tree) = self.now.as_mut().filter(|_| is_changed) {
                tree.update(&self.named)?;
            }
            return Ok(false);
        }
        self.now = None;
        if now.is_some() {
            let tree = Tree::new(&self.named, self.sender.clone());
            match tree {
                Ok(tree) => self.now = Some(tree),
                // It went away again.
                Err(_) if identity(&self.named).is_none() => {}
                Err(failure) => return Err(failure),
            }
        }
        Ok(true)
    }
}

impl Tree {
    fn new(named: &Path, sender: UnboundedSender<PathBuf>) -> Done<Self> {
        let failed = |error| limits::failure(named, &error);
        let unread = |error: &dyn std::fmt::Display| {
            Failure::new(Code::Machine, limits::unwatched(named, error))
        };
        let root = named.canonicalize().map_err(|error| unread(&error))?;
        let (below, told) = (root.clone(), named.to_owned());
        let events = move |events: DebounceEventResult| {
            let changed = match events {
                Ok(events) => events.iter().any(|event| is_change(event, &below)),
                // Some events were lost: whatever they were, one build covers them.
                Err(_) => true,
            };
            if changed {
                // Nobody listens when the program ends.
                let _ = sender.send(told.clone());
            }
        };
        let (cache, plain) = (RecommendedCache::new(), Config::default());
        let plain = plain.with_follow_symlinks(false);
        let mut tree = Self {
            identity: identity(&root).ok_or_else(|| unread(&"it is gone"))?,
            root,
            watched: BTreeMap::new(),
            debouncer: new_debouncer_opt(QUIET, None, events, cache, plain).map_err(failed)?,
        };
        tree.update(named)?;
        Ok(tree)
    }

    /// Watches the folders that are there now.
    fn update(&mut self, named: &Path) -> Done {
        let now = of_sources(&self.root);
        let gone: Vec<PathBuf> = (self.watched.iter())
            .filter(|(path, was)| now.get(*path) != Some(*was))
            .map(|(path, _)| path.clone())
            .collect();
        for path in gone {
            self.watched.remove(&path);
            // The kernel has dropped that of a removed folder already.
            let _ = self.debouncer.unwatch(&path);
        }
        for (path, identity) in now {
            if self.watched.contains_key(&path) {
                continue;
            }
            match self.debouncer.watch(&path, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.watched.insert(path, identity);
                }
                // One below that the user may not read holds nothing that is built.
                Err(error) if path != self.root && limits::is_of_folder(&error) => {}
                Err(error) => return Err(limits::failure(named, &error)),
            }
        }
        Ok(())
    }
}

fn is_change(event: &DebouncedEvent, root: &Path) -> bool {
    !event.kind.is_access() && event.paths.iter().any(|path| is_source(path, root))
}

#[cfg(test)]
mod tests;
