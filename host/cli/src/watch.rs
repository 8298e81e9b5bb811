//! Waits for changes in a capsule's folder.

use std::path::{Component, Path};
use std::time::Duration;

use notify_debouncer_full::notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{
    DebounceEventResult, DebouncedEvent, Debouncer, RecommendedCache, new_debouncer,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::failure::{Code, Done, Failure};

/// How long a folder has to be quiet before what changed is told: an editor
/// writes a file in several steps.
const QUIET: Duration = Duration::from_millis(200);

/// Folders of what tools make and fetch. What is built there is no change.
const MADE: [&str; 6] = [
    "target",
    "node_modules",
    "dist",
    "build",
    "__pycache__",
    "venv",
];

/// A folder that is watched.
pub(crate) struct Watch {
    changes: UnboundedReceiver<()>,
    _debouncer: Debouncer<RecommendedWatcher, RecommendedCache>,
}

impl Watch {
    /// Watches a folder and all below it, but what is made or hidden there.
    pub(crate) fn of(folder: &Path) -> Done<Self> {
        let failed = |error: &dyn std::fmt::Display| {
            let folder = folder.display();
            Failure::new(Code::Machine, format!("cannot watch {folder}: {error}"))
        };
        // Without links on its way, as the events name what is in it.
        let root = folder.canonicalize().map_err(|error| failed(&error))?;
        let (sender, changes) = unbounded_channel();
        let below = root.clone();
        let told = move |events: DebounceEventResult| {
            let changed = match events {
                Ok(events) => events.iter().any(|event| is_change(event, &below)),
                // Some were lost: whatever they were, one build tells.
                Err(_) => true,
            };
            if changed {
                // Nobody listens any more when the program ends.
                let _ = sender.send(());
            }
        };
        let mut debouncer = new_debouncer(QUIET, None, told).map_err(|error| failed(&error))?;
        let watched = debouncer.watch(&root, RecursiveMode::Recursive);
        watched.map_err(|error| failed(&error))?;
        Ok(Self {
            changes,
            _debouncer: debouncer,
        })
    }

    /// Waits until something has changed. What changed meanwhile is one change.
    pub(crate) async fn changed(&mut self) {
        self.changes.recv().await;
        while self.changes.try_recv().is_ok() {}
    }
}

fn is_change(event: &DebouncedEvent, root: &Path) -> bool {
    !event.kind.is_access() && event.paths.iter().any(|path| is_source(path, root))
}

/// Whether a path is the author's own.
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
