//! The checkouts of Boll that this program comes from.

use std::path::{Path, PathBuf};

use crate::kept::is_kept;

/// The paths that identify a checkout of Boll.
const MARKS: [&str; 3] = ["host/cli/Cargo.toml", "guest-sdk/Cargo.toml", "wit"];

/// Returns the folders that look like checkouts of Boll and that this program comes from:
/// where it was built, and where it is. Others may have made one of them.
pub(crate) fn own_checkouts() -> Vec<PathBuf> {
    let program = std::env::current_exe().and_then(|path| path.canonicalize());
    checkouts(&program.unwrap_or_default())
}

/// Returns those of them in which nobody else can have put anything.
pub(crate) fn trusted_checkouts() -> Vec<PathBuf> {
    let mut found = own_checkouts();
    found.retain(|folder| is_trusted_checkout(folder));
    found
}

pub(super) fn checkouts(program: &Path) -> Vec<PathBuf> {
    let built = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .and_then(|folder| folder.canonicalize().ok());
    let around = program.ancestors().map(Path::to_owned);
    let mut found: Vec<PathBuf> = built.into_iter().chain(around).collect();
    found.retain(|folder| MARKS.iter().all(|name| folder.join(name).exists()));
    found.dedup();
    found
}

pub(super) fn is_trusted_checkout(folder: &Path) -> bool {
    is_kept(folder) && MARKS.iter().all(|name| is_kept(&folder.join(name)))
}
