//! Whose the processes of a workspace are to the kernel.

use rustix::process::geteuid;

use crate::workspace::Workspace;

/// The user that starts processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    /// The host's own, which is not root.
    Host,
    /// The workspace's owner; the host is root.
    Owner { uid: u32, gid: u32 },
    /// Root, because the workspace is root's.
    Root,
}

impl User {
    /// The one who is to start those of a workspace. A host that is root gives that up
    /// where it can.
    pub(super) fn of(workspace: &Workspace) -> Self {
        match (geteuid().is_root(), workspace.owner()) {
            (false, _) => Self::Host,
            (true, (0, _)) => Self::Root,
            (true, (uid, gid)) => Self::Owner { uid, gid },
        }
    }

    /// Its user and group, where that is not the host's.
    pub(super) fn owner(self) -> Option<(u32, u32)> {
        match self {
            Self::Owner { uid, gid } => Some((uid, gid)),
            Self::Host | Self::Root => None,
        }
    }
}
