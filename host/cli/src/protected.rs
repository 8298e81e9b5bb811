//! What nobody writes while a capsule runs: the folders that this program builds,
//! reads, executes or believes.
//!
//! A process that wrote there would have the next command of its user, or
//! `boll dev`, do what the process wants.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Done;
use crate::foreign;
use crate::project::Project;
use crate::trust::{self, own_checkouts};

/// Folders that tools of builds take code from, where they are set.
const FOLDERS_OF_TOOLS: [&str; 14] = [
    "CARGO_HOME",
    "CARGO_TARGET_DIR",
    "GOCACHE",
    "GOMODCACHE",
    "GOPATH",
    "GOROOT",
    "NODE_PATH",
    "NPM_CONFIG_CACHE",
    "NPM_CONFIG_PREFIX",
    "PIP_CACHE_DIR",
    "PYTHONPATH",
    "RUSTUP_HOME",
    "VIRTUAL_ENV",
    "npm_config_cache",
];

/// The files of a project that name others.
const NAMING: [&str; 7] = [
    "Cargo.toml",
    "Makefile",
    "go.mod",
    "go.work",
    "package.json",
    "pyproject.toml",
    "tsconfig.json",
];

/// The places for these capsules, without links on their way.
pub(crate) fn of<'a>(projects: impl Iterator<Item = &'a Project>) -> Done<Vec<PathBuf>> {
    let mut places = own_checkouts();
    // Whatever is written there is built at the next use, without a question.
    places.extend(trust::folders());
    for variable in FOLDERS_OF_TOOLS.iter().chain(&["PATH"]) {
        let value = env::var_os(variable).unwrap_or_default();
        places.extend(env::split_paths(&value).filter(|path| path.is_absolute()));
    }
    for project in projects {
        let folder = project.real_folder()?;
        if let Some(component) = &project.manifest.component {
            places.push(folder.join(component));
        }
        places.extend(project.path.canonicalize());
        places.extend(linked(&folder));
        places.extend(named(&folder));
        // A project may be part of a larger one of its tool.
        let around = folder.ancestors().skip(1);
        let around = around.filter(|folder| folder.join("Cargo.toml").is_file());
        places.extend(around.flat_map(|folder| {
            ["target", "Cargo.toml", "Cargo.lock", ".cargo"].map(|name| folder.join(name))
        }));
        places.push(folder);
    }
    let real = places
        .into_iter()
        .filter_map(|path| path.canonicalize().ok());
    let mut real: Vec<PathBuf> = real.filter(|path| path != Path::new("/")).collect();
    real.sort();
    real.dedup();
    Ok(real)
}

/// Where links at the top of a project lead.
fn linked(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let links = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_symlink()));
    let targets = links.filter_map(|entry| entry.path().canonicalize().ok());
    targets.filter(|path| !folder.starts_with(path)).collect()
}

/// The paths outside of a project that its own files name, as far as they are
/// written out: libraries beside it, mostly.
fn named(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for file in NAMING {
        let path = folder.join(file);
        let Ok(text) = foreign::text(&path) else {
            continue;
        };
        let apart = |one: char| one.is_whitespace() || "\"'`=,;()[]{}<>|&".contains(one);
        for word in text.split(apart) {
            let word = word.strip_prefix("file:").unwrap_or(word);
            if !(word.starts_with("../") || word.starts_with('/') && word.len() > 1) {
                continue;
            }
            let Ok(real) = folder.join(word).canonicalize() else {
                continue;
            };
            if !folder.starts_with(&real) && !real.starts_with(folder) {
                found.push(real);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_project_is_made_of_is_protected() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a path");
        let make = |name: &str| {
            let path = root.join(name);
            fs::create_dir_all(&path).expect("a folder");
            path
        };
        let (capsule, sdk, wit) = (make("capsule"), make("sdk"), make("wit"));
        let other = make("other");
        fs::write(
            capsule.join("Capsule.toml"),
            "[capsule]\nid = \"a\"\nversion = \"1.0.0\"\n",
        )
        .expect("written");
        fs::write(capsule.join("Cargo.toml"), "sdk = { path = \"../sdk\" }\n").expect("written");
        std::os::unix::fs::symlink("../wit", capsule.join("wit")).expect("a link");
        let project = Project::open(&capsule).expect("a capsule");
        let places = of([&project].into_iter()).expect("places");
        for place in [&capsule, &sdk, &wit] {
            assert!(places.contains(place), "{place:?}: {places:?}");
        }
        assert!(!places.contains(&other) && !places.contains(&root));
    }
}
