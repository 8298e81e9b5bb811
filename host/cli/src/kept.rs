//! Whether a file or folder stays what it is: who else may write it, or put something
//! else in its place.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Group, Uid, User as Account};

use crate::users;

/// The folder on the way to a path in which somebody else than this user, root and
/// `owner` can put something in its place. The path has no links.
pub(crate) fn replaceable_in(path: &Path, owner: Option<u32>) -> io::Result<Option<PathBuf>> {
    let me = Uid::effective();
    for entry in path.ancestors() {
        let Some(folder) = entry.parent() else { break };
        let (entry, data) = (fs::symlink_metadata(entry)?, fs::symlink_metadata(folder)?);
        let mine = |uid| uid == 0 || uid == me.as_raw() || Some(uid) == owner;
        let sticky = data.mode() & 0o1000 != 0;
        let kept = !is_shared(&data) || (sticky && mine(entry.uid()));
        if !mine(data.uid()) || !kept {
            return Ok(Some(folder.to_owned()));
        }
    }
    Ok(None)
}

/// Whether others than its owner, and a group that is this user's alone, may write
/// a file or folder.
pub(crate) fn is_shared(data: &Metadata) -> bool {
    let group = data.mode() & 0o020 != 0 && !is_my_own(data.gid(), Uid::effective());
    group || data.mode() & 0o002 != 0
}

/// Whether a group is a user's own: each user has one on many machines, where
/// new folders can be written by it.
fn is_my_own(gid: u32, me: Uid) -> bool {
    let (Ok(Some(user)), Ok(Some(group))) =
        (Account::from_uid(me), Group::from_gid(Gid::from_raw(gid)))
    else {
        return false;
    };
    let alone = group.mem.iter().all(|member| *member == user.name);
    alone && user.gid == group.gid && user.name == group.name && !others_have(gid, &user.name)
}

/// Whether a group is the first one of another account.
fn others_have(gid: u32, me: &str) -> bool {
    // Where that is not known, others may be in it.
    users::table().map_or(true, |accounts| {
        let mut accounts = accounts.iter();
        accounts.any(|user| user.gid == gid && user.name != me)
    })
}
