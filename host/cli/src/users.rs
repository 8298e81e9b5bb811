//! Other users of this machine: whom a program of root's could harm by what it
//! writes, because they run Boll and build there as well.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User as Account};

/// The variables in which programs that make somebody root say who that was.
const BEFORE: [&str; 4] = ["SUDO_USER", "SUDO_UID", "DOAS_USER", "PKEXEC_UID"];

/// The most entries of a folder whose owners are looked at.
const ENTRIES: usize = 1000;

/// A user with the folders that programs use where no variable names others: which
/// variables the user has is not known here.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) home: PathBuf,
}

impl User {
    fn of(account: Account) -> Self {
        Self {
            name: account.name,
            uid: account.uid.as_raw(),
            home: account.dir,
        }
    }

    /// The operator's file.
    pub(crate) fn operator(&self) -> PathBuf {
        self.home.join(".config/boll/boll.toml")
    }

    /// The cache of compiled components.
    pub(crate) fn cache(&self) -> PathBuf {
        self.home.join(".cache/boll")
    }

    /// What Boll remembers.
    pub(crate) fn state(&self) -> PathBuf {
        self.home.join(".local/state/boll")
    }

    /// Whether the user has run Boll, or that cannot be seen.
    pub(crate) fn uses_boll(&self) -> bool {
        let places = [self.operator(), self.cache(), self.state()];
        places.iter().any(|place| !is_missing(place))
    }
}

/// Whether it is known that nothing has this path.
pub(crate) fn is_missing(path: &Path) -> bool {
    use io::ErrorKind::{NotADirectory, NotFound};
    let found = fs::symlink_metadata(path);
    found.is_err_and(|error| matches!(error.kind(), NotFound | NotADirectory))
}

/// Returns the users besides root who own what is written at a path, or what it lies
/// in, and the one who became root. Only root acts for others.
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

/// The owners of a path, of the folders it lies in, and of what is directly in it.
fn owners(path: &Path) -> io::Result<BTreeSet<u32>> {
    let mut found = BTreeSet::new();
    for above in path.ancestors() {
        found.insert(fs::metadata(above)?.uid());
    }
    if path.is_dir() {
        for entry in fs::read_dir(path)?.take(ENTRIES) {
            // It may be gone by now.
            found.extend(entry?.metadata().map(|data| data.uid()));
        }
    }
    found.remove(&0);
    Ok(found)
}

/// All accounts of this machine's own table, where this is root.
pub(crate) fn accounts() -> Vec<User> {
    if !Uid::effective().is_root() {
        return Vec::new();
    }
    let table = fs::read_to_string("/etc/passwd").unwrap_or_default();
    table.lines().filter_map(account).collect()
}

fn account(line: &str) -> Option<User> {
    let mut fields = line.split(':');
    let name = fields.next()?.to_owned();
    let uid = fields.nth(1)?.parse().ok()?;
    let home = PathBuf::from(fields.nth(2)?);
    home.is_absolute().then_some(User { name, uid, home })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::chown;

    use super::*;

    #[test]
    fn accounts_are_read_of_the_table() {
        let user = account("ci:x:999:995::/srv/ci:/bin/sh").expect("an account");
        assert_eq!((user.uid, user.home), (999, "/srv/ci".into()));
        assert_eq!(account("+"), None);
        assert_eq!(account("ci:x:999:995:::"), None);
    }

    #[test]
    fn whoever_owns_something_there_is_concerned() {
        let folder = tempfile::tempdir().expect("a folder");
        let ws = folder.path().join("around/ws");
        fs::create_dir_all(ws.join("inside")).expect("folders");
        let user = |uid| chown(folder.path().join("around"), Some(uid), None);
        if user(54_321).is_err() {
            // Others than root give nothing away, and write nothing as somebody else.
            assert_eq!(concerned(&ws).expect("nobody"), BTreeSet::new());
            return;
        }
        chown(ws.join("inside"), Some(54_322), None).expect("chown");
        chown(&ws, Some(54_323), None).expect("chown");
        let found = owners(&ws).expect("owners");
        assert_eq!(found, BTreeSet::from([54_321, 54_322, 54_323]));
        owners(&ws.join("missing")).expect_err("it is not there");
    }
}
