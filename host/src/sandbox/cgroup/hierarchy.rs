//! A place where the host makes control groups, if there is one.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::group_name;
use super::place::{Delegation, Holds, Places, Version};

/// A group of the machine's below which the host may make others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hierarchy {
    pub(super) version: Version,
    pub(super) parent: PathBuf,
}

impl Hierarchy {
    /// Where a controller limits the groups that the host makes, or why nowhere.
    pub(super) fn find(controller: &str) -> Result<Self, String> {
        let mut reasons = Vec::new();
        for candidate in Places::read()?.of(controller) {
            let tried = match candidate.version {
                Version::One => Ok(()),
                Version::Two => open(&candidate.group, candidate.is_own, controller),
            };
            let found = Self {
                version: candidate.version,
                parent: candidate.group,
            };
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
        let group = self.parent.join(group_name::another()?);
        fs::create_dir(&group)?;
        Ok(group)
    }

    /// Makes a group, sees that it has the controller and may be joined, and
    /// removes it.
    fn try_group(&self, controller: &str) -> Result<(), String> {
        let group = self
            .make_group()
            .map_err(|error| format!("no group can be made below it: {error}"))?;
        let limit = match controller {
            "memory" => self.version.of("memory.limit_in_bytes", "memory.max"),
            "cpu" => self.version.of("cpu.shares", "cpu.weight"),
            _ => "pids.max",
        };
        let mut files = vec![group.join(limit), group.join("cgroup.procs")];
        if self.version == Version::Two {
            // Whoever moves a process must be allowed to where both groups meet.
            files.push(self.parent.join("cgroup.procs"));
        }
        let joinable = files.iter().try_for_each(|file| {
            let opened = fs::OpenOptions::new().write(true).open(file);
            let told = |error| format!("{} cannot be written: {error}", file.display());
            opened.map(drop).map_err(told)
        });
        let joinable = joinable.and_then(|()| match self.version {
            Version::One => Ok(()),
            Version::Two => is_domain(&group),
        });
        let removed =
            fs::remove_dir(&group).map_err(|error| format!("no group can be removed: {error}"));
        joinable.and(removed)
    }

    /// Removes the groups of hosts that are gone. A group that is in use stays:
    /// the kernel removes only empty ones.
    pub(super) fn remove_orphans(&self) {
        let Ok(entries) = fs::read_dir(&self.parent) else {
            return;
        };
        for entry in entries.flatten() {
            if group_name::is_of_gone_host(&entry.path()) {
                // In use, or removed by another host: both are well.
                let _ = remove(&entry.path());
            }
        }
    }
}

/// Removes a group with those right below it, if nobody is in one of them.
pub(super) fn remove(group: &Path) -> io::Result<()> {
    for entry in fs::read_dir(group)?.flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            fs::remove_dir(entry.path())?;
        }
    }
    fs::remove_dir(group)
}

/// Makes sure that a group of version 2 gives a controller to those below.
fn open(group: &Path, is_own: bool, controller: &str) -> Result<(), String> {
    let has = |file: &str| -> Result<bool, String> {
        let text = fs::read_to_string(group.join(file))
            .map_err(|error| format!("cannot read {file}: {error}"))?;
        Ok(text.split_whitespace().any(|name| name == controller))
    };
    if !has("cgroup.controllers")? {
        return Err(format!("it has no controller `{controller}`"));
    }
    // One with processes gives most controllers to no group below. The kernel
    // would take `pids`, but then the groups below could not be joined.
    let holds =
        Holds::read(group).map_err(|error| format!("cannot read its processes: {error}"))?;
    let reason = match (holds, is_own, Delegation::of(group)) {
        (Holds::Nothing | Holds::Anything, ..) => None,
        (_, true, Delegation::NotGiven) => Some("it is not delegated to the host"),
        (Holds::Host, _, Delegation::Untold) => {
            Some("the host itself is in it, and would have to be told that it is delegated")
        }
        (Holds::Host, ..) => Some("the host itself is in it, and has to move below it first"),
        (Holds::Others, ..) => Some("there are other processes in it than the host"),
    };
    if let Some(reason) = reason {
        return Err(reason.into());
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

/// Whether a group of version 2 can hold processes.
fn is_domain(group: &Path) -> Result<(), String> {
    let text = fs::read_to_string(group.join("cgroup.type"))
        .map_err(|error| format!("cannot read cgroup.type of a group: {error}"))?;
    match text.trim() {
        "domain" => Ok(()),
        other => Err(format!(
            "groups below it are `{other}`, and cannot be joined"
        )),
    }
}

#[cfg(test)]
mod tests;
