//! `results.toml`: which version of each program was last seen to do what its file says, and when.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The file, in the project's folder.
const FILE: &str = "tests/tools/results.toml";

/// What was seen, by the names of the programs' files.
#[derive(Deserialize, Serialize, Default)]
#[serde(deny_unknown_fields, transparent)]
pub(crate) struct Results(pub(crate) BTreeMap<String, Seen>);

/// A program in all four ways.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    /// As `2026-11-30`.
    pub(crate) date: String,
    pub(crate) version: String,
}

impl Results {
    pub(crate) fn read(root: &Path) -> Self {
        let text = fs::read_to_string(root.join(FILE)).expect("the results");
        toml::from_str(&text).unwrap_or_else(|error| panic!("{FILE}: {error}"))
    }

    #[allow(dead_code, reason = "the page only reads it")]
    pub(crate) fn write(&self, root: &Path) {
        let text = toml::to_string(self).expect("TOML");
        let first = "# Written by a run with BOLL_TOOLS_RECORD=1.\n";
        fs::write(root.join(FILE), format!("{first}\n{text}")).expect("written");
    }
}
