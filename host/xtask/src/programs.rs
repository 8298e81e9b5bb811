//! What the programs of `tests/tools` need: their packages, and the account of an ordinary user.

use std::fs;

use crate::command::{command, succeed, succeeds};
use crate::debian_of::{debian_of, is_large};
use crate::{Outcome, packages, root};

/// Installs the packages of one of the two lists.
pub(crate) fn install(large: bool) -> Outcome {
    let folder = root().join("tests/tools/programs");
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        texts.push((path.display().to_string(), fs::read_to_string(path)?));
    }
    let mut wanted = Vec::new();
    for (file, text) in &texts {
        if is_large(text) == large {
            wanted.extend(debian_of(text).ok_or_else(|| format!("{file}: no line `debian = [`"))?);
        }
    }
    wanted.retain(|package| !is_installed(package));
    packages::install(wanted)?;
    account()
}

fn is_installed(package: &str) -> bool {
    let mut query = command("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", package]);
    let told = query.output();
    told.is_ok_and(|told| told.stdout == b"installed")
}

/// Makes the account as which root runs programs of an ordinary user.
fn account() -> Outcome {
    const NAME: &str = "boll-ci";
    if !packages::is_root() || succeeds(command("id").arg(NAME)) {
        return Ok(());
    }
    succeed(command("useradd").args(["--system", "--no-create-home", NAME]))
}
