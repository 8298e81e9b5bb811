//! Finds the place where the host may make control groups, if there is one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::process::geteuid;

/// The two interfaces of the kernel's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    One,
    Two,
}

/// A group of the machine's below which the host may make others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hierarchy {
    pub(super) version: Version,
    pub(super) parent: PathBuf,
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

impl Hierarchy {
    /// Where a controller limits the groups that the host makes, or why nowhere.
    pub(super) fn find(controller: &str) -> Result<Self, String> {
        let read = |file: &str| {
            fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))
        };
        let own = read("/proc/self/cgroup")?;
        let mounted: Vec<Mounted> = read("/proc/self/mountinfo")?
            .lines()
            .filter_map(parse_mount)
            .collect();
        let mut reasons = Vec::new();
        for (version, parent) in places(&own, &mounted, controller) {
            let tried = match version {
                Version::One => Ok(()),
                Version::Two => enable(&parent, controller),
            };
            let found = Self { version, parent };
            match tried.and_then(|()| found.try_group(controller)) {
                Ok(()) => return Ok(found),
                Err(reason) => reasons.push(format!("{}: {reason}", found.parent.display())),
            }
        }
        if reasons.is_empty() {
            reasons.push(format!(
                "no mounted hierarchy has the controller `{controller}`"
            ));
        }
        Err(reasons.join("; "))
    }

    /// Makes a group that no other host and no other tree has.
    pub(super) fn make_group(&self) -> io::Result<PathBuf> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let process = std::process::id();
        // With its start, a process that is gone is known from one with its id.
        let start = start_of(process)
            .ok_or_else(|| io::Error::other("cannot read when this process started"))?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let group = self.parent.join(format!("boll-{process}-{start}-{number}"));
        fs::create_dir(&group)?;
        Ok(group)
    }

    /// Makes a group, sees that it has the controller and may be joined, and
    /// removes it.
    fn try_group(&self, controller: &str) -> Result<(), String> {
        let group = self
            .make_group()
            .map_err(|error| format!("no group can be made below it: {error}"))?;
        let limit = match (self.version, controller) {
            (Version::One, "memory") => "memory.limit_in_bytes",
            (Version::Two, "memory") => "memory.max",
            _ => "pids.max",
        };
        let mut files = vec![group.join(limit), group.join("cgroup.procs")];
        if self.version == Version::Two {
            // Whoever moves a process must be allowed to where both groups meet.
            files.push(self.parent.join("cgroup.procs"));
        }
        let writable = files.iter().try_for_each(|file| {
            let opened = fs::OpenOptions::new().write(true).open(file);
            let told = |error| format!("{} cannot be written: {error}", file.display());
            opened.map(drop).map_err(told)
        });
        let removed =
            fs::remove_dir(&group).map_err(|error| format!("no group can be removed: {error}"));
        writable.and(removed)
    }

    /// Removes the groups of hosts that are gone. A group that is in use stays:
    /// the kernel removes only empty ones.
    pub(super) fn remove_orphans(&self) {
        let Ok(entries) = fs::read_dir(&self.parent) else {
            return;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name.to_str().and_then(host_of).is_some_and(is_gone) {
                // In use, or removed by another host: both are well.
                let _ = fs::remove_dir(entry.path());
            }
        }
    }
}

/// The process and its start in the name of a group.
fn host_of(name: &str) -> Option<(u32, u64)> {
    let mut parts = name.strip_prefix("boll-")?.split('-');
    let host = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    parts.next()?.parse::<u64>().ok()?;
    parts.next().is_none().then_some(host)
}

fn is_gone((process, start): (u32, u64)) -> bool {
    start_of(process) != Some(start)
}

/// When a process started, in clock ticks since the machine did.
fn start_of(process: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    fields.split_whitespace().nth(19)?.parse().ok()
}

/// The groups to try, the best first.
fn places(own: &str, mounted: &[Mounted], controller: &str) -> Vec<(Version, PathBuf)> {
    let mut places = Vec::new();
    for line in own.lines() {
        let mut parts = line.splitn(3, ':');
        let (Some(_), Some(controllers), Some(path)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        if controllers.is_empty() {
            let at = |mounted: &&Mounted| mounted.version == Version::Two;
            let Some(mounted) = mounted.iter().find(at) else {
                continue;
            };
            let Some(group) = mounted.group(path) else {
                continue;
            };
            // A group with processes, as the host's own, gives its controllers
            // to no group below, unless it is the machine's root.
            let beside = group
                .parent()
                .filter(|parent| parent.starts_with(&mounted.place) && is_delegated(parent));
            let beside = beside.map(Path::to_owned);
            let both = [Some(group), beside].into_iter().flatten();
            places.splice(0..0, both.map(|place| (Version::Two, place)));
        } else if controllers.split(',').any(|name| name == controller) {
            let at = |mounted: &&Mounted| {
                let mut options = mounted.options.split(',');
                mounted.version == Version::One && options.any(|name| name == controller)
            };
            let group = mounted.iter().find(at).and_then(|at| at.group(path));
            places.extend(group.map(|group| (Version::One, group)));
        }
    }
    places
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

/// Whether the machine gives this group to whoever runs in it. To an ordinary
/// user the kernel says it; for root, systemd leaves a mark.
fn is_delegated(group: &Path) -> bool {
    if !geteuid().is_root() {
        return true;
    }
    ["trusted.delegate", "user.delegate"].iter().any(|mark| {
        let mut value = [0; 8];
        rustix::fs::getxattr(group, *mark, &mut value[..]).is_ok_and(|len| value[..len] == *b"1")
    })
}

/// Has a group of version 2 give a controller to those below.
fn enable(group: &Path, controller: &str) -> Result<(), String> {
    let has = |file: &str| -> Result<bool, String> {
        let text = fs::read_to_string(group.join(file))
            .map_err(|error| format!("cannot read {file}: {error}"))?;
        Ok(text.split_whitespace().any(|name| name == controller))
    };
    if !has("cgroup.controllers")? {
        return Err(format!("it has no controller `{controller}`"));
    }
    if has("cgroup.subtree_control")? {
        return Ok(());
    }
    fs::write(
        group.join("cgroup.subtree_control"),
        format!("+{controller}"),
    )
    .map_err(|error| format!("it cannot give `{controller}` to groups below: {error}"))
}

#[cfg(test)]
mod tests;
