//! Whether a file or folder stays what it is: who else may write or replace it.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{Gid, Group, Uid, User as Account};
use rustix::io::Errno;

use crate::users;
use crate::way::Way;

/// Returns the folder above a path in which anyone except this user, root and `owner` can
/// replace an entry. The path has no links.
pub(crate) fn replaceable_in(path: &Path, owner: Option<u32>) -> io::Result<Option<PathBuf>> {
    let me = Uid::effective();
    for entry in path.ancestors() {
        let Some(folder) = entry.parent() else { break };
        let (entry, data) = (fs::symlink_metadata(entry)?, fs::symlink_metadata(folder)?);
        let mine = |uid| uid == 0 || uid == me.as_raw() || Some(uid) == owner;
        let sticky = data.mode() & 0o1000 != 0;
        let kept = !is_shared(folder, &data) || (sticky && mine(entry.uid()));
        if !mine(data.uid()) || !kept {
            return Ok(Some(folder.to_owned()));
        }
    }
    Ok(None)
}

/// Returns whether anyone except the owner, and a group that only this user is in, may
/// write a file or folder.
pub(crate) fn is_shared(path: &Path, data: &Metadata) -> bool {
    let alone = || is_my_own(data.gid(), Uid::effective()) && !has_list(path);
    (data.mode() & 0o020 != 0 && !alone()) || data.mode() & 0o002 != 0
}

/// Returns whether a file or folder, whose path has no links, belongs to this user or
/// root, and whether others can neither move nor change it.
pub(crate) fn is_kept(path: &Path) -> bool {
    let shared = fs::symlink_metadata(path).is_ok_and(|data| is_shared(path, &data));
    is_mine(path) && !shared && matches!(replaceable_in(path, None), Ok(None))
}

/// Returns whether a file or folder belongs to this user or root.
pub(crate) fn is_mine(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|data| is_owned(&data))
}

fn is_owned(data: &Metadata) -> bool {
    [0, Uid::effective().as_raw()].contains(&data.uid())
}

/// The most files and folders that are looked at for [`changeable_in`].
const ENTRIES: usize = 500_000;

/// Returns something in a folder, the folder itself or one above it, that anyone except this
/// user and root can change or replace: the first that is found. So is what others have put, under
/// one of the names `around`, into a folder above that all may add to, as to `/tmp`: tools that
/// build look for these there. A link counts as the file or folder that it leads to. The folder's
/// path has no links.
///
/// # Errors
///
/// Something cannot be looked at, or there are more than 500,000 entries.
pub(crate) fn changeable_in(folder: &Path, around: &[&str]) -> io::Result<Option<PathBuf>> {
    if let Some(above) = replaceable_in(folder, None)? {
        return Ok(Some(above));
    }
    if let Some(put) = put_around(folder, around)? {
        return Ok(Some(put));
    }
    Search::new().in_folder(folder, &fs::symlink_metadata(folder)?)
}

/// Returns what others have put above a folder under one of these names, where all may add
/// to the folders above.
fn put_around(folder: &Path, names: &[&str]) -> io::Result<Option<PathBuf>> {
    for above in folder.ancestors().skip(1) {
        if !is_shared(above, &fs::symlink_metadata(above)?) {
            continue;
        }
        for name in names {
            let path = above.join(name);
            // Where `.cargo` is a file, `.cargo/config` is missing, too.
            if !users::is_missing(&path) && !is_owned(&fs::symlink_metadata(&path)?) {
                return Ok(Some(path));
            }
        }
    }
    Ok(None)
}

/// Returns whether anyone except this user and root can change what a path leads to, or make it
/// lead elsewhere.
///
/// # Errors
///
/// Something on the way cannot be looked at.
pub(crate) fn leads_to_changeable(path: &Path) -> io::Result<bool> {
    Search::new().leads_to_changeable(path)
}

struct Search {
    me: Uid,
    /// The groups that were asked for, and whether only this user is in them.
    own_groups: HashMap<u32, bool>,
    left: usize,
}

impl Search {
    fn new() -> Self {
        Self {
            me: Uid::effective(),
            own_groups: HashMap::new(),
            left: ENTRIES,
        }
    }

    fn in_folder(&mut self, top: &Path, data: &Metadata) -> io::Result<Option<PathBuf>> {
        if self.is_changeable(top, data) {
            return Ok(Some(top.to_owned()));
        }
        let mut folders = vec![top.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                self.left = self
                    .left
                    .checked_sub(1)
                    .ok_or_else(|| io::Error::other(format!("more than {ENTRIES} entries")))?;
                let entry = entry?;
                let path = entry.path();
                let data = match entry.metadata() {
                    Ok(data) => data,
                    // It went meanwhile.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(error),
                };
                if data.is_symlink() {
                    if self.leads_to_changeable(&path)? {
                        return Ok(Some(path));
                    }
                } else if self.is_changeable(&path, &data) {
                    return Ok(Some(path));
                } else if data.is_dir() {
                    folders.push(path);
                }
            }
        }
        Ok(None)
    }

    fn leads_to_changeable(&mut self, link: &Path) -> io::Result<bool> {
        let Ok(target) = link.canonicalize() else {
            // To nothing: what would have to be made there is judged by where that is.
            return Ok(leads_into_foreign(link));
        };
        // Each link on the way can be replaced, too.
        for place in Way::of(link).places() {
            if replaceable_in(&place, None)?.is_some() {
                return Ok(true);
            }
        }
        let data = fs::symlink_metadata(&target)?;
        Ok(self.is_changeable(&target, &data))
    }

    fn is_changeable(&mut self, path: &Path, data: &Metadata) -> bool {
        let mode = data.mode();
        !is_owned(data)
            || mode & 0o002 != 0
            || (mode & 0o020 != 0 && !self.is_alone(path, data.gid()))
    }

    fn is_alone(&mut self, path: &Path, gid: u32) -> bool {
        let me = self.me;
        let own = self.own_groups.entry(gid);
        *own.or_insert_with(|| is_my_own(gid, me)) && !has_list(path)
    }
}

/// Returns whether somebody else can make what a link leads to that leads to nothing.
fn leads_into_foreign(link: &Path) -> bool {
    let Some(folder) = link.parent() else {
        return true;
    };
    let Ok(target) = fs::read_link(link) else {
        return true;
    };
    // The nearest folder that is there.
    let target = folder.join(target);
    let there = target
        .ancestors()
        .skip(1)
        .find_map(|above| above.canonicalize().ok());
    let Some(there) = there else { return true };
    let shared = fs::symlink_metadata(&there)
        .map_or(true, |data| is_shared(&there, &data) || !is_owned(&data));
    shared || !matches!(replaceable_in(&there, None), Ok(None))
}

/// Returns whether an access control list may give others access to a file or folder. The
/// group's permissions are then the maximum for everybody in the list.
fn has_list(path: &Path) -> bool {
    match rustix::fs::lgetxattr(path, "system.posix_acl_access", &mut [0_u8; 0][..]) {
        Ok(_) => true,
        Err(error) => ![Errno::NODATA, Errno::NOTSUP, Errno::OPNOTSUPP].contains(&error),
    }
}

/// Returns whether a group is a user's own: on many machines each user has one, which can
/// write new folders.
fn is_my_own(gid: u32, me: Uid) -> bool {
    let (Ok(Some(user)), Ok(Some(group))) =
        (Account::from_uid(me), Group::from_gid(Gid::from_raw(gid)))
    else {
        return false;
    };
    let alone = group.mem.iter().all(|member| *member == user.name);
    alone && user.gid == group.gid && user.name == group.name && !others_have(gid, &user.name)
}

/// Returns whether a group is the primary group of another account.
fn others_have(gid: u32, me: &str) -> bool {
    // If that is not known, others may be in it.
    users::table().map_or(true, |accounts| {
        let mut accounts = accounts.iter();
        accounts.any(|user| user.gid == gid && user.name != me)
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use rustix::fs::XattrFlags;

    use super::*;

    /// Returns an access control list that lets another user write: a version, and for
    /// each entry its kind, permissions and user.
    fn list(mask: u16) -> Vec<u8> {
        let nobody = u32::MAX;
        let entries: [(u16, u16, u32); 5] = [
            (0x01, 7, nobody),
            (0x02, 7, 5555),
            (0x04, 5, nobody),
            (0x10, mask, nobody),
            (0x20, 5, nobody),
        ];
        let mut bytes = 2_u32.to_le_bytes().to_vec();
        for (kind, permissions, user) in entries {
            bytes.extend(kind.to_le_bytes());
            bytes.extend(permissions.to_le_bytes());
            bytes.extend(user.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn an_access_control_list_gives_to_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        let is_shared = || is_shared(path, &fs::symlink_metadata(path).expect("its data"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("set");
        assert!(!is_shared());
        for (mask, shared) in [(7, true), (5, false)] {
            let name = "system.posix_acl_access";
            rustix::fs::setxattr(path, name, &list(mask), XattrFlags::empty())
                .expect("the file system of temporary files has access control lists");
            assert_eq!(is_shared(), shared, "with a mask of {mask}");
        }
    }
}
