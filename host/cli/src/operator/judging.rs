//! Judges the folders that are given to capsules and their processes, and says how an
//! operator can allow one that exposes much.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use boll_host::policy::{FileAccess, Folder, Surroundings};

use super::folders::{self, Unfit};
use super::{Operator, surroundings};
use crate::failure::{Code, Done, Failure};
use crate::others::Others;
use crate::secret_file;
use crate::users::{self, User};
use crate::way::{self, without_links};

impl Operator {
    /// Rejects folders that expose more than the grant's author is likely to intend,
    /// folders that others could replace, and writing to `protected` paths.
    pub(crate) fn check_folders(
        &self,
        folders: &[Folder<'_>],
        workspace: &Path,
        protected: &[PathBuf],
    ) -> Done {
        for folder in folders {
            let place = way::place(&folder.place, workspace);
            let judged = self
                .host_at(&place, folder.access)
                .and_then(|(host, users)| {
                    match folder.place.in_workspace() {
                        // It is opened below the workspace, and no link leads out of
                        // that.
                        Some(_) => {
                            let real = without_links(&place);
                            folders::judge_inside(&real, workspace, folder.access, &host)?;
                        }
                        None => folders::judge_named(&place, folder.access, &host)?,
                    }
                    refuse_protected(&place, folder.access, protected)?;
                    self.refuse_of_users(&place, folder.access, &users)
                });
            judged.map_err(|unfit| {
                self.with_ways(unfit, &place, |unfit| unfit.of(folder.rule.grant))
            })?;
        }
        Ok(())
    }

    /// Judges the workspace, whose path has no links, for its use.
    pub(crate) fn judge_workspace(
        &self,
        workspace: &Path,
        access: FileAccess,
        protected: &[PathBuf],
    ) -> Result<(), Unfit> {
        let (mut host, users) = self.host_at(workspace, access)?;
        if !self.is_private() {
            // Boll takes no secrets from a file that others can read, so processes may
            // read it, too.
            let mut own = host.own.iter_mut();
            if let Some(own) = own.find(|own| own.path == without_links(&self.path)) {
                own.secret = false;
            }
        }
        folders::judge_workspace(workspace, access, &host)?;
        refuse_protected(workspace, access, protected)?;
        self.refuse_of_users(workspace, access, &users)
    }

    /// Returns why a file or folder, whose path has no links, is not copied for a capsule
    /// under test, and how to allow it for one run if that is possible.
    pub(crate) fn refusal_to_copy(&self, path: &Path) -> Option<(String, Option<String>)> {
        let unfit = self.judge_workspace(path, FileAccess::Read, &[]).err()?;
        let allowable = unfit.can_be_allowed();
        let way = allowable.then(|| folders::flag_to_expose(path));
        Some((unfit.message().to_owned(), way))
    }

    /// Returns the context to judge a path in, with the paths of other users whom it
    /// concerns, and these users. It is an error if that is not known: their secrets
    /// would be exposed.
    fn host_at(
        &self,
        path: &Path,
        access: FileAccess,
    ) -> Result<(Surroundings, Arc<BTreeSet<User>>), Unfit> {
        let mut host = self.host.clone();
        let unknown = |what: &str, error| Unfit::of_unknown(path, access, what, &error);
        let users = match self.others.concerned(path) {
            // Nobody is given a path that does not exist.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Arc::default(),
            users => users.map_err(|error| unknown("its owners", error))?,
        };
        for home in self.others.homes(path).iter() {
            surroundings::add_home(&mut host, home);
        }
        for user in users.iter() {
            let added = surroundings::add_user(&mut host, user);
            added.map_err(|error| unknown(&format!("the files of {}'s boll", user.name), error))?;
        }
        Ok((host, users))
    }

    /// Rejects writing where it would change what another user builds or executes. Root
    /// writes for others: the builds that these have consented to are theirs.
    fn refuse_of_users(
        &self,
        path: &Path,
        access: FileAccess,
        users: &BTreeSet<User>,
    ) -> Result<(), Unfit> {
        if access == FileAccess::Read {
            return Ok(());
        }
        for user in users {
            let places = self.others.builds(user);
            let places = places.map_err(|error| Unfit::of_builds(path, user, &error))?;
            refuse_protected(path, access, &places)?;
        }
        let unknown = |what: &str, error| Unfit::of_unknown(path, access, what, &error);
        let accounts = self.others.accounts();
        let accounts = accounts.map_err(|error| unknown("the list of accounts", error))?;
        for (user, error) in &accounts.unknown {
            let folder = users::folder_in(&without_links(path), user);
            let folder = folder.map_err(|error| unknown("the owner of its content", error))?;
            if folder.is_some() {
                return Err(Unfit::of_builds(path, user, error));
            }
        }
        Ok(())
    }

    /// Returns the other users concerned by writes in this run.
    pub(crate) fn others(&self) -> &Others {
        &self.others
    }

    /// Returns whether the operator's file may have secrets: others cannot read it, or it
    /// does not exist yet.
    fn is_private(&self) -> bool {
        std::fs::metadata(&self.path).map_or(true, |metadata| secret_file::is_private(&metadata))
    }

    /// Returns the same as an error with all hints.
    pub(crate) fn workspace_refusal(&self, unfit: Unfit, workspace: &Path) -> Failure {
        let message = |unfit: Unfit| {
            let text = format!("the workspace {}", unfit.message());
            let hint = unfit.own_hint().map_or_else(
                || "choose another folder with --workspace DIR, such as a project's".to_owned(),
                str::to_owned,
            );
            Failure::new(Code::Input, text).hint(hint)
        };
        self.with_ways(unfit, workspace, message)
    }

    /// Returns an error about a folder, with the ways to allow it if there are any.
    fn with_ways(
        &self,
        unfit: Unfit,
        folder: &Path,
        error: impl FnOnce(Unfit) -> Failure,
    ) -> Failure {
        let allowable = unfit.can_be_allowed();
        let failure = error(unfit);
        if !allowable {
            return failure;
        }
        let failure = failure.hint(folders::flag_to_expose(folder));
        failure.hint(folders::how_to_expose(folder, &self.shown_path()))
    }

    /// Returns how to allow, for good, a folder that exposes much.
    pub(crate) fn how_to_expose(&self, folder: &Path) -> String {
        folders::how_to_expose(folder, &self.shown_path())
    }

    /// Allows a folder in this run although it exposes much.
    pub(crate) fn expose(&mut self, folder: &Path) {
        self.host.exposed.push(folder.to_owned());
    }

    /// Returns the folders that are allowed although they expose much.
    pub(crate) fn exposed(&self) -> &[PathBuf] {
        &self.host.exposed
    }
}

/// Rejects writing where it would change what this run builds, reads or executes.
fn refuse_protected(path: &Path, access: FileAccess, protected: &[PathBuf]) -> Result<(), Unfit> {
    if access == FileAccess::Read {
        return Ok(());
    }
    let names = folders::names(&without_links(path));
    let found = protected.iter().find_map(|own| {
        if names.iter().any(|name| own.starts_with(name)) {
            Some(("holds", own))
        } else if names.iter().any(|name| name.starts_with(own)) {
            Some(("is part of", own))
        } else {
            None
        }
    });
    match found {
        None => Ok(()),
        Some((how, own)) => Err(Unfit::written(path, how, own)),
    }
}
