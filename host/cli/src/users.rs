//! Other users of this machine whom a program of root's could harm by its writes, because
//! they also run Boll and build there.

use std::collections::BTreeSet;
use std::env;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User as Account};

use crate::foreign::about;

/// The variables in which programs that make a user root name that user.
const BEFORE: [&str; 4] = ["SUDO_USER", "SUDO_UID", "DOAS_USER", "PKEXEC_UID"];

/// The folders in which Boll has its operator's file, its cache and its state in a home folder.
pub(crate) const OF_HOMES: [&str; 3] = [".config/boll", ".cache/boll", ".local/state/boll"];

/// How deep homes are looked for below a folder, and in how many folders.
const HOMES_BELOW: usize = 2;
const HOMES_LOOKED: usize = 10_000;

/// The table of accounts.
const TABLE: &str = "/etc/passwd";

/// A user, with the folders that programs use by default: the user's variables are
/// unknown here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) uid: u32,
    /// The primary group.
    pub(crate) gid: u32,
    pub(crate) home: PathBuf,
}

impl User {
    fn of(account: Account) -> Self {
        Self {
            name: account.name,
            uid: account.uid.as_raw(),
            gid: account.gid.as_raw(),
            home: account.dir,
        }
    }

    /// Returns the account that this program runs as, if it has one with a home.
    pub(crate) fn of_this_process() -> Option<Self> {
        let account = Account::from_uid(Uid::effective()).ok()??;
        Some(Self::of(account)).filter(|user| user.home.is_absolute())
    }

    /// Returns the operator's file.
    pub(crate) fn operator(&self) -> PathBuf {
        self.home.join(OF_HOMES[0]).join("boll.toml")
    }

    /// Returns the cache of compiled components.
    pub(crate) fn cache(&self) -> PathBuf {
        self.home.join(OF_HOMES[1])
    }

    /// Returns the folder of what Boll remembers.
    pub(crate) fn state(&self) -> PathBuf {
        self.home.join(OF_HOMES[2])
    }

    /// Returns whether the user has run Boll; also `true` if that cannot be checked.
    pub(crate) fn uses_boll(&self) -> bool {
        let places = [self.operator(), self.cache(), self.state()];
        places.iter().any(|place| !is_missing(place))
    }
}

/// Returns the folders with something of Boll's at its default place, among those that a folder
/// lies in, the folder itself, and those in it, two levels deep and at most 10,000: with `HOME` set
/// to one of them, Boll trusts what is there. The folder's path has no links.
pub(crate) fn homes_at(folder: &Path) -> Vec<PathBuf> {
    let is_home = |folder: &Path| OF_HOMES.iter().any(|name| !is_missing(&folder.join(name)));
    let mut found: Vec<PathBuf> = Vec::new();
    let above = folder.ancestors().filter(|above| is_home(above));
    found.extend(above.map(Path::to_owned));
    let mut looked = 0;
    let mut level = vec![folder.to_owned()];
    for _ in 0..HOMES_BELOW {
        let mut below = Vec::new();
        // What cannot be listed is not written either.
        let entries = level.iter().filter_map(|folder| fs::read_dir(folder).ok());
        for entry in entries.flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) && looked < HOMES_LOOKED {
                looked += 1;
                below.push(entry.path());
            }
        }
        found.extend(below.iter().filter(|folder| is_home(folder)).cloned());
        level = below;
    }
    found
}

/// Returns whether a path is known not to exist.
pub(crate) fn is_missing(path: &Path) -> bool {
    use ErrorKind::{NotADirectory, NotFound};
    let found = fs::symlink_metadata(path);
    found.is_err_and(|error| matches!(error.kind(), NotFound | NotADirectory))
}

/// Returns the users except root who own the file at a path, or a folder that it lies in,
/// and the one who became root. Only root acts for others.
///
/// # Errors
///
/// The path, or the table of accounts, cannot be read.
pub(crate) fn concerned(path: &Path) -> io::Result<BTreeSet<User>> {
    let mut found = BTreeSet::new();
    if !Uid::effective().is_root() {
        return Ok(found);
    }
    for uid in owners(path)? {
        found.extend(Account::from_uid(Uid::from_raw(uid))?.map(User::of));
    }
    for name in BEFORE {
        let value = env::var_os(name).and_then(|value| value.into_string().ok());
        let Some(value) = value else { continue };
        let account = match value.parse() {
            Ok(uid) => Account::from_uid(Uid::from_raw(uid))?,
            Err(_) => Account::from_name(&value)?,
        };
        found.extend(account.map(User::of));
    }
    found.retain(|user| user.uid != 0);
    Ok(found)
}

/// Returns the owners of a path, of the folders above it, and of everything directly in
/// it, however many entries there are: a limit would leave out the rest.
fn owners(path: &Path) -> io::Result<BTreeSet<u32>> {
    let mut found = BTreeSet::new();
    for above in path.ancestors() {
        let data = fs::metadata(above).map_err(|error| about(above, &error))?;
        found.insert(data.uid());
    }
    if path.is_dir() {
        for entry in fs::read_dir(path).map_err(|error| about(path, &error))? {
            let entry = entry.map_err(|error| about(path, &error))?;
            match entry.metadata() {
                Ok(data) => {
                    found.insert(data.uid());
                }
                // It is gone by now.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(about(&entry.path(), &error)),
            }
        }
    }
    found.remove(&0);
    Ok(found)
}

/// Returns a folder of a user that lies in another folder, at any depth.
///
/// # Errors
///
/// Something in there cannot be examined.
pub(crate) fn folder_in(folder: &Path, user: &User) -> io::Result<Option<PathBuf>> {
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries.map_err(|error| about(&folder, &error))?,
        };
        for entry in entries {
            let entry = entry.map_err(|error| about(&folder, &error))?;
            let path = entry.path();
            match entry.metadata() {
                Ok(data) if !data.is_dir() => {}
                Ok(data) if data.uid() == user.uid => return Ok(Some(path)),
                Ok(_) => left.push(path),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(about(&path, &error)),
            }
        }
    }
    Ok(None)
}

/// Returns all accounts of this machine's own table that have a home, if this is root.
///
/// # Errors
///
/// The table cannot be read.
pub(crate) fn accounts() -> io::Result<Vec<User>> {
    if !Uid::effective().is_root() {
        return Ok(Vec::new());
    }
    let mut users = table()?;
    users.retain(|user| user.home.is_absolute());
    Ok(users)
}

/// Returns the accounts of this machine's own table; none if there is no table.
///
/// # Errors
///
/// It cannot be read.
pub(crate) fn table() -> io::Result<Vec<User>> {
    let text = match fs::read(TABLE) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        text => text.map_err(|error| about(Path::new(TABLE), &error))?,
    };
    let lines = text.split(|byte| *byte == b'\n');
    Ok(lines.filter_map(account).collect())
}

fn account(line: &[u8]) -> Option<User> {
    let mut fields = line.split(|byte| *byte == b':');
    let text = |field: &[u8]| String::from_utf8_lossy(field).into_owned();
    let name = text(fields.next()?);
    let uid = text(fields.nth(1)?).parse().ok()?;
    let gid = text(fields.next()?).parse().ok()?;
    let home = OsStr::from_bytes(fields.nth(1)?).into();
    Some(User {
        name,
        uid,
        gid,
        home,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::chown;

    use super::*;

    #[test]
    fn accounts_are_read_of_the_table() {
        let user = account(b"ci:x:999:995::/srv/\xff:/bin/sh").expect("an account");
        assert_eq!((user.uid, user.gid), (999, 995));
        assert_eq!(user.home.as_os_str().as_bytes(), b"/srv/\xff");
        assert_eq!(account(b"+"), None);
        assert_eq!(account(b"+::::::"), None);
    }

    #[test]
    fn whoever_owns_something_there_is_concerned() {
        let folder = tempfile::tempdir().expect("a folder");
        let ws = folder.path().join("around/ws");
        fs::create_dir_all(ws.join("inside")).expect("folders");
        if !Uid::effective().is_root() {
            // Users other than root write nothing on behalf of others.
            assert_eq!(concerned(&ws).expect("nobody"), BTreeSet::new());
        }
        if !crate::without::root() {
            return;
        }
        chown(folder.path().join("around"), Some(54_321), None).expect("chown");
        chown(ws.join("inside"), Some(54_322), None).expect("chown");
        chown(&ws, Some(54_323), None).expect("chown");
        let found = owners(&ws).expect("owners");
        assert_eq!(found, BTreeSet::from([54_321, 54_322, 54_323]));
        owners(&ws.join("missing")).expect_err("it is not there");
        // However many entries there are.
        for name in 0..5000 {
            fs::write(ws.join(format!("{name}")), "").expect("a file");
        }
        chown(ws.join("4321"), Some(54_324), None).expect("chown");
        assert!(owners(&ws).expect("owners").contains(&54_324));
    }

    #[test]
    fn homes_are_known_by_what_boll_has_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a path");
        let path = |name: &str| root.join(name);
        for name in [
            "a/.local/state/boll/built",
            "b/.local/state/other",
            "b/c/.config/boll",
            "b/c/d/.cache/boll",
        ] {
            fs::create_dir_all(path(name)).expect("folders");
        }
        let homes = |name: &str| {
            let mut homes = homes_at(&path(name));
            homes.retain(|home| home.starts_with(&root));
            homes
        };
        assert_eq!(homes(""), [path("a"), path("b/c")]);
        assert_eq!(homes("b"), [path("b/c"), path("b/c/d")]);
        assert_eq!(homes("a/.local/state"), [path("a")]);
        assert_eq!(homes("a/.local/state/boll/built"), [path("a")]);
        assert_eq!(homes("b/.local"), Vec::<PathBuf>::new());
        assert_eq!(homes("missing"), Vec::<PathBuf>::new());
    }

    #[test]
    fn a_folder_of_a_users_is_found_at_whatever_depth() {
        if !crate::without::root() {
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let deep = folder.path().join("a/b/c/d");
        fs::create_dir_all(&deep).expect("folders");
        fs::write(folder.path().join("a/file"), "").expect("a file");
        let user = User {
            name: "other".into(),
            uid: 54_321,
            gid: 54_321,
            home: "/".into(),
        };
        let found = || folder_in(folder.path(), &user).expect("it can be read");
        chown(folder.path().join("a/file"), Some(54_321), None).expect("chown");
        assert_eq!(found(), None);
        chown(&deep, Some(54_321), None).expect("chown");
        assert_eq!(found(), Some(deep));
    }
}
