//! Where this machine's users are at home, and what is the program's own: what
//! the judgement of folders needs to know.

use std::fs;
use std::path::{Path, PathBuf};

use boll_host::policy::{OwnPlace, Surroundings};
use etcetera::BaseStrategy as _;

use crate::session;
use crate::users::User;
use crate::way::{Way, without_links};

/// How far links are looked for in the program's own folders.
const FOLDERS_BELOW: u32 = 1;

/// The accounts that people have; others are of services.
const PEOPLE: std::ops::RangeInclusive<u32> = 1000..=60_000;

/// All that is known without the operator's file being read.
pub(super) fn of(operator: &Path) -> Surroundings {
    let mut host = Surroundings {
        homes: homes(),
        ..Surroundings::default()
    };
    add(&mut host, operator, "the operator's file", true);
    if let Ok(cache) = session::cache_folder() {
        add_folder(&mut host, &cache, "the cache of compiled components");
    }
    if let Ok(state) = session::state_folder() {
        add_folder(&mut host, &state, "what Boll remembers");
    }
    if let Ok(program) = std::env::current_exe() {
        add(&mut host, &program, "the program boll", false);
    }
    host
}

/// Adds what Boll reads and believes when another user runs it.
pub(super) fn add_user(host: &mut Surroundings, user: &User) {
    if !user.uses_boll() {
        return;
    }
    let name = &user.name;
    let what = format!("the operator's file of {name}");
    add(host, &user.operator(), &what, true);
    let what = format!("the cache of compiled components of {name}");
    add_folder(host, &user.cache(), &what);
    add_folder(
        host,
        &user.state(),
        &format!("what Boll remembers for {name}"),
    );
}

/// Adds one of the program's own places, which need not be there yet, and each link
/// that leads to it: whoever replaces one decides what is read.
pub(super) fn add(host: &mut Surroundings, path: &Path, what: &str, secret: bool) {
    let way = Way::of(path);
    let own = |path, what, secret| OwnPlace { path, what, secret };
    let through = way.through.into_iter();
    let through = through.map(|link| own(link, format!("what leads to {what}"), false));
    host.own.extend(through);
    host.own.push(own(way.end, what.to_owned(), secret));
}

/// Adds a folder of the program's own, and where links in it and in its folders lead.
fn add_folder(host: &mut Surroundings, folder: &Path, what: &str) {
    add(host, folder, what, false);
    let mut below = vec![(folder.to_owned(), FOLDERS_BELOW)];
    while let Some((folder, levels)) = below.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_symlink() => add(host, &entry.path(), what, false),
                Ok(kind) if kind.is_dir() && levels > 0 => {
                    below.push((entry.path(), levels - 1));
                }
                _ => {}
            }
        }
    }
}

fn homes() -> Vec<PathBuf> {
    let own = etcetera::choose_base_strategy().ok();
    let own = own.map(|strategy| strategy.home_dir().to_owned());
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let others = accounts.lines().filter_map(home_of);
    let mut homes: Vec<PathBuf> = Vec::new();
    for home in own.into_iter().chain(others) {
        let real = without_links(&home);
        if real.is_absolute() && !homes.contains(&real) {
            homes.push(real);
        }
    }
    homes
}

/// The home of a person or of root in a line of the table of accounts.
fn home_of(line: &str) -> Option<PathBuf> {
    let mut fields = line.split(':').skip(2);
    let uid: u32 = fields.next()?.parse().ok()?;
    let home = fields.nth(2)?;
    (uid == 0 || PEOPLE.contains(&uid)).then(|| home.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homes_are_those_of_people_and_root() {
        let home = |line| home_of(line).map(|home| home.display().to_string());
        assert_eq!(
            home("root:x:0:0:root:/root:/bin/bash"),
            Some("/root".into())
        );
        assert_eq!(
            home("ann:x:1000:1000::/mnt/ann:/bin/sh"),
            Some("/mnt/ann".into())
        );
        assert_eq!(home("daemon:x:1:1:daemon:/usr/sbin:/bin/false"), None);
        assert_eq!(home("nobody:x:65534:65534::/nonexistent:/bin/false"), None);
        assert_eq!(home("+"), None);
    }
}
