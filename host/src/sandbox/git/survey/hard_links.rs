//! Other names of files that have to stay as they are: a mount covers a name, and
//! whoever writes the file by another one writes it as well.
//!
//! Finding them takes a look at every file. So only those files count whose other
//! names can lie in the workspace and can be written there.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::os::fd::BorrowedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rustix::fs::{Access, AtFlags, CWD, Dir, FileType};
use rustix::io::Errno;

use super::{Survey, Surveyor, list};
use crate::sandbox::git::arrange::Kind;
use crate::sandbox::git::{REUSE, REUSE_MAX};
use crate::sandbox::identity::Identity;

/// File systems without parts that have a device of their own, whose listings tell
/// the numbers that files have. Overlayfs and those of servers are not among them.
const PLAIN: [u32; 5] = [
    0xef53,      // ext2, ext3, ext4
    0x5846_5342, // XFS
    0x0102_1994, // tmpfs
    0x8584_58f6, // ramfs
    0xf2f5_2010, // F2FS
];

/// What was found in folders not long ago: a call to a capsule must not look at all
/// files of a folder each time.
#[derive(Debug, Default)]
pub(in crate::sandbox::git) struct Walks(Mutex<BTreeMap<Identity, Walk>>);

#[derive(Debug)]
struct Walk {
    linked: BTreeMap<Identity, PathBuf>,
    found: Survey,
    until: Instant,
}

impl Surveyor<'_> {
    /// Takes note of a file that has to stay as it is, if it has other names that
    /// matter.
    pub(super) fn has_names(&mut self, file: &Path) {
        if let Ok(metadata) = fs::metadata(file)
            && metadata.is_file()
            && metadata.nlink() > 1
            && !is_out_of_reach(file, &metadata)
            && self.device().is_none_or(|device| device == metadata.dev())
        {
            let identity = (metadata.dev(), metadata.ino());
            self.linked.entry(identity).or_insert_with(|| file.into());
        }
    }

    /// The device that everything in the workspace lies on, where that is known and
    /// its listings can be relied on.
    fn device(&mut self) -> Option<u64> {
        *self.device.get_or_insert_with(|| only_device(self.real))
    }

    /// Keeps all names of such files as they are, in the folders that were looked
    /// into.
    pub(super) fn other_names(&mut self, workspace: BorrowedFd<'_>) {
        let Some(first) = self.linked.values().next() else {
            return;
        };
        if self.found.cut.is_some() {
            let because = format!(
                "{}, which git obeys, has other names (hard links), and it has too many files to \
                 find them: replace that file by a copy of its own",
                first.display()
            );
            self.found.whole = Some(because);
            return;
        }
        let relies = self.device().is_some();
        let folders = Arc::clone(&self.found.folders);
        for folder in folders.keys() {
            if !self.goes_on() {
                return;
            }
            let Ok(mut listing) = list(workspace, folder) else {
                continue;
            };
            while let Some(entry) = listing.read() {
                let Ok(entry) = entry else { continue };
                let name = OsStr::from_bytes(entry.file_name().to_bytes());
                let may_be = match relies {
                    true => self.linked.keys().any(|(_, number)| *number == entry.ino()),
                    false => matches!(entry.file_type(), FileType::RegularFile | FileType::Unknown),
                };
                if may_be && self.is_linked(&listing, name) {
                    self.mark(folder.join(name), Kind::ReadOnly);
                }
            }
        }
    }

    /// The same in a folder that is not looked into otherwise.
    pub(super) fn other_names_within(&mut self, folder: BorrowedFd<'_>, walks: &Walks) {
        let found = &self.found;
        let settled = found.refused.is_some() || found.whole.is_some() || !found.marks.is_empty();
        if settled || self.linked.is_empty() {
            return;
        }
        let identity = rustix::fs::fstat(folder).map(|stat| (stat.st_dev, stat.st_ino));
        let known = identity.ok().and_then(|one| walks.get(one, &self.linked));
        if let Some(known) = known {
            self.found = known;
            return;
        }
        let began = Instant::now();
        self.below(folder);
        self.other_names(folder);
        self.found.folders = Arc::default();
        if let Ok(identity) = identity {
            let until = Instant::now() + (began.elapsed() * REUSE).min(REUSE_MAX);
            let (linked, found) = (self.linked.clone(), self.found.clone());
            walks.keep(identity, linked, found, until);
        }
    }

    fn is_linked(&self, folder: &Dir, name: &OsStr) -> bool {
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        let stat = folder
            .fd()
            .and_then(|folder| rustix::fs::statat(folder, name, flags));
        stat.is_ok_and(|stat| self.linked.contains_key(&(stat.st_dev, stat.st_ino)))
    }
}

impl Walks {
    fn get(&self, folder: Identity, linked: &BTreeMap<Identity, PathBuf>) -> Option<Survey> {
        let walks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let walk = walks.get(&folder)?;
        (walk.until > Instant::now() && walk.linked == *linked).then(|| walk.found.clone())
    }

    fn keep(
        &self,
        folder: Identity,
        linked: BTreeMap<Identity, PathBuf>,
        found: Survey,
        until: Instant,
    ) {
        let mut walks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        walks.retain(|_, walk| walk.until > Instant::now());
        let walk = Walk {
            linked,
            found,
            until,
        };
        walks.insert(folder, walk);
    }
}

/// Whether the host's user can neither write a file nor make that possible, as with
/// files of the system: what runs for them cannot either, by whatever name. Root's
/// processes run as others, whose files are not known here.
fn is_out_of_reach(file: &Path, metadata: &Metadata) -> bool {
    let me = rustix::process::geteuid();
    if me.is_root() || metadata.uid() == me.as_raw() {
        return false;
    }
    // A file system that is read-only here may be mounted for writing elsewhere, so
    // that no other error counts.
    let writing = rustix::fs::accessat(CWD, file, Access::WRITE_OK, AtFlags::EACCESS);
    writing == Err(Errno::ACCESS)
}

/// The one device of all that lies in a folder. `None` where there may be others, or
/// where listings may tell other numbers than files have.
fn only_device(folder: &Path) -> Option<u64> {
    let kind = rustix::fs::statfs(folder).ok()?.f_type;
    // The system's own type differs between architectures; the number has 32 bits.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let plain = PLAIN.contains(&(kind as u32));
    let mounts = fs::read("/proc/self/mountinfo").ok()?;
    if !plain || has_mounts(folder, &mounts) {
        return None;
    }
    Some(fs::metadata(folder).ok()?.dev())
}

/// Whether something is mounted in a folder.
fn has_mounts(folder: &Path, mounts: &[u8]) -> bool {
    let mut below = escaped(folder.as_os_str().as_bytes());
    if below.last() != Some(&b'/') {
        below.push(b'/');
    }
    let mut points = mounts
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.split(|byte| *byte == b' ').nth(4));
    points.any(|point| point.starts_with(&below) && point.len() > below.len())
}

/// A path as the kernel writes it into the list of mounts.
fn escaped(path: &[u8]) -> Vec<u8> {
    let one = |byte: &u8| match byte {
        b' ' | b'\t' | b'\n' | b'\\' => format!("\\{byte:03o}").into_bytes(),
        other => vec![*other],
    };
    path.iter().flat_map(one).collect()
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsFd;
    use std::os::unix::fs::{PermissionsExt, chown};

    use super::*;
    use crate::sandbox::git::survey::{GitSettings, Limits, survey_names};
    use crate::without::Need;

    /// Folders of a user with a configuration that has another name in `store`.
    fn home() -> (tempfile::TempDir, PathBuf, [GitSettings; 1]) {
        let home = tempfile::tempdir().unwrap();
        let real = home.path().canonicalize().unwrap();
        for folder in ["store", "other/deep"] {
            fs::create_dir_all(real.join(folder)).unwrap();
        }
        let config = real.join("config");
        fs::write(&config, "[a]\nb = c\n").unwrap();
        fs::hard_link(&config, real.join("store/name")).unwrap();
        let settings = GitSettings {
            config: vec![config],
            ..GitSettings::default()
        };
        (home, real, [settings])
    }

    fn found(folder: &Path, users: &[GitSettings], limits: Limits, walks: &Walks) -> Survey {
        let open = fs::File::open(folder).unwrap();
        survey_names(open.as_fd(), folder, users, limits, walks)
    }

    #[test]
    fn another_name_is_found_whether_listings_can_be_relied_on_or_not() {
        let (_home, real, users) = home();
        for relies in [true, false] {
            let store = real.join("store");
            let limits = Limits::default();
            let mut surveyor = Surveyor::new(&store, &users, limits, super::super::Depth::Names);
            if !relies {
                surveyor.device = Some(None);
            }
            surveyor.obey_user_anywhere();
            let open = fs::File::open(&store).unwrap();
            surveyor.other_names_within(open.as_fd(), &Walks::default());
            let marks: Vec<_> = surveyor.found.marks.keys().collect();
            assert_eq!(marks, [Path::new("name")], "{relies}");
        }
        let clean = found(
            &real.join("other"),
            &users,
            Limits::default(),
            &Walks::default(),
        );
        assert!(clean.marks.is_empty() && clean.whole.is_none());
    }

    #[test]
    fn too_many_files_are_told_with_the_file_that_has_other_names() {
        let (_home, real, users) = home();
        fs::write(real.join("other/a"), "").unwrap();
        let limits = Limits {
            entries: 1,
            ..Limits::default()
        };
        let whole = found(&real.join("other"), &users, limits, &Walks::default()).whole;
        let whole = whole.expect("it is refused");
        assert!(
            whole.contains(&real.join("config").display().to_string()),
            "{whole}"
        );
        assert!(whole.contains("hard links"), "{whole}");
        // Without another name nothing has to be looked at.
        fs::remove_file(real.join("store/name")).unwrap();
        let clean = found(&real.join("other"), &users, limits, &Walks::default());
        assert_eq!((clean.whole, clean.cut), (None, None));
    }

    #[test]
    fn what_was_found_is_used_again_for_the_same_folder_and_files_only() {
        let (_home, real, users) = home();
        let (store, walks) = (real.join("store"), Walks::default());
        let first = found(&store, &users, Limits::default(), &walks);
        let far = Instant::now() + REUSE_MAX * 1000;
        for walk in walks.0.lock().unwrap().values_mut() {
            walk.until = far;
        }
        // Nothing is looked at: it would be too much.
        let none = Limits {
            entries: 0,
            ..Limits::default()
        };
        assert_eq!(found(&store, &users, none, &walks), first);
        assert!(
            found(&real.join("other"), &users, none, &walks)
                .whole
                .is_some()
        );
        let hook = real.join("hook");
        fs::write(&hook, "").unwrap();
        fs::hard_link(&hook, real.join("other/hook")).unwrap();
        let mut more = users.clone();
        more[0].config.push(hook);
        assert!(found(&store, &more, none, &walks).whole.is_some());
    }

    #[test]
    fn another_device_has_no_other_name_of_a_file() {
        let (_home, real, users) = home();
        let device = fs::metadata(&real).unwrap().dev();
        let mut surveyor =
            Surveyor::new(&real, &users, Limits::default(), super::super::Depth::Names);
        surveyor.device = Some(Some(device + 1));
        surveyor.has_names(&users[0].config[0]);
        assert!(surveyor.linked.is_empty());
        surveyor.device = Some(Some(device));
        surveyor.has_names(&users[0].config[0]);
        assert_eq!(surveyor.linked.len(), 1);
    }

    #[test]
    fn mounts_below_a_folder_are_noticed() {
        let mounts =
            b"22 1 8:1 / / rw - ext4 /dev/a rw\n30 22 0:5 / /w/a\\040b/in rw - tmpfs t rw\n";
        for (folder, has) in [
            ("/", true),
            ("/w", true),
            ("/w/a b", true),
            ("/w/a b/in", false),
            ("/w/a", false),
            ("/x", false),
        ] {
            assert_eq!(has_mounts(Path::new(folder), mounts), has, "{folder}");
        }
    }

    #[test]
    fn a_file_that_the_user_cannot_write_is_out_of_reach() {
        let (_home, real, _) = home();
        let file = real.join("config");
        let reach = || is_out_of_reach(&file, &fs::metadata(&file).unwrap());
        assert!(!reach(), "it is the user's own, or root's");
        let root = rustix::process::geteuid().is_root();
        if !Need::Root.is_met((!root).then_some("only root may become another user")) {
            return;
        }
        fs::set_permissions(&real, fs::Permissions::from_mode(0o755)).unwrap();
        chown(&file, Some(0), Some(0)).unwrap();
        // Of this thread alone: Linux has users of threads.
        let as_other = |mode: u32| {
            fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
            std::thread::scope(|scope| {
                let thread = scope.spawn(|| {
                    // SAFETY: the system's call changes this thread only, which ends.
                    #[allow(unsafe_code)]
                    let done = unsafe { libc::syscall(libc::SYS_setresuid, -1, 54_321, -1) };
                    assert_eq!(done, 0);
                    reach()
                });
                thread.join().unwrap()
            })
        };
        assert!(as_other(0o644));
        assert!(!as_other(0o666), "anybody writes it");
    }
}
