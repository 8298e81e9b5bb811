//! Moves the host out of the way, so that its group can give controllers to the
//! groups of commands.

use std::fs;
use std::io;
use std::path::Path;

use super::TreeLimit;
use super::hierarchy::Hierarchy;
use super::place::{Delegation, Holds, Places, Version};

/// Moves this process into a new control group below its own, if that is what
/// the limits of process trees lack: where control groups are of version 2, and
/// this process's is delegated to it and holds no other process. A group that
/// holds processes gives its controllers to no group below.
///
/// `is_delegated` is asked where neither the kernel nor systemd tells whether a
/// group, given by its path, is delegated: for units of the user's own systemd.
/// A wrong yes is dangerous: that systemd takes the limits back at any time.
///
/// Tells whether it moved. It concerns the whole process, and so is left to who
/// owns that: the library never does it by itself. Call it before the first
/// [`Sandbox`](crate::sandbox::Sandbox) is probed and before any process is
/// started.
///
/// # Errors
///
/// When the kernel does not say where this process is, or refuses the move. The
/// process is where it was.
pub fn enter_leaf_cgroup(is_delegated: impl FnOnce(&Path) -> bool) -> io::Result<bool> {
    let Some(own) = Places::read().map_err(io::Error::other)?.own() else {
        return Ok(false);
    };
    if Holds::read(&own)? != Holds::Host {
        return Ok(false);
    }
    let controllers = fs::read_to_string(own.join("cgroup.controllers"))?;
    let is_lacking = |limit: TreeLimit| {
        let name = limit.controller();
        let has = controllers.split_whitespace().any(|has| has == name);
        has && Hierarchy::find(name).is_err()
    };
    if !TreeLimit::ALL.into_iter().any(is_lacking) {
        return Ok(false);
    }
    let is_delegated = match Delegation::of(&own) {
        Delegation::Given => true,
        Delegation::NotGiven => false,
        Delegation::Untold => is_delegated(&own),
    };
    if !is_delegated {
        return Ok(false);
    }
    let own = Hierarchy {
        version: Version::Two,
        parent: own,
    };
    own.remove_orphans();
    let leaf = own.make_group()?;
    let moved = fs::write(leaf.join("cgroup.procs"), std::process::id().to_string());
    if moved.is_err() {
        // An empty group is in nobody's way.
        let _ = fs::remove_dir(&leaf);
    }
    moved.map(|()| true)
}
