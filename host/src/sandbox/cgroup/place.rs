//! Finds the groups of the machine that the host may use, from what the kernel
//! tells of this process.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use rustix::process::geteuid;

use super::group_name::is_of_this_host;

/// The two interfaces of the kernel's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

impl Version {
    /// What it is in each of them.
    pub(super) fn of<T>(self, one: T, two: T) -> T {
        match self {
            Self::One => one,
            Self::Two => two,
        }
    }
}

/// A group below which the host may be allowed to make others.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) version: Version,
    pub(super) group: PathBuf,
    /// In version 2, the host is in it, and not in one below.
    pub(super) is_own: bool,
}

/// What the kernel tells of this process's groups.
#[derive(Debug)]
pub(super) struct Places {
    own: String,
    mounted: Vec<Mounted>,
}

/// A mounted hierarchy.
#[derive(Debug, PartialEq, Eq)]
struct Mounted {
    version: Version,
    /// The group that is mounted.
    root: PathBuf,
    place: PathBuf,
    /// Of version 1: its controllers, among other options.
    options: String,
}

/// The processes in a group of version 2, without those in groups below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Nothing,
    /// The host's process and no other.
    Host,
    Others,
    /// It is the machine's root, where processes are in nobody's way.
    Anything,
}

impl Places {
    pub(super) fn read() -> Result<Self, String> {
        let read = |file: &str| {
            fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))
        };
        let own = read("/proc/self/cgroup")?;
        Ok(Self::parse(own, &read("/proc/self/mountinfo")?))
    }

    fn parse(own: String, mounts: &str) -> Self {
        let mounted = mounts.lines().filter_map(parse_mount).collect();
        Self { own, mounted }
    }

    /// The groups to try for a controller, the best first.
    pub(super) fn of(&self, controller: &str) -> Vec<Candidate> {
        // The host was told that it may when it moved.
        let has_moved = self.own().is_some_and(|own| is_of_this_host(&own));
        self.of_two(|above| has_moved || Delegation::of(above) == Delegation::Given)
            .into_iter()
            .chain(self.of_one(controller))
            .collect()
    }

    /// The host's group of version 2.
    pub(super) fn own(&self) -> Option<PathBuf> {
        Some(self.two()?.1)
    }

    fn of_two(&self, is_delegated: impl Fn(&Path) -> bool) -> Vec<Candidate> {
        let Some((mounted, group)) = self.two() else {
            return Vec::new();
        };
        // A group with processes, as the host's own, gives its controllers
        // to no group below, unless it is the machine's root.
        let above = group
            .parent()
            .filter(|above| above.starts_with(&mounted.place) && is_delegated(above))
            .map(|above| (above.to_owned(), false));
        let two = |(group, is_own)| Candidate {
            version: Version::Two,
            group,
            is_own,
        };
        [Some((group, true)), above]
            .into_iter()
            .flatten()
            .map(two)
            .collect()
    }

    fn two(&self) -> Option<(&Mounted, PathBuf)> {
        let mounted = self
            .mounted
            .iter()
            .find(|mounted| mounted.version == Version::Two)?;
        let (_, path) = self
            .lines()
            .find(|(controllers, _)| controllers.is_empty())?;
        Some((mounted, mounted.group(path)?))
    }

    fn of_one(&self, controller: &str) -> Option<Candidate> {
        let has = |list: &str| list.split(',').any(|name| name == controller);
        let (_, path) = self.lines().find(|(controllers, _)| has(controllers))?;
        let mounted = self
            .mounted
            .iter()
            .find(|mounted| mounted.version == Version::One && has(&mounted.options))?;
        Some(Candidate {
            version: Version::One,
            group: mounted.group(path)?,
            is_own: false,
        })
    }

    /// The controllers of each hierarchy, none for version 2, and the group in it.
    fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.own.lines().filter_map(|line| {
            let (_, line) = line.split_once(':')?;
            line.split_once(':')
        })
    }
}

impl Mounted {
    /// Where a group is in the file system.
    fn group(&self, path: &str) -> Option<PathBuf> {
        let below = Path::new(path).strip_prefix(&self.root).ok()?;
        // A group outside of this process's view of them.
        if below.starts_with("..") {
            return None;
        }
        // Joined with nothing, a path would get a slash at its end.
        if below.as_os_str().is_empty() {
            return Some(self.place.clone());
        }
        Some(self.place.join(below))
    }
}

fn parse_mount(line: &str) -> Option<Mounted> {
    let (mount, system) = line.split_once(" - ")?;
    let mut mount = mount.split(' ').skip(3);
    let (root, place) = (mount.next()?, mount.next()?);
    let mut system = system.split(' ');
    let version = match system.next()? {
        "cgroup" => Version::One,
        "cgroup2" => Version::Two,
        _ => return None,
    };
    Some(Mounted {
        version,
        root: root.into(),
        place: place.into(),
        options: system.nth(1)?.into(),
    })
}

impl Holds {
    pub(super) fn read(group: &Path) -> io::Result<Self> {
        // The machine's root alone has no type.
        if !group.join("cgroup.type").try_exists()? {
            return Ok(Self::Anything);
        }
        let processes = fs::read_to_string(group.join("cgroup.procs"))?;
        Ok(Self::of(&processes, std::process::id()))
    }

    fn of(processes: &str, host: u32) -> Self {
        let host = host.to_string();
        if processes.is_empty() {
            Self::Nothing
        } else if processes.lines().all(|process| process == host) {
            Self::Host
        } else {
            Self::Others
        }
    }
}

/// Whether the machine gives a group to whoever runs in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delegation {
    Given,
    NotGiven,
    /// It is the user's, but may be that of a unit of the user's systemd. That
    /// leaves no mark, and takes the controllers back where it did not give them.
    Untold,
}

impl Delegation {
    pub(super) fn of(group: &Path) -> Self {
        let marks = ["trusted.delegate", "user.delegate"];
        let mark = marks.iter().find_map(|mark| {
            let mut value = [0; 8];
            let len = rustix::fs::getxattr(group, *mark, &mut value[..]).ok()?;
            Some(value[..len] == *b"1")
        });
        let owner = |group: &Path| Some(fs::metadata(group).ok()?.uid());
        let above = group.parent().and_then(owner);
        Self::judge(mark, owner(group), above, geteuid().as_raw())
    }

    /// What systemd says of it counts. Otherwise a user's is what begins where
    /// the groups of others end; to root all groups belong, which says nothing.
    fn judge(mark: Option<bool>, owner: Option<u32>, above: Option<u32>, user: u32) -> Self {
        match mark {
            Some(true) => Self::Given,
            Some(false) => Self::NotGiven,
            None if user == 0 || owner != Some(user) => Self::NotGiven,
            None if above == Some(user) => Self::Untold,
            None => Self::Given,
        }
    }
}

#[cfg(test)]
mod tests;
