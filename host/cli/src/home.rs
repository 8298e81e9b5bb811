//! The folders of this user in which Boll stores something.

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::failure::{Code, Done, Failure};
use crate::users::User;
use crate::way::without_links;

/// Returns this user's home folder.
pub(crate) fn home() -> Option<PathBuf> {
    env::home_dir().filter(|home| home.is_absolute())
}

/// Returns the account that this program runs as, if `HOME` names another home than the
/// account's in this run: what its own Boll builds and trusts stays what it is.
pub(crate) fn account_elsewhere() -> Option<User> {
    let account = User::of_this_process()?;
    let here = home().map(|home| without_links(&home));
    (here != Some(without_links(&account.home))).then_some(account)
}

/// Returns the user's folder for the operator's file.
pub(crate) fn configuration_folder() -> Done<PathBuf> {
    folder("XDG_CONFIG_HOME", ".config")
}

/// Returns the user's folder for data that can be recreated.
pub(crate) fn cache_folder() -> Done<PathBuf> {
    folder("XDG_CACHE_HOME", ".cache")
}

/// Returns the user's folder for data that has to be kept.
pub(crate) fn state_folder() -> Done<PathBuf> {
    folder("XDG_STATE_HOME", ".local/state")
}

/// Returns whether data can be kept, as it cannot where this user may write nothing.
pub(crate) fn keeps_state() -> bool {
    state_folder().is_ok_and(|folder| {
        let made = fs::create_dir_all(&folder);
        made.and_then(|()| tempfile::tempfile_in(&folder)).is_ok()
    })
}

/// Returns Boll's folder in the one that a variable names, or in its default place below the
/// home folder. A relative path in the variable is ignored, as the XDG Base Directory
/// Specification has it.
fn folder(variable: &str, default: &str) -> Done<PathBuf> {
    let named = env::var_os(variable).map(PathBuf::from);
    named
        .filter(|folder| folder.is_absolute())
        .or_else(|| Some(home()?.join(default)))
        .map(|folder| folder.join("boll"))
        .ok_or_else(|| {
            let text = "this user has no home folder (HOME)";
            Failure::new(Code::Machine, text).hint(format!("set HOME, or {variable}"))
        })
}
