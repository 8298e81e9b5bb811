//! Notices repositories that appear while processes may write the workspace.
//!
//! A folder that is there cannot be kept from getting a `.git`, and git enters it
//! once the folder is added to the repository around it. So when a process tree has
//! ended, and nobody waits for it any more, the workspace is looked through, and its
//! user is warned of what was not there before. The next process finds it pinned.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::FileType;
use rustix::io::Errno;

use super::absent::Placeholder;
use super::changed::Changed;
use super::repository::{self, DotGit};
use super::survey::{self, Limits, Survey};
use crate::workspace;

/// Between two looks passes as many times what the last one took, so that no more
/// than a hundredth of the time goes into them.
const PAUSE: u32 = 100;
/// But no less than this.
const PAUSE_MIN: Duration = Duration::from_secs(1);
/// In more folders than these it is not looked.
const FOLDERS_MAX: usize = 100_000;
/// How long the last look is waited for: a file system may never answer.
const LAST: Duration = Duration::from_secs(2);
/// As many repositories are told of one by one.
const TOLD_MAX: usize = 10;

/// What has to stay as long as a sandbox.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Kept {
    pub(super) placeholders: Vec<Placeholder>,
    pub(super) writing: Option<Writing>,
}

/// Held by a sandbox in which the workspace may be written.
#[derive(Debug)]
pub(super) struct Writing {
    known: Arc<Mutex<Known>>,
    ended: Sender<Said>,
}

/// Looks when a sandbox has ended, on a thread of its own; a last time when it is dropped.
#[derive(Debug)]
pub(super) struct Lookout {
    known: Arc<Mutex<Known>>,
    sender: Sender<Said>,
    /// Disconnected when the thread has ended.
    over: Mutex<Receiver<()>>,
}

#[derive(Debug, Default)]
struct Known {
    /// What was there before; `None` where that is not known.
    before: Option<Before>,
    /// How many sandboxes may write.
    live: usize,
    /// One has ended since the last look.
    dirty: bool,
}

#[derive(Debug, Clone)]
struct Before {
    /// The repositories below the top, and folders that cannot be looked into: these
    /// are known, or were told.
    told: BTreeSet<PathBuf>,
    folders: Arc<BTreeMap<PathBuf, Changed>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    Ended,
    Finish,
}

/// What was found.
#[derive(Debug, Default)]
struct Appeared {
    repositories: Vec<PathBuf>,
    /// Folders that cannot be listed, and may be repositories.
    hidden: Vec<PathBuf>,
    /// There was more than is looked at.
    cut: bool,
}

/// What a look needs.
#[derive(Debug)]
struct Look {
    directory: OwnedFd,
    limits: Limits,
    known: Arc<Mutex<Known>>,
}

impl Lookout {
    /// `None` where there can be no thread: then nothing is noticed.
    pub(super) fn begin(directory: &OwnedFd, limits: Limits) -> Option<Self> {
        let known = Arc::new(Mutex::new(Known::default()));
        let look = Look {
            directory: directory.try_clone().ok()?,
            limits,
            known: Arc::clone(&known),
        };
        let (sender, said) = mpsc::channel();
        let (ends, over) = mpsc::channel::<()>();
        let thread = thread::Builder::new().name("boll-lookout".into());
        let work = move || {
            look.whenever_one_ended(&said);
            drop(ends);
        };
        thread.spawn(work).ok()?;
        Some(Self {
            known,
            sender,
            over: Mutex::new(over),
        })
    }

    /// A sandbox may write from now on, for which `found` was found. What the user
    /// has made while none could is known, and not told.
    pub(super) fn writing(&self, found: &Survey) -> Writing {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.live == 0 && !known.dirty {
            let all = found.cut.is_none() && found.folders.len() <= FOLDERS_MAX;
            known.before = all.then(|| Before {
                told: found.repositories.union(&found.hidden).cloned().collect(),
                folders: Arc::clone(&found.folders),
            });
        }
        known.live += 1;
        Writing {
            known: Arc::clone(&self.known),
            ended: self.sender.clone(),
        }
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.live -= 1;
        known.dirty = true;
        let _ = self.ended.send(Said::Ended);
    }
}

impl Lookout {
    /// Looks a last time, and waits for that, but not for ever.
    pub(super) fn finish(&self) {
        // Fails where it has finished already.
        let _ = self.sender.send(Said::Finish);
        let over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = over.recv_timeout(LAST);
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Look {
    fn whenever_one_ended(&self, said: &Receiver<Said>) {
        let mut pause = PAUSE_MIN;
        while let Ok(first) = said.recv() {
            let mut last = first == Said::Finish;
            let until = Instant::now() + pause;
            while !last {
                match said.recv_timeout(until.saturating_duration_since(Instant::now())) {
                    Ok(Said::Ended) => {}
                    Ok(Said::Finish) | Err(RecvTimeoutError::Disconnected) => last = true,
                    Err(RecvTimeoutError::Timeout) => break,
                }
            }
            let began = Instant::now();
            match self.look(last) {
                Ok(appeared) => appeared.tell(),
                Err(error) => {
                    tracing::warn!(%error, "the workspace cannot be looked through for repositories");
                    self.known().dirty = true;
                }
            }
            pause = (began.elapsed() * PAUSE).max(PAUSE_MIN);
            if last {
                return;
            }
        }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks for what has appeared since a process could write: in folders that were
    /// changed, and in new ones.
    fn look(&self, last: bool) -> io::Result<Appeared> {
        let before = {
            let mut known = self.known();
            let ended = std::mem::take(&mut known.dirty);
            if !(ended || last && known.live > 0) {
                return Ok(Appeared::default());
            }
            known.before.clone()
        };
        let Some(before) = before else {
            return Ok(Appeared::default());
        };
        let appeared = self.look_since(&before)?;
        if let Some(before) = &mut self.known().before {
            let told = appeared.repositories.iter().chain(&appeared.hidden);
            before.told.extend(told.cloned());
        }
        Ok(appeared)
    }

    fn look_since(&self, before: &Before) -> io::Result<Appeared> {
        let real = workspace::current_path(&self.directory)?;
        let mut appeared = Appeared::default();
        let mut looked = 0;
        let mut folders: Vec<PathBuf> = before.folders.keys().cloned().collect();
        while let Some(folder) = folders.pop() {
            let is_new = !folder.as_os_str().is_empty() && !before.told.contains(&folder);
            let listing = match survey::list(self.directory.as_fd(), &folder) {
                Ok(listing) => listing,
                // What was moved is found by its new name.
                Err(error) if survey::is_gone(error) => continue,
                Err(error @ (Errno::MFILE | Errno::NFILE | Errno::NOMEM)) => {
                    return Err(error.into());
                }
                Err(_) => {
                    appeared.hidden.extend(is_new.then_some(folder));
                    continue;
                }
            };
            let changed = Changed::of(&listing);
            if changed.is_known() && before.folders.get(&folder) == Some(&changed) {
                continue;
            }
            let mut names = BTreeSet::new();
            for entry in listing.flatten() {
                looked += 1;
                if looked > self.limits.entries {
                    appeared.cut = true;
                    return Ok(appeared);
                }
                let name = OsStr::from_bytes(entry.file_name().to_bytes()).to_owned();
                let path = folder.join(&name);
                // Some file systems do not say; what is no folder cannot be listed.
                let kinds = [FileType::Directory, FileType::Unknown];
                let passed_over = [".", "..", ".git"].iter().any(|one| name == *one);
                let is_folder = kinds.contains(&entry.file_type()) && !passed_over;
                if is_folder && !before.folders.contains_key(&path) {
                    folders.push(path);
                }
                names.insert(name);
            }
            if is_new && is_repository(&real.join(&folder), &names) {
                appeared.repositories.push(folder);
            }
        }
        Ok(appeared)
    }
}

/// Whether git takes a folder with these names in it for a repository.
fn is_repository(real: &Path, names: &BTreeSet<OsString>) -> bool {
    let has = |name: &str| names.contains(OsStr::new(name));
    let bare = has("HEAD") && (has("objects") && has("refs") || has("commondir"));
    bare || has(".git") && repository::dot_git(real) != DotGit::Nothing
}

impl Appeared {
    /// Warns of what was found. The names are a process's choice; whoever shows a line
    /// escapes them.
    fn tell(&self) {
        for folder in self.repositories.iter().take(TOLD_MAX) {
            tracing::warn!(
                folder = %folder.display(),
                "a git repository has appeared in a folder of the workspace while processes \
                 could write it: git runs what its configuration names when it is entered, or \
                 added to the repository around it; look at it, or remove it"
            );
        }
        for folder in self.hidden.iter().take(TOLD_MAX) {
            tracing::warn!(
                folder = %folder.display(),
                "a folder of the workspace cannot be listed since processes could write it: \
                 there may be a git repository in it, of which git runs what its configuration \
                 names; look at it, or remove it"
            );
        }
        let all = self.repositories.len().max(self.hidden.len());
        if all > TOLD_MAX {
            tracing::warn!(
                repositories = self.repositories.len(),
                hidden = self.hidden.len(),
                "and more such folders have appeared"
            );
        }
        if self.cut {
            tracing::warn!("too much has changed in the workspace to look for new repositories");
        }
    }
}
