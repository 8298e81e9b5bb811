//! Which folders and files of the host may be given to processes and to capsules: the
//! workspace, granted folders, further paths.
//!
//! The library judges what a path exposes, under each of its names. This module does the
//! checks that have to look at the file system: links, kinds of files, who could replace
//! them, mounts.

use std::fs;
use std::io;
use std::ops::Range;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use boll_host::document::{Document, DocumentError};
use boll_host::policy::{Exposure, FileAccess, Grant, MARKS_OF_HOMES, Surroundings};

use super::mounts::Mounts;
use crate::failure::{Code, Failure};
use crate::kept::replaceable_in;
use crate::protected;
use crate::users::User;

/// Why a path cannot be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unfit {
    message: String,
    hint: Option<String>,
    /// Whether the operator may allow it by naming it.
    allowable: bool,
}

/// Paths at which the sandbox puts something of its own.
const MADE: [&str; 2] = ["/workspace", "/home/capsule"];

impl Unfit {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: None,
            allowable: false,
        }
    }

    /// Returns the refusal of a folder that would be written, and that holds or is part
    /// of something that this program builds, reads or executes.
    pub(super) fn written(path: &Path, how: &str, own: &Path) -> Self {
        if protected::is_everything(own) {
            return Self::new(format!(
                "`{}` cannot be written by capsules and their processes: a folder that Boll \
                 builds is too large, or refers to too much, to find all that its build reads",
                path.display()
            ))
            .hint(
                "the warning names that folder: make it smaller or, if Boll is not to build it any \
                 more, delete the file of consent that the warning names",
            );
        }
        Self::new(format!(
            "`{}` cannot be written by capsules and their processes: it {how} {}, which Boll \
             builds, reads or executes",
            path.display(),
            own.display()
        ))
        .hint("choose another folder for writing, or move the capsule")
    }

    /// Returns the refusal of a folder about which something cannot be found out.
    pub(super) fn of_unknown(
        path: &Path,
        access: FileAccess,
        what: &str,
        error: &io::Error,
    ) -> Self {
        let how = refusal_of(access);
        let path = path.display();
        Self::new(format!("`{path}` {how}: {what} cannot be read: {error}"))
            .hint("run boll as the owner of the folder, or choose another folder")
    }

    /// Returns the refusal of a folder that would be written, and in which this user may
    /// build something.
    pub(super) fn of_builds(path: &Path, user: &User, error: &io::Error) -> Self {
        let what = format!("the list of what {} builds", user.name);
        Self::of_unknown(path, FileAccess::ReadWrite, &what, error).hint(format!(
            "choose another folder, run boll as {name}, or remove what cannot be read: boll then \
             asks {name} again before it builds",
            name = user.name
        ))
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn allowable(mut self, allowable: bool) -> Self {
        self.allowable = allowable;
        self
    }

    /// Returns what is wrong.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Returns what to do about it, where that is not to choose another folder.
    pub(super) fn own_hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// Returns whether the operator may allow it by naming it.
    pub(crate) fn can_be_allowed(&self) -> bool {
        self.allowable
    }

    /// Returns the error for a grant of a folder, wherever the grant comes from.
    pub(super) fn of(self, grant: &Grant) -> Failure {
        let failure = Failure::new(Code::Input, format!("{}, by \"{grant}\"", self.message));
        self.hint.into_iter().fold(failure, Failure::hint)
    }

    /// Returns the error at the path's position in the file.
    pub(super) fn at(self, document: &Document<'_>, span: Range<usize>) -> DocumentError {
        document
            .error(Some(span), self.message)
            .with_hint(self.hint)
    }
}

/// Judges one of the operator's paths, which processes see at the same place.
pub(super) fn judge_further(path: &Path, host: &Surroundings) -> Result<(), Unfit> {
    judge_named(path, FileAccess::Read, host)?;
    if MADE.iter().any(|made| path.starts_with(made)) {
        let shown = path.display();
        return Err(Unfit::new(format!(
            "`{shown}` cannot be exposed: the sandbox has something of its own there"
        )));
    }
    Ok(())
}

/// Judges a path as the operator wrote it, wherever processes see it.
pub(super) fn judge_named(
    path: &Path,
    access: FileAccess,
    host: &Surroundings,
) -> Result<(), Unfit> {
    let shown = path.display();
    plain_path(path)?;
    let kind = fs::symlink_metadata(path)
        .map_err(|error| Unfit::new(format!("cannot expose `{shown}`: {error}")))?
        .file_type();
    if !kind.is_dir() && !kind.is_file() {
        return Err(Unfit::new(format!(
            "`{shown}` is neither a file nor a folder"
        )));
    }
    judge(path, access, host)
}

/// Checks that a path is absolute, exists, and has no links in it.
pub(super) fn plain_path(path: &Path) -> Result<(), Unfit> {
    let shown = path.display();
    if !path.is_absolute() {
        return Err(Unfit::new(format!("`{shown}` is not an absolute path")));
    }
    let real = path
        .canonicalize()
        .map_err(|error| Unfit::new(format!("cannot expose `{shown}`: {error}")))?;
    // Processes see it under the name that is written here, where a link would
    // lead to something that they do not see.
    if real.as_os_str() != path.as_os_str() {
        return Err(Unfit::new(format!(
            "`{shown}` leads elsewhere by a symbolic link or `..`, or ends with `/`"
        ))
        .hint(format!("write `{}`", real.display())));
    }
    Ok(())
}

/// Judges a workspace, whose path has no links. If the host is root, its processes are
/// those of the workspace's owner, who gains nothing by replacing it.
pub(super) fn judge_workspace(
    path: &Path,
    access: FileAccess,
    host: &Surroundings,
) -> Result<(), Unfit> {
    judge_inside(path, path, access, host)
}

/// Judges a folder in a workspace; neither path has links.
pub(super) fn judge_inside(
    path: &Path,
    workspace: &Path,
    access: FileAccess,
    host: &Surroundings,
) -> Result<(), Unfit> {
    let owner = fs::metadata(workspace).ok().map(|metadata| metadata.uid());
    judge_trusting(path, access, host, owner)
}

/// Judges a file or folder whose path has no links.
pub(super) fn judge(path: &Path, access: FileAccess, host: &Surroundings) -> Result<(), Unfit> {
    judge_trusting(path, access, host, None)
}

/// Judges what a path exposes under each of its names, and whether anyone except this
/// user, root and `owner` could replace it.
fn judge_trusting(
    path: &Path,
    access: FileAccess,
    host: &Surroundings,
    owner: Option<u32>,
) -> Result<(), Unfit> {
    let shown = path.display();
    let named = host.exposed.iter().any(|exposed| exposed == path);
    let names = names(path);
    let mut host = host.clone();
    if named {
        host.exposed.extend(names.iter().cloned());
    }
    let allowable = names.iter().all(|name| host.can_be_allowed(name, access));
    let refused = |why: &str, wide: bool| {
        let how = refusal_of(access);
        let unfit = Unfit::new(format!("`{shown}` {how}: {why}")).allowable(allowable);
        if wide {
            unfit.hint("name the folder in it that is needed")
        } else {
            unfit
        }
    };
    for name in &names {
        host.judge(name, access)
            .map_err(|exposure: Exposure| refused(&exposure.to_string(), exposure.is_too_wide()))?;
    }
    if named {
        return Ok(());
    }
    if let Some(mark) = MARKS_OF_HOMES.iter().find(|mark| holds(path, mark)) {
        let why = format!("it is somebody's home folder, or a copy of one: it holds {mark}");
        return Err(refused(&why, true));
    }
    refuse_replaceable(path, access, owner, allowable)
}

/// Returns what capsules and their processes may not do with a folder.
fn refusal_of(access: FileAccess) -> &'static str {
    match access {
        FileAccess::Read => "cannot be exposed",
        FileAccess::ReadWrite => "cannot be written by capsules and their processes",
    }
}

/// Returns each name of a path that has no links, and of the mounts in it, which are
/// exposed with it.
pub(super) fn names(path: &Path) -> Vec<PathBuf> {
    let mounts = Mounts::read();
    let mut names = vec![path.to_owned()];
    names.extend(mounts.other_names(path));
    names.extend(mounts.below(path).flat_map(|at| mounts.other_names(at)));
    names
}

/// Returns whether a folder has an entry of this name, even if that is a dangling link.
fn holds(folder: &Path, name: &str) -> bool {
    fs::symlink_metadata(folder.join(name)).is_ok()
}

/// Rejects a path that another user could replace by something else, which would then be
/// exposed with this user's rights.
fn refuse_replaceable(
    path: &Path,
    access: FileAccess,
    owner: Option<u32>,
    allowable: bool,
) -> Result<(), Unfit> {
    let shown = path.display();
    let folder = replaceable_in(path, owner)
        .map_err(|error| Unfit::new(format!("cannot expose `{shown}`: {error}")))?;
    folder.map_or(Ok(()), |folder| {
        let text = format!(
            "`{shown}` {}: others can replace it, in {}",
            refusal_of(access),
            folder.display()
        );
        Err(Unfit::new(text).allowable(allowable))
    })
}

/// Judges a path that is exposed next to a workspace, whose path has no links.
pub(super) fn judge_beside(path: &Path, workspace: &Path) -> Result<(), Unfit> {
    if workspace.starts_with(path) {
        return Err(Unfit::new(format!(
            "`{}` cannot be exposed: it holds the workspace {}, and everything next to it",
            path.display(),
            workspace.display()
        )));
    }
    Ok(())
}

/// Returns how to allow a folder for good, if a text file can name it.
pub(super) fn how_to_expose(path: &Path, operator: &str) -> String {
    let Some(text) = path.to_str() else {
        return format!(
            "it cannot be allowed for good: `expose` of [sandbox] in {operator} takes only names in \
             UTF-8"
        );
    };
    let list: toml_edit::Array = std::iter::once(text).collect();
    format!("to allow it for good, write into {operator}:\n[sandbox]\nexpose = {list}")
}

/// Returns the flag that allows a folder for one run.
pub(super) fn flag_to_expose(path: &Path) -> String {
    let text = path.display().to_string();
    let word = shlex::try_quote(&text).map_or_else(|_| text.clone(), |word| word.into_owned());
    format!("to allow it for one run: --expose {word}")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    fn judged(path: &Path) -> Result<(), Unfit> {
        judge_further(path, &Surroundings::default())
    }

    #[test]
    fn what_holds_the_workspace_does_not_fit() {
        let judged = |path: &str| judge_beside(Path::new(path), Path::new("/srv/project")).is_ok();
        assert!(judged("/srv/other"));
        assert!(judged("/srv/project/below"));
        assert!(!judged("/srv/project"));
        assert!(!judged("/srv"));
    }

    #[test]
    fn what_others_can_replace_does_not_fit() {
        let folder = tempfile::tempdir().expect("a folder");
        let shared = folder.path().canonicalize().expect("a path").join("shared");
        let tools = shared.join("tools");
        fs::create_dir_all(tools.join("below")).expect("folders");
        let with = |mode| {
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(&shared, permissions).expect("chmod");
            let both = [&tools, &tools.join("below")].map(|path| judged(path));
            both.map(|judged| judged.map_err(|unfit| unfit.message))
        };
        assert_eq!(with(0o755), [Ok(()), Ok(())]);
        assert_eq!(with(0o1777), [Ok(()), Ok(())]);
        for mode in [0o777, 0o757] {
            for found in with(mode) {
                let message = found.expect_err("others can write");
                assert!(message.contains("others can replace it"), "{message}");
            }
        }
    }

    #[test]
    fn only_real_files_and_folders_fit() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("a path");
        fs::create_dir(path.join("tools")).expect("a folder");
        symlink("tools", path.join("link")).expect("a link");
        let _socket = UnixListener::bind(path.join("socket")).expect("a socket");
        assert_eq!(judged(&path.join("tools")), Ok(()));
        for (name, why) in [
            ("missing", "No such file"),
            ("link", "leads elsewhere"),
            ("tools/../tools", "leads elsewhere"),
            ("tools/", "leads elsewhere"),
            ("tools/.", "leads elsewhere"),
            ("socket", "neither a file nor a folder"),
        ] {
            let unfit = judged(&path.join(name)).expect_err(name);
            assert!(unfit.message.contains(why), "{name}: {unfit:?}");
        }
        let unfit = judged(&path.join("link")).expect_err("a link");
        assert_eq!(
            unfit.hint,
            Some(format!("write `{}`", path.join("tools").display()))
        );
        let unfit = judged(Path::new("tools")).expect_err("relative");
        assert!(unfit.message.contains("not an absolute path"), "{unfit:?}");
    }

    #[test]
    fn a_folder_that_looks_like_a_home_is_one_until_it_is_exposed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().canonicalize().expect("a path");
        let (home, project) = (path.join("copy"), path.join("copy/project"));
        fs::create_dir_all(home.join(".ssh")).expect("folders");
        fs::create_dir(&project).expect("a folder");
        let mut host = Surroundings::default();
        let judged = |path: &Path, host: &Surroundings| judge(path, FileAccess::Read, host);
        assert_eq!(judged(&project, &host), Ok(()));
        let unfit = judged(&home, &host).expect_err("a home");
        assert!(unfit.message.contains("it holds .ssh"), "{unfit:?}");
        assert!(unfit.can_be_allowed());
        host.exposed.push(home.clone());
        assert_eq!(judged(&home, &host), Ok(()));
        assert!(judged(&home.join(".ssh"), &host).is_err());
    }
}
