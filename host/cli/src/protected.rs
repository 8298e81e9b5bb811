//! Paths that nobody may write while a capsule runs: the folders that this program
//! builds, reads, executes or trusts.
//!
//! A process that could write there would control what the user's next command, or
//! `boll dev`, does.

mod called;
mod follow;
mod kinds;
mod lines;
mod search;
mod source;
mod text;
mod tools;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use boll_host::policy::{FileAccess, Requests};

use self::search::{LIMITS, Limits, Search, TooMuch};
use crate::failure::{Code, Done, Failure};
use crate::home;
use crate::project::Project;
use crate::trust::{self, own_checkouts};
use crate::users::{self, User};
use crate::way::{self, Way};

/// Returns the protected paths for these capsules, without links in them. Sources of
/// builds elsewhere are searched only if one of the capsules asks to write.
pub(crate) fn of<'a>(projects: impl Iterator<Item = &'a Project> + Clone) -> Done<Vec<PathBuf>> {
    let mut all = projects.clone();
    let limits = all.any(|project| writes(&project.manifest.requests));
    gather(projects, limits.then_some(LIMITS))
}

/// Returns the same for capsules whose manifests may ask for more later.
pub(crate) fn of_changing<'a>(projects: impl Iterator<Item = &'a Project>) -> Done<Vec<PathBuf>> {
    gather(projects, Some(LIMITS))
}

/// Returns whether a path stands for everything: the search was not complete.
pub(crate) fn is_everything(place: &Path) -> bool {
    place == Path::new("/")
}

/// Returns what another user builds and executes, according to that user's home;
/// everything, if that is too much to find all of it.
///
/// # Errors
///
/// That user's records of consent cannot be read.
pub(crate) fn of_user(user: &User) -> io::Result<Vec<PathBuf>> {
    let mut places = tools::places_of(user);
    match tools::linked_of(user) {
        Some(linked) => places.extend(linked),
        None => places.push("/".into()),
    }
    let mut folders = Vec::new();
    for folder in trust::folders_of(user)? {
        places.extend(Way::of(&folder).places());
        folders.push(way::without_links(&folder));
    }
    let settings = tools::settings_of(user);
    places.extend(taken_by(&folders, &settings, Some(&user.home), LIMITS));
    Ok(without_nested(places))
}

/// Returns what the account that this program runs as builds without a question, and executes,
/// when `HOME` names the account's own home, if that is another one in this run. What its builds
/// take from elsewhere is not searched.
fn of_account_elsewhere() -> Vec<PathBuf> {
    let Some(account) = home::account_elsewhere() else {
        return Vec::new();
    };
    let folders = trust::folders_elsewhere(&account).into_iter();
    let folders = folders.flat_map(|folder| Way::of(&folder).places());
    folders.chain(tools::places_of(&account)).collect()
}

/// The folders that users of this machine build without a question. Only root, who writes
/// files of theirs, needs them.
#[derive(Default)]
pub(crate) struct Accounts {
    /// Folders of their own.
    folders: Vec<PathBuf>,
    /// Users whose folders cannot be found out, each with the reason.
    pub(crate) unknown: Vec<(User, io::Error)>,
}

impl Accounts {
    /// Reads the folders that all accounts build. A user whose records are unreadable, or
    /// too many, is protected all the same, and does not keep root from writing: everything
    /// that such a user could have built belongs to that user, and ownership is checked at
    /// each write.
    ///
    /// # Errors
    ///
    /// The table of accounts cannot be read.
    pub(crate) fn read() -> io::Result<Self> {
        let mut all = Self::default();
        for user in users::accounts()? {
            match trust::own_folders_of(&user) {
                Ok(folders) => all.folders.extend(folders),
                Err(error) => all.unknown.push((user, error)),
            }
        }
        Ok(all)
    }
}

fn writes(requests: &Requests) -> bool {
    let mut processes = requests.processes.iter();
    let mut files = requests.files.iter();
    processes.any(|request| request.workspace.writes())
        || files.any(|request| request.access == FileAccess::ReadWrite)
}

fn gather<'a>(
    projects: impl Iterator<Item = &'a Project>,
    limits: Option<Limits>,
) -> Done<Vec<PathBuf>> {
    let mut places: Vec<PathBuf> = own_checkouts();
    places.extend(tools::places());
    places.extend(of_account_elsewhere());
    let mut folders = Vec::new();
    for project in projects {
        if let Some(component) = &project.manifest.component {
            places.extend(Way::of(&project.folder().join(component)).places());
        }
        places.extend(Way::of(project.folder()).places());
        places.extend(Way::of(&project.path).places());
        folders.push(project.real_folder().to_owned());
    }
    // Files written there are built at the next use, without a question.
    for folder in trust::folders() {
        places.extend(Way::of(&folder).places());
        folders.push(way::without_links(&folder));
    }
    let accounts = Accounts::read().map_err(|error| {
        let text = format!("the accounts of this machine cannot be read: {error}");
        Failure::new(Code::Machine, text)
    })?;
    places.extend(accounts.folders);
    let linked = limits.map(|_| tools::linked());
    places.extend(linked.iter().flatten().flatten().cloned());
    places.retain(|place| !is_everything(place));
    if linked == Some(None) {
        tracing::warn!(
            "nothing can be written: there is too much in the folders of programs (PATH) to find \
             all that links there lead to"
        );
        places.push("/".into());
    }
    if let Some(limits) = limits {
        let home = etcetera::home_dir().ok();
        places.extend(taken_by(
            &folders,
            &tools::settings(),
            home.as_deref(),
            limits,
        ));
    }
    Ok(without_nested(places))
}

/// Returns what building these folders takes from elsewhere; everything, if that is not
/// known. Each folder is searched on its own: names that its files call are searched in
/// what that folder takes.
fn taken_by(
    folders: &[PathBuf],
    settings: &[PathBuf],
    home: Option<&Path>,
    limits: Limits,
) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    for folder in folders.iter().collect::<BTreeSet<_>>() {
        match Search::new(folder, home, limits).run(settings) {
            Ok(found) => all.extend(found),
            Err(TooMuch) => {
                let consent = trust::kept_in(folder);
                tracing::warn!(
                    folder = %folder.display(),
                    consent = consent.map(|path| path.display().to_string()),
                    "nothing can be written: this folder is built, and it is too large, or refers \
                     to too much, to find all that building it reads"
                );
                // Everything that the others take lies in it.
                return BTreeSet::from(["/".into()]);
            }
        }
    }
    all
}

/// Leaves out paths that lie in another of the paths: a folder that holds one, or lies in
/// one, also overlaps with the other.
fn without_nested(mut places: Vec<PathBuf>) -> Vec<PathBuf> {
    places.sort();
    let mut kept: Vec<PathBuf> = Vec::new();
    for place in places {
        if !kept.last().is_some_and(|last| place.starts_with(last)) {
            kept.push(place);
        }
    }
    kept
}

#[cfg(test)]
mod tests;
