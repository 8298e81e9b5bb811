//! What runs have seen: `results.toml` has which version of each program was last seen to do what
//! is expected, and when, and `fails.toml` what does not work for now.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::program::Way;

/// The files, in the project's folder.
const RESULTS: &str = "tests/tools/results.toml";
const FAILS: &str = "tests/tools/fails.toml";

/// What was seen, by the names of the programs' files.
#[derive(Deserialize, Serialize, Default)]
#[serde(transparent)]
pub(crate) struct Results(pub(crate) BTreeMap<String, Seen>);

/// A program in all four ways.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Seen {
    /// As `2026-11-30`.
    pub(crate) date: String,
    pub(crate) version: String,
}

/// What fails for now, by the names of the programs' files: the ways, and why.
#[derive(Deserialize, Serialize, Default)]
#[serde(transparent)]
pub(crate) struct Fails(pub(crate) BTreeMap<String, BTreeMap<Way, String>>);

impl Results {
    pub(crate) fn read(root: &Path) -> Self {
        read(root, RESULTS)
    }

    #[allow(dead_code, reason = "the page only reads it")]
    pub(crate) fn write(&self, root: &Path) {
        let what = "Written by a run with BOLL_TOOLS_RECORD=1.";
        write(root, RESULTS, what, self);
    }
}

impl Fails {
    pub(crate) fn read(root: &Path) -> Self {
        read(root, FAILS)
    }

    #[allow(dead_code, reason = "the page only reads it")]
    pub(crate) fn write(&self, root: &Path) {
        let what = "What works again is taken out by a run with BOLL_TOOLS_RECORD=1.";
        write(root, FAILS, what, self);
    }
}

fn read<T: DeserializeOwned>(root: &Path, file: &str) -> T {
    let text =
        fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[allow(dead_code, reason = "the page only reads")]
fn write(root: &Path, file: &str, what: &str, content: &impl Serialize) {
    let text = toml::to_string(content).expect("TOML");
    fs::write(root.join(file), format!("# {what}\n\n{text}")).expect("written");
}
