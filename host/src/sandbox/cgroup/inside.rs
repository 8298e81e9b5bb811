//! Where a process in a sandbox finds the control group that limits its memory.
//!
//! Pure. Runtimes lay out their heap by what they read there. They look where
//! `/proc/self/cgroup` and the list of mounts lead them. In version 2 that path is seen from
//! the group that built the sandbox, and may lead up out of `/sys/fs/cgroup`: there a link
//! leads back.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::place::Version;

/// A group as a sandbox shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::sandbox) struct MemoryGroup {
    /// Where the host has it.
    pub(in crate::sandbox) host: PathBuf,
    /// Where processes have it.
    pub(in crate::sandbox) inside: &'static Path,
    /// Where processes look for it instead.
    pub(in crate::sandbox) sought: Option<PathBuf>,
}

impl MemoryGroup {
    /// `own` is the host's group of version 2, where that is known.
    pub(super) fn new(version: Version, group: &Path, own: Option<&Path>) -> Self {
        let inside = version.of("/sys/fs/cgroup/memory", "/sys/fs/cgroup");
        let inside = Path::new(inside);
        let own = own.filter(|_| version == Version::Two);
        Self {
            host: group.to_owned(),
            inside,
            sought: own.and_then(|own| sought(inside, group, own)),
        }
    }
}

/// Where the way from `own` to `group` leads that begins at `inside`, as far as that is
/// below `/sys` and not in `inside` itself.
fn sought(inside: &Path, group: &Path, own: &Path) -> Option<PathBuf> {
    let names = |path: &Path| -> Vec<std::ffi::OsString> {
        let parts = path.components().filter_map(|part| match part {
            Component::Normal(name) => Some(name.to_owned()),
            _ => None,
        });
        parts.collect()
    };
    let (group, own) = (names(group), names(own));
    let common = group.iter().zip(&own).take_while(|(a, b)| a == b).count();
    let up = own.len() - common;
    let start: Vec<&OsStr> = inside.iter().collect();
    // The first is the root, the second `sys`.
    let left = start.len().checked_sub(up).filter(|left| *left >= 2)?;
    if up == 0 || group.len() == common {
        return None;
    }
    let mut path: PathBuf = start.into_iter().take(left).collect();
    path.extend(&group[common..]);
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sought_by(group: &str, own: &str) -> Option<PathBuf> {
        let at = |path: &str| PathBuf::from("/sys/fs/cgroup").join(path);
        MemoryGroup::new(Version::Two, &at(group), Some(&at(own))).sought
    }

    #[test]
    fn the_way_from_the_hosts_group_leads_to_it() {
        // `/proc/self/cgroup` has `/../boll-1/2` there, and `/../../boll-1/2`.
        let beside = sought_by("user.slice/boll-1/2", "user.slice/leaf");
        assert_eq!(beside, Some("/sys/fs/boll-1/2".into()));
        let above = sought_by("user.slice/boll-1/2", "user.slice/a/leaf");
        assert_eq!(above, Some("/sys/boll-1/2".into()));
        // Not in the root, and not where the group itself is.
        assert_eq!(sought_by("boll-1/2", "a/b/c"), None);
        assert_eq!(sought_by("a/boll-1", "a"), None);
        assert_eq!(sought_by("a", "a/b"), None);
    }

    #[test]
    fn a_hierarchy_of_its_own_needs_no_link() {
        let group = Path::new("/sys/fs/cgroup/memory/x/boll-1");
        let shown = MemoryGroup::new(
            Version::One,
            group,
            Some(Path::new("/sys/fs/cgroup/unified/a")),
        );
        assert_eq!(shown.host, group);
        assert_eq!(shown.inside, Path::new("/sys/fs/cgroup/memory"));
        assert_eq!(shown.sought, None);
    }
}
