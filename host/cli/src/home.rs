//! The folders of this user in which Boll stores something.

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::failure::{Code, Done, Failure};

/// Returns this user's home folder.
pub(crate) fn home() -> Option<PathBuf> {
    env::home_dir().filter(|home| home.is_absolute())
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
