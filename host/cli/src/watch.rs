//! Waits for changes in capsules' folders.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use notify_debouncer_full::notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{
    DebounceEventResult, DebouncedEvent, Debouncer, RecommendedCache, new_debouncer,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::failure::{Code, Done, Failure};

/// How long a folder has to be quiet before a change is reported: an editor writes a file
/// in several steps.
const QUIET: Duration = Duration::from_millis(200);

/// Folders that tools create or download. Changes there do not count.
const MADE: [&str; 7] = [
    "target",
    "node_modules",
    "dist",
    "gen",
    "build",
    "__pycache__",
    "venv",
];

/// Folders that are watched.
pub(crate) struct Watch {
    changes: UnboundedReceiver<PathBuf>,
    _debouncers: Vec<Debouncer<RecommendedWatcher, RecommendedCache>>,
}

impl Watch {
    /// Watches folders and everything below them, except generated and hidden files.
    pub(crate) fn of<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Done<Self> {
        let (sender, changes) = unbounded_channel();
        let debouncers = folders.into_iter().map(|folder| {
            let (sender, named) = (sender.clone(), folder.to_owned());
            watched(folder, move || {
                // Nobody listens when the program ends.
                let _ = sender.send(named.clone());
            })
        });
        Ok(Self {
            _debouncers: debouncers.collect::<Done<_>>()?,
            changes,
        })
    }

    /// Waits for a change, and returns the folders that it is in, by the names that were
    /// given. Changes in the meantime count as one.
    pub(crate) async fn changed(&mut self) -> BTreeSet<PathBuf> {
        let mut changed: BTreeSet<PathBuf> = self.changes.recv().await.into_iter().collect();
        changed.extend(std::iter::from_fn(|| self.changes.try_recv().ok()));
        changed
    }
}

/// Watches one folder, and calls `tell` when something in it has changed.
fn watched(
    folder: &Path,
    tell: impl Fn() + Send + 'static,
) -> Done<Debouncer<RecommendedWatcher, RecommendedCache>> {
    let failed = |error: &dyn std::fmt::Display| {
        let folder = folder.display();
        Failure::new(Code::Machine, format!("cannot watch {folder}: {error}"))
    };
    // Without links, as events name the files in it.
    let root = folder.canonicalize().map_err(|error| failed(&error))?;
    let below = root.clone();
    let told = move |events: DebounceEventResult| {
        let changed = match events {
            Ok(events) => events.iter().any(|event| is_change(event, &below)),
            // Some events were lost: whatever they were, one build covers them.
            Err(_) => true,
        };
        if changed {
            tell();
        }
    };
    let mut debouncer = new_debouncer(QUIET, None, told).map_err(|error| failed(&error))?;
    let watched = debouncer.watch(&root, RecursiveMode::Recursive);
    watched.map_err(|error| failed(&error))?;
    Ok(debouncer)
}

fn is_change(event: &DebouncedEvent, root: &Path) -> bool {
    !event.kind.is_access() && event.paths.iter().any(|path| is_source(path, root))
}

/// Returns whether a path is the author's own.
fn is_source(path: &Path, root: &Path) -> bool {
    let inside = path.strip_prefix(root).unwrap_or(path);
    inside.components().all(|part| match part {
        Component::Normal(name) => {
            let name = name.to_string_lossy();
            !name.starts_with('.') && !MADE.contains(&&*name)
        }
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tools_make_is_no_source() {
        let root = Path::new("/p");
        for source in ["/p/src/lib.rs", "/p/Capsule.toml", "/p/cases/a.toml", "/p"] {
            assert!(is_source(Path::new(source), root), "{source}");
        }
        for made in [
            "/p/target/x",
            "/p/.git/index",
            "/p/src/.lib.rs.swp",
            "/p/dist/capsule.wasm",
        ] {
            assert!(!is_source(Path::new(made), root), "{made}");
        }
    }
}
