//! The folders of this user in which Boll stores something.

use std::fs;
use std::path::PathBuf;

use etcetera::BaseStrategy as _;

use crate::failure::{Code, Done, Failure};

/// Returns the user's folder for data that can be recreated.
pub(crate) fn cache_folder() -> Done<PathBuf> {
    let strategy = etcetera::choose_base_strategy()
        .map_err(|_| Failure::new(Code::Machine, "this user has no home folder"))?;
    Ok(strategy.cache_dir().join("boll"))
}

/// Returns the user's folder for data that has to be kept.
pub(crate) fn state_folder() -> Done<PathBuf> {
    let strategy = etcetera::choose_base_strategy()
        .map_err(|_| Failure::new(Code::Machine, "this user has no home folder"))?;
    let folder = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Ok(folder.join("boll"))
}

/// Returns whether data can be kept, as it cannot where this user may write nothing.
pub(crate) fn keeps_state() -> bool {
    state_folder().is_ok_and(|folder| {
        let made = fs::create_dir_all(&folder);
        made.and_then(|()| tempfile::tempfile_in(&folder)).is_ok()
    })
}
