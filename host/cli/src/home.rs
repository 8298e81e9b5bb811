//! The folders of this user's that Boll keeps something in.

use std::path::PathBuf;

use etcetera::BaseStrategy as _;

use crate::failure::{Code, Done, Failure};

/// The user's folder for what can be made again.
pub(crate) fn cache_folder() -> Done<PathBuf> {
    let strategy = etcetera::choose_base_strategy()
        .map_err(|_| Failure::new(Code::Machine, "this user has no home folder"))?;
    Ok(strategy.cache_dir().join("boll"))
}

/// The user's folder for what has to be remembered.
pub(crate) fn state_folder() -> Done<PathBuf> {
    let strategy = etcetera::choose_base_strategy()
        .map_err(|_| Failure::new(Code::Machine, "this user has no home folder"))?;
    let folder = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Ok(folder.join("boll"))
}
