//! Where this machine's users have their homes, and which paths are the program's own:
//! the context in which folders are judged.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use boll_host::policy::{OwnPlace, Surroundings};

use crate::foreign::about;
use crate::home;
use crate::users::{self, OF_HOMES, User, is_missing};
use crate::way::{Way, without_links};

/// How deep links are searched in the program's own folders.
const FOLDERS_BELOW: u32 = 1;

/// The accounts of people; others belong to services.
const PEOPLE: std::ops::RangeInclusive<u32> = 1000..=60_000;

/// Returns everything that is known without reading the operator's file.
///
/// # Errors
///
/// The table of accounts cannot be read.
pub(super) fn of(operator: &Path) -> io::Result<Surroundings> {
    let mut host = Surroundings {
        homes: homes()?,
        ..Surroundings::default()
    };
    // It has no path for a user without a home.
    if *operator != *Path::new("") {
        add(&mut host, operator, "the operator's file", true);
    }
    if let Ok(cache) = home::cache_folder() {
        add_own_folder(&mut host, &cache, "the cache of compiled components");
    }
    if let Ok(state) = home::state_folder() {
        add_own_folder(&mut host, &state, "what Boll remembers");
    }
    if let Some(account) = home::account_elsewhere() {
        add_home(&mut host, &account.home);
    }
    if let Ok(program) = std::env::current_exe() {
        add(&mut host, &program, "the program boll", false);
    }
    Ok(host)
}

/// Adds what Boll reads and trusts when `HOME` names this folder.
pub(super) fn add_home(host: &mut Surroundings, home: &Path) {
    let shown = home.display();
    let [operator, cache, state] = OF_HOMES.map(|name| home.join(name));
    let what = format!("the operator's file of the home {shown}");
    let operator = operator.join("boll.toml");
    add(host, &operator, &what, !is_missing(&operator));
    let what = format!("the cache of compiled components of the home {shown}");
    add_own_folder(host, &cache, &what);
    add_own_folder(
        host,
        &state,
        &format!("what Boll remembers in the home {shown}"),
    );
}

/// Adds what Boll reads and trusts when another user runs it.
///
/// # Errors
///
/// It cannot be read in full.
pub(super) fn add_user(host: &mut Surroundings, user: &User) -> io::Result<()> {
    if !user.uses_boll() {
        return Ok(());
    }
    let name = &user.name;
    let what = format!("the operator's file of {name}");
    add(host, &user.operator(), &what, true);
    let what = format!("the cache of compiled components of {name}");
    add_folder(host, &user.cache(), &what)?;
    let what = format!("what Boll remembers for {name}");
    add_folder(host, &user.state(), &what)
}

/// Adds one of the program's own paths, which need not exist yet, and each link that
/// leads to it: replacing one decides what is read.
pub(super) fn add(host: &mut Surroundings, path: &Path, what: &str, secret: bool) {
    let way = Way::of(path);
    let own = |path, what, secret| OwnPlace { path, what, secret };
    let through = way.through.into_iter();
    let through = through.map(|link| own(link, format!("what leads to {what}"), false));
    host.own.extend(through);
    host.own.push(own(way.end, what.to_owned(), secret));
}

/// Does the same for this user's folders. Nothing that cannot be read is trusted.
fn add_own_folder(host: &mut Surroundings, folder: &Path, what: &str) {
    if let Err(error) = add_folder(host, folder, what) {
        tracing::debug!("{what} cannot be read: {error}");
    }
}

/// Adds a folder of the program's own, and where links in it and in its folders lead.
fn add_folder(host: &mut Surroundings, folder: &Path, what: &str) -> io::Result<()> {
    add(host, folder, what, false);
    let mut below = vec![(folder.to_owned(), FOLDERS_BELOW)];
    while let Some((folder, levels)) = below.pop() {
        let failed = |error| about(&folder, &error);
        let entries = match fs::read_dir(&folder) {
            Err(error) if is_no_folder(error.kind()) => continue,
            entries => entries.map_err(failed)?,
        };
        for entry in entries {
            let entry = entry.map_err(failed)?;
            let kind = entry.file_type().map_err(failed)?;
            if kind.is_symlink() {
                add(host, &entry.path(), what, false);
            } else if kind.is_dir() && levels > 0 {
                below.push((entry.path(), levels - 1));
            }
        }
    }
    Ok(())
}

/// Returns whether there is no folder that anything could be read from.
fn is_no_folder(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn homes() -> io::Result<Vec<PathBuf>> {
    let own = home::home();
    let accounts = users::table()?.into_iter();
    let others = accounts.filter(has_a_home).map(|account| account.home);
    let mut homes: Vec<PathBuf> = Vec::new();
    for home in own.into_iter().chain(others) {
        let real = without_links(&home);
        if real.is_absolute() && !homes.contains(&real) {
            homes.push(real);
        }
    }
    Ok(homes)
}

/// Returns whether an account belongs to a person or to root.
fn has_a_home(account: &User) -> bool {
    account.uid == 0 || PEOPLE.contains(&account.uid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_are_those_of_people_and_root() {
        for (uid, counts) in [(0, true), (1, false), (1000, true), (65_534, false)] {
            let account = User {
                name: "ann".into(),
                uid,
                gid: uid,
                home: "/mnt/ann".into(),
            };
            assert_eq!(has_a_home(&account), counts, "{uid}");
        }
        let homes = homes().expect("accounts");
        let all = users::table().expect("accounts");
        for account in all.iter().filter(|account| has_a_home(account)) {
            let home = without_links(&account.home);
            assert!(homes.contains(&home) || !home.is_absolute(), "{home:?}");
        }
    }
}
