//! Removing files that are to be kept no longer: at the start, by the clock, and
//! after each rotation, on a thread of its own.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use super::LogRetention;
use super::folder::{Folder, FolderError};
use super::log_folder::{HOST, NO_PRINCIPAL, PRINCIPALS, UNADMITTED};
use super::name::{Day, FileName};

/// The thread. Dropping this waits for a sweep that is under way, and ends it.
pub(super) struct Retention {
    nudge: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A file of the sink's.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    /// The number of its folder in the walk.
    folder: usize,
    name: FileName,
    bytes: u64,
}

impl Retention {
    /// Sweeps once, before it returns, and then every so often.
    pub(super) fn start(path: PathBuf, keep: LogRetention, every: Duration) -> io::Result<Self> {
        sweep_and_say(&path, keep);
        let (nudge, nudges) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("boll-log-sweep".to_owned())
            .spawn(move || {
                while let Ok(()) | Err(RecvTimeoutError::Timeout) = nudges.recv_timeout(every) {
                    sweep_and_say(&path, keep);
                }
            })?;
        Ok(Self {
            nudge: Some(nudge),
            thread: Some(thread),
        })
    }

    /// Has it sweep soon. One that is asked for already serves as well.
    pub(super) fn nudge(&self) {
        if let Some(nudge) = &self.nudge {
            let _ = nudge.try_send(());
        }
    }
}

impl Drop for Retention {
    fn drop(&mut self) {
        self.nudge = None;
        if let Some(thread) = self.thread.take() {
            // A sweep that panicked has nothing more to say.
            let _ = thread.join();
        }
    }
}

fn sweep_and_say(path: &Path, keep: LogRetention) {
    match sweep(path, Day::of(SystemTime::now()), keep) {
        Ok((0, 0)) => {}
        Ok((files, bytes)) => tracing::info!(files, bytes, "old log files removed"),
        // Whoever writes makes it again.
        Err(FolderError::OpenRoot(error)) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!("old log files are not removed: {error}"),
    }
}

/// Removes files past their retention, and returns how many files and bytes that was.
pub(super) fn sweep(
    path: &Path,
    today: Day,
    keep: LogRetention,
) -> Result<(u64, u64), FolderError> {
    if keep.days.is_none() && keep.bytes.is_none() {
        return Ok((0, 0));
    }
    let root = Folder::root(path)?;
    let mut walk = Walk::default();
    for (name, depth) in [
        (HOST, 0),
        (UNADMITTED, 0),
        (NO_PRINCIPAL, 1),
        (PRINCIPALS, 2),
    ] {
        walk.enter(&root, &[], name, depth);
    }
    let mut removed = (0, 0);
    let mut emptied = Vec::new();
    for found in outlived(walk.files, today, keep) {
        let Some(folders) = walk.folders.get(found.folder) else {
            continue;
        };
        // What cannot be removed stays, and is tried again.
        let gone = open(&root, folders)
            .is_some_and(|folder| folder.remove_file(&found.name.to_string()).is_ok());
        if gone {
            removed = (removed.0 + 1, removed.1 + found.bytes);
            emptied.push(folders);
        }
    }
    for folders in emptied {
        remove_empty(&root, folders);
    }
    Ok(removed)
}

/// Files in the places where the sink puts them, and nothing else.
#[derive(Default)]
struct Walk {
    folders: Vec<Vec<String>>,
    files: Vec<Found>,
}

impl Walk {
    /// Looks into a folder, whose files are `depth` folders further below. What
    /// cannot be opened, links among it, is passed over.
    fn enter(&mut self, parent: &Folder, above: &[String], name: &str, depth: usize) {
        let Ok(folder) = parent.folder(name) else {
            return;
        };
        let names = folder.names().unwrap_or_default();
        let mut path = above.to_vec();
        path.push(name.to_owned());
        if depth > 0 {
            for name in names {
                self.enter(&folder, &path, &name, depth - 1);
            }
            return;
        }
        let at = self.folders.len();
        self.folders.push(path);
        for name in names {
            if let Some(parsed) = FileName::parse(&name)
                && let Some(bytes) = folder.file_size(&name)
            {
                self.files.push(Found {
                    folder: at,
                    name: parsed,
                    bytes,
                });
            }
        }
    }
}

/// Those of the files that are to be kept no longer, the oldest first.
fn outlived(mut files: Vec<Found>, today: Day, keep: LogRetention) -> Vec<Found> {
    let mut newest = HashMap::new();
    for Found { folder, name, .. } in &files {
        let last = newest.entry(*folder).or_insert(*name);
        *last = (*last).max(*name);
    }
    let in_use =
        |found: &Found| found.name.day >= today && newest.get(&found.folder) == Some(&found.name);
    files.sort_by_key(|found| (found.name, found.folder));
    let mut bytes: u64 = files.iter().map(|found| found.bytes).sum();
    let first_kept = keep.days.map(|days| today.minus(days));
    files.retain(|found| {
        let old = first_kept.is_some_and(|first| found.name.day < first);
        let too_much = keep.bytes.is_some_and(|most| bytes > most);
        let goes = !in_use(found) && (old || too_much);
        if goes {
            bytes -= found.bytes;
        }
        goes
    });
    files
}

fn open(root: &Folder, folders: &[String]) -> Option<Folder> {
    let (first, rest) = folders.split_first()?;
    let mut folder = root.folder(first).ok()?;
    for name in rest {
        folder = folder.folder(name).ok()?;
    }
    Some(folder)
}

/// Removes a folder and those above it as far as they are empty.
fn remove_empty(root: &Folder, folders: &[String]) {
    let mut folders = folders;
    while let Some((last, above)) = folders.split_last() {
        let removed = match above {
            [] => root.remove_empty(last),
            above => open(root, above).is_some_and(|parent| parent.remove_empty(last)),
        };
        if !removed {
            return;
        }
        folders = above;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(offset: u32) -> Day {
        let today = humantime::parse_rfc3339("2026-11-28T00:00:00Z").expect("a time");
        Day::of(today).minus(offset)
    }

    fn found(folder: usize, ago: u32, number: u32, bytes: u64) -> Found {
        Found {
            folder,
            name: FileName {
                day: day(ago),
                number,
            },
            bytes,
        }
    }

    fn gone(files: &[Found], days: Option<u32>, bytes: Option<u64>) -> Vec<Found> {
        outlived(files.to_vec(), day(0), LogRetention { days, bytes })
    }

    #[test]
    fn days_are_counted_back_from_today() {
        let files = [
            found(0, 0, 0, 1),
            found(0, 1, 0, 1),
            found(0, 2, 0, 1),
            found(1, 3, 0, 1),
        ];
        assert_eq!(gone(&files, Some(2), None), [found(1, 3, 0, 1)]);
        assert_eq!(
            gone(&files, Some(0), None),
            [found(1, 3, 0, 1), found(0, 2, 0, 1), found(0, 1, 0, 1)]
        );
        assert!(gone(&files, None, None).is_empty());
    }

    #[test]
    fn of_too_many_bytes_the_oldest_go() {
        let files = [
            found(0, 0, 1, 50),
            found(0, 0, 0, 50),
            found(1, 1, 0, 50),
            found(1, 1, 1, 50),
        ];
        assert!(gone(&files, None, Some(200)).is_empty());
        assert_eq!(gone(&files, None, Some(199)), [found(1, 1, 0, 50)]);
        // Never the one that is written to, however little is to be kept.
        assert_eq!(
            gone(&files, None, Some(0)),
            [found(1, 1, 0, 50), found(1, 1, 1, 50), found(0, 0, 0, 50)]
        );
    }

    #[test]
    fn a_day_to_come_is_not_over() {
        let tomorrow = Found {
            name: FileName {
                day: day(0),
                number: 0,
            },
            ..found(0, 0, 0, 10)
        };
        assert!(
            outlived(
                vec![tomorrow],
                day(1),
                LogRetention {
                    days: Some(0),
                    bytes: Some(0)
                }
            )
            .is_empty()
        );
    }
}
