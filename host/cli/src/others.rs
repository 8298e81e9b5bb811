//! Other users who are concerned when root gives a path for writing, and what they build:
//! looked up once per run, however often paths are judged.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::protected::{self, Accounts};
use crate::users::{self, User};
use crate::way::without_links;

/// The results of this run. Failed look-ups are tried again.
#[derive(Default)]
pub(crate) struct Others {
    concerned: Known<PathBuf, BTreeSet<User>>,
    builds: Known<User, Vec<PathBuf>>,
    accounts: Known<(), Accounts>,
    homes: Known<PathBuf, Vec<PathBuf>>,
}

type Known<K, V> = Mutex<BTreeMap<K, Arc<V>>>;

impl Others {
    /// Returns the users whom a path concerns, by [`users::concerned`].
    ///
    /// # Errors
    ///
    /// The users cannot be found out.
    pub(crate) fn concerned(&self, path: &Path) -> io::Result<Arc<BTreeSet<User>>> {
        let path = without_links(path);
        once(&self.concerned, &path, || users::concerned(&path))
    }

    /// Returns the homes around and in a path, by [`users::homes_at`].
    pub(crate) fn homes(&self, path: &Path) -> Arc<Vec<PathBuf>> {
        let path = without_links(path);
        let found = once(&self.homes, &path, || Ok(users::homes_at(&path)));
        // It has no error.
        found.unwrap_or_default()
    }

    /// Returns what a user builds and executes, by [`protected::of_user`].
    ///
    /// # Errors
    ///
    /// It cannot be read.
    pub(crate) fn builds(&self, user: &User) -> io::Result<Arc<Vec<PathBuf>>> {
        once(&self.builds, user, || protected::of_user(user))
    }

    /// Returns what all accounts build.
    ///
    /// # Errors
    ///
    /// The table of accounts cannot be read.
    pub(crate) fn accounts(&self) -> io::Result<Arc<Accounts>> {
        once(&self.accounts, &(), Accounts::read)
    }
}

fn once<K: Ord + Clone, V>(
    known: &Known<K, V>,
    key: &K,
    look: impl FnOnce() -> io::Result<V>,
) -> io::Result<Arc<V>> {
    let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = known.get(key) {
        return Ok(Arc::clone(found));
    }
    let found = Arc::new(look()?);
    known.insert(key.clone(), Arc::clone(&found));
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::chown;

    use super::*;

    #[test]
    fn who_is_concerned_is_looked_up_once_and_what_fails_again() {
        if !crate::without::root() {
            return;
        }
        const NOBODY: u32 = 65_534;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("folder");
        let others = Others::default();
        others.concerned(&path).expect_err("it is not there");
        fs::create_dir(&path).expect("a folder");
        let has = |others: &Others| {
            let users = others.concerned(&path).expect("users");
            users.iter().any(|user| user.uid == NOBODY)
        };
        assert!(!has(&others));
        chown(&path, Some(NOBODY), None).expect("chown");
        assert!(!has(&others));
        assert!(has(&Others::default()));
    }
}
