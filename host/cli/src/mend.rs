//! How a user gets a folder back that cannot be written: whose it is, and the line that
//! makes it this user's.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use nix::unistd::{Gid, Uid, User};

use crate::home;

/// Returns what makes a path in this user's folders writable; nothing if that is not known.
pub(crate) fn mend(path: &Path) -> Option<String> {
    of(path, home::home().as_deref(), Uid::effective())
}

/// Returns a message with how to mend a path after it.
pub(crate) fn with_mend(message: &str, path: &Path) -> String {
    match mend(path) {
        Some(mend) => format!("{message}; {mend}"),
        None => message.to_owned(),
    }
}

fn of(path: &Path, home: Option<&Path>, me: Uid) -> Option<String> {
    let owner = |path: &Path| Some(fs::symlink_metadata(path).ok()?.uid());
    let is_mine = |path: &Path| owner(path).is_none_or(|owner| owner == me.as_raw());
    if let Some(home) = home.filter(|home| path.starts_with(home))
        && let Some(owner) = owner(home).filter(|owner| *owner != me.as_raw())
    {
        let instead = if me.is_root() { "`sudo -H`" } else { "`su -`" };
        return Some(format!(
            "HOME is {}, which belongs to {}: set it to a folder of {}, as {instead} does",
            home.display(),
            name(Uid::from_raw(owner)),
            name(me)
        ));
    }
    let above: Vec<&Path> = path
        .ancestors()
        .take_while(|above| Some(*above) != home && *above != Path::new("/"))
        .collect();
    let is_in_home = home.is_some_and(|home| path.starts_with(home));
    // The highest one: what `sudo` has made, it has made from there on.
    let foreign = above.iter().rev().find(|above| !is_mine(above));
    if let Some(foreign) = foreign.filter(|_| is_in_home) {
        let owner = owner(foreign)?;
        return Some(format!(
            "{} belongs to {}; to make it yours: sudo chown -R {} {}",
            foreign.display(),
            name(Uid::from_raw(owner)),
            owner_for_chown(me),
            quoted(foreign)
        ));
    }
    let there = above.iter().find(|above| above.exists())?;
    let data = fs::metadata(there).ok()?;
    let (needed, open) = match data.is_dir() {
        true => (0o300, "u+rwx"),
        false => (0o200, "u+rw"),
    };
    let closed = data.mode() & needed != needed && data.uid() == me.as_raw();
    closed.then(|| format!("to make it writable: chmod {open} {}", quoted(there)))
}

fn name(user: Uid) -> String {
    let account = User::from_uid(user).ok().flatten();
    account.map_or_else(|| user.to_string(), |account| account.name)
}

/// Returns a user with the user's own group, as `chown` takes them.
fn owner_for_chown(user: Uid) -> String {
    match User::from_uid(user) {
        Ok(Some(account)) => format!("{}:", account.name),
        _ => format!("{user}:{}", Gid::effective()),
    }
}

fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    shlex::try_quote(&text).map_or_else(|_| text.to_string(), |quoted| quoted.into_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, chown};

    use super::*;

    #[test]
    fn the_line_names_the_highest_folder_that_is_not_this_users() {
        if !crate::without::root() {
            return;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let home = folder.path().join("home");
        fs::create_dir_all(home.join(".cache/boll/components")).expect("folders");
        let me = Uid::from_raw(54_321);
        for mine in [".", ".cache"] {
            chown(home.join(mine), Some(me.as_raw()), None).expect("chown");
        }
        let mend = |path: &str| of(&home.join(path), Some(&home), me);
        let line = format!(
            "{0} belongs to root; to make it yours: sudo chown -R 54321:0 {0}",
            home.join(".cache/boll").display()
        );
        assert_eq!(mend(".cache/boll/components"), Some(line.clone()));
        assert_eq!(mend(".cache/boll/components/none/such"), Some(line));
        assert_eq!(mend(".local/state/boll"), None);
        let theirs = mend_of_root(&home);
        assert!(theirs.contains("which belongs to 54321") && theirs.contains("sudo -H"));
    }

    fn mend_of_root(home: &Path) -> String {
        of(&home.join(".cache/boll"), Some(home), Uid::from_raw(0)).expect("a line")
    }

    #[test]
    fn a_closed_folder_of_this_users_is_opened() {
        let folder = tempfile::tempdir().expect("a folder");
        let closed = folder.path().join("state");
        fs::create_dir(&closed).expect("a folder");
        fs::set_permissions(&closed, fs::Permissions::from_mode(0o500)).expect("chmod");
        let mend = of(&closed.join("boll"), Some(folder.path()), Uid::effective());
        let line = format!("to make it writable: chmod u+rwx {}", closed.display());
        assert_eq!(mend, Some(line));
    }
}
