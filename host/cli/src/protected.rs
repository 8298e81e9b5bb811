//! What nobody writes while a capsule runs: the folders that this program builds,
//! reads, executes or believes.
//!
//! A process that wrote there would have the next command of its user, or
//! `boll dev`, do what the process wants.

mod called;
mod follow;
mod kinds;
mod modules;
mod search;
mod source;
mod text;
mod tools;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use boll_host::policy::{FileAccess, Requests};

use self::search::{LIMITS, Limits, Listings, Search, TooMuch};
use crate::failure::{Code, Done, Failure};
use crate::project::Project;
use crate::trust::{self, own_checkouts};
use crate::users::{self, User};
use crate::way::{self, Way};

/// The places for these capsules, without links on their way. What builds take from
/// elsewhere is looked for only where one of the capsules asks to write.
pub(crate) fn of<'a>(projects: impl Iterator<Item = &'a Project> + Clone) -> Done<Vec<PathBuf>> {
    let mut all = projects.clone();
    let limits = all.any(|project| writes(&project.manifest.requests));
    gather(projects, limits.then_some(LIMITS))
}

/// The same for capsules whose manifests may ask for more later.
pub(crate) fn of_changing<'a>(projects: impl Iterator<Item = &'a Project>) -> Done<Vec<PathBuf>> {
    gather(projects, Some(LIMITS))
}

/// Whether a place of these stands for all there is: not everything was found.
pub(crate) fn is_everything(place: &Path) -> bool {
    place == Path::new("/")
}

/// What another user builds and executes, by what is in that user's home; everything,
/// where that is too much to find all of it.
///
/// # Errors
///
/// What that user has consented to cannot be read.
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

/// What the users of this machine build without a question, where this is root, who
/// writes what they own.
#[derive(Default)]
pub(crate) struct Accounts {
    /// Folders of their own.
    folders: Vec<PathBuf>,
    /// Those of whom it cannot be found out, each with the reason.
    pub(crate) unknown: Vec<(User, io::Error)>,
}

impl Accounts {
    /// Whoever makes its own records unreadable, or too many, is not let alone for it,
    /// and keeps root from nothing: all that such a user could have built is what the
    /// user owns, and where something is to be written that is looked for.
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
    let mut folders = Vec::new();
    for project in projects {
        let folder = project.real_folder()?;
        if let Some(component) = &project.manifest.component {
            places.extend(Way::of(&project.folder().join(component)).places());
        }
        places.extend(Way::of(project.folder()).places());
        places.extend(Way::of(&project.path).places());
        folders.push(folder);
    }
    // Whatever is written there is built at the next use, without a question.
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

/// What building these folders takes from elsewhere; everything, where that is not
/// known. Each of them is looked through on its own: what the files of one call is
/// looked for in what that one takes.
fn taken_by(
    folders: &[PathBuf],
    settings: &[PathBuf],
    home: Option<&Path>,
    limits: Limits,
) -> BTreeSet<PathBuf> {
    let mut all = BTreeSet::new();
    let mut listings = Listings::new();
    for folder in folders.iter().collect::<BTreeSet<_>>() {
        match Search::new(folder, home, limits, &mut listings).run(settings) {
            Ok(found) => all.extend(found),
            Err(TooMuch) => {
                tracing::warn!(
                    folder = %folder.display(),
                    "nothing can be written: this folder is built, and there is too much in it, \
                     or in what it names, to find all that building it reads"
                );
                // Whatever the others take lies in it.
                return BTreeSet::from(["/".into()]);
            }
        }
    }
    all
}

/// Leaves out what lies in another of the places: whatever holds it or lies in it
/// also lies in the other, or holds it.
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
