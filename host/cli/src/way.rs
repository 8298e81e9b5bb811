//! Where a path leads, and everything that decides it: each symbolic link on the way can
//! be replaced by users who may write the folder around it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use boll_host::policy::AbsolutePath;

/// The limit of the kernel.
const LINKS_MAX: usize = 40;

/// A resolved path and its way. None of these paths contains a link itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Way {
    /// The paths that decide where it leads: links, names that do not exist yet, and folders
    /// that `..` leaves again.
    pub(crate) through: Vec<PathBuf>,
    /// Where it leads. The last name need not exist yet.
    pub(crate) end: PathBuf,
}

impl Way {
    /// Resolves a path, which is relative to the current folder.
    pub(crate) fn of(path: &Path) -> Self {
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        Self::from(&here.unwrap_or_else(|_| "/".into()), path)
    }

    /// Resolves a path that is relative to `base`, which has no links.
    pub(crate) fn from(base: &Path, path: &Path) -> Self {
        let mut at = base.to_owned();
        let mut through = Vec::new();
        let mut rest = steps(path);
        let (mut links, mut named) = (0, 0_usize);
        // How many of the last names are below one that does not exist.
        let mut absent = 0_usize;
        while let Some(step) = rest.pop_front() {
            match step {
                Step::Root => (at, named, absent) = ("/".into(), 0, 0),
                Step::Up => {
                    if named > 0 && absent == 0 && !through.contains(&at) {
                        through.push(at.clone());
                    }
                    named = named.saturating_sub(1);
                    absent = absent.saturating_sub(1);
                    at.pop();
                }
                // Nothing exists there before the name above does.
                Step::Into(name) if absent > 0 => {
                    at.push(name);
                    (named, absent) = (named + 1, absent + 1);
                }
                Step::Into(name) => {
                    let next = at.join(name);
                    match fs::read_link(&next) {
                        Ok(target) if links < LINKS_MAX => {
                            through.push(next);
                            for step in steps(&target).into_iter().rev() {
                                rest.push_front(step);
                            }
                            (links, named) = (links + 1, 0);
                        }
                        Err(error) if is_absent(&error) => {
                            // A link with this name would lead the rest elsewhere.
                            if !rest.is_empty() {
                                through.push(next.clone());
                            }
                            (at, named, absent) = (next, named + 1, 1);
                        }
                        _ => (at, named) = (next, named + 1),
                    }
                }
            }
        }
        Self { through, end: at }
    }

    /// Returns everything that has to stay as it is so that the path leads to the same
    /// file.
    pub(crate) fn places(self) -> impl Iterator<Item = PathBuf> {
        self.through.into_iter().chain([self.end])
    }
}

/// Returns whether a name does not exist, or cannot exist because it is too long.
fn is_absent(error: &io::Error) -> bool {
    let kinds = [io::ErrorKind::NotFound, io::ErrorKind::InvalidFilename];
    kinds.contains(&error.kind())
}

enum Step {
    Root,
    Up,
    Into(OsString),
}

fn steps(path: &Path) -> VecDeque<Step> {
    path.components()
        .filter_map(|part| match part {
            Component::RootDir => Some(Step::Root),
            Component::ParentDir => Some(Step::Up),
            Component::Normal(name) => Some(Step::Into(name.to_owned())),
            Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}

/// Returns where a path leads, whose last name need not exist yet.
pub(crate) fn without_links(path: &Path) -> PathBuf {
    Way::of(path).end
}

/// Returns where a capsule's folder is on this machine.
pub(crate) fn place(place: &AbsolutePath, workspace: &Path) -> PathBuf {
    match place.in_workspace() {
        Some("") => workspace.to_owned(),
        Some(inside) => workspace.join(inside),
        None => PathBuf::from(place.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn shown(root: &Path, path: &str) -> (Vec<String>, String) {
        let way = Way::from(root, Path::new(path));
        let below = |path: PathBuf| {
            let below = path.strip_prefix(root).expect("below the root");
            below.display().to_string()
        };
        (way.through.into_iter().map(below).collect(), below(way.end))
    }

    #[test]
    fn each_link_on_the_way_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a path");
        for name in ["ws/sub", "priv"] {
            fs::create_dir_all(root.join(name)).expect("a folder");
        }
        fs::write(root.join("priv/boll.toml"), "").expect("written");
        symlink("ws/boll.toml", root.join("boll.toml")).expect("a link");
        symlink(root.join("priv/boll.toml"), root.join("ws/boll.toml")).expect("a link");
        symlink("../priv", root.join("ws/folder")).expect("a link");
        symlink("loop", root.join("loop")).expect("a link");
        let named = |names: &[&str]| {
            names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>()
        };
        for (path, through, end) in [
            ("priv/boll.toml", &[][..], "priv/boll.toml"),
            (
                "boll.toml",
                &["boll.toml", "ws/boll.toml"],
                "priv/boll.toml",
            ),
            ("ws/folder/boll.toml", &["ws/folder"], "priv/boll.toml"),
            ("ws/sub/../folder/x", &["ws/sub", "ws/folder"], "priv/x"),
            ("ws/none/x", &["ws/none"], "ws/none/x"),
            ("ws/none", &[], "ws/none"),
            ("ws/none/x/y", &["ws/none"], "ws/none/x/y"),
            (
                "ws/none/x/../../sub/../folder/x",
                &["ws/none", "ws/sub", "ws/folder"],
                "priv/x",
            ),
        ] {
            assert_eq!(
                shown(&root, path),
                (named(through), end.to_owned()),
                "{path}"
            );
        }
        assert_eq!(shown(&root, "loop").1, "loop");
        assert_eq!(shown(&root.clone(), "ws/.././priv").1, "priv");
        // The folder that a path begins in is entered already.
        let way = Way::from(&root.join("ws"), Path::new("../priv"));
        assert_eq!(way.through, Vec::<PathBuf>::new());
    }

    #[test]
    fn a_path_of_any_length_has_its_way_at_once() {
        let began = std::time::Instant::now();
        for text in [
            "/a".repeat(250_000),
            "/proc".to_owned() + &"/../proc".repeat(20_000),
        ] {
            Way::of(Path::new(&text));
        }
        assert!(began.elapsed() < std::time::Duration::from_secs(5));
    }
}
