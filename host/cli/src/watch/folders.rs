//! Which folders of a project hold sources that a person writes.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

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

/// Folders of a project in which links to other folders are followed: builds read them.
const LINKED: [&str; 2] = ["src", "wit"];

/// Which folder it is: its device and its number there.
pub(super) type Identity = (u64, u64);

pub(super) fn identity(folder: &Path) -> Option<Identity> {
    let data = fs::metadata(folder).ok().filter(fs::Metadata::is_dir)?;
    Some((data.dev(), data.ino()))
}

/// Returns the folders with sources, `root` with them. What cannot be read is left out.
pub(super) fn of_sources(root: &Path) -> BTreeMap<PathBuf, Identity> {
    let mut found = BTreeMap::new();
    let mut next = vec![root.to_owned()];
    while let Some(folder) = next.pop() {
        let Some(identity) = identity(&folder) else {
            continue;
        };
        // Links may form a circle.
        let above = folder.ancestors().skip(1);
        if (above.map_while(|above| found.get(above))).any(|other| *other == identity) {
            continue;
        }
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        for entry in entries {
            let path = entry.path();
            let is_walked = match entry.file_type() {
                Ok(kind) if kind.is_symlink() => is_followed(&path, root),
                Ok(kind) => kind.is_dir(),
                Err(_) => false,
            };
            if is_walked && is_source(&path, root) {
                next.push(path);
            }
        }
        found.insert(folder, identity);
    }
    found
}

/// Whether a link is one to a folder of sources. One that holds the project itself is not.
fn is_followed(link: &Path, root: &Path) -> bool {
    let Ok(inside) = link.strip_prefix(root) else {
        return false;
    };
    LINKED.iter().any(|name| inside.starts_with(name))
        && link
            .canonicalize()
            .is_ok_and(|real| real.is_dir() && !root.starts_with(real))
}

/// Returns whether a path is the author's own.
pub(super) fn is_source(path: &Path, root: &Path) -> bool {
    let Ok(inside) = path.strip_prefix(root) else {
        return false;
    };
    inside.components().all(|part| match part {
        Component::Normal(name) => {
            let name = name.to_string_lossy();
            !name.starts_with('.') && !MADE.contains(&&*name)
        }
        _ => true,
    })
}
