//! The files of `programs/`: what a program does, what it needs, and what differs inside.
//!
//! ```toml
//! program = "tar"                    # as the page calls it
//! does = "packs and unpacks"
//! debian = ["tar", "xz-utils"]       # packages that bring it, on one line; `cargo xtask prepare`
//!                                    # has brought Node.js, Python, git and clang
//! version = "tar --version"          # the first line of what this prints
//! needs = ["tar"]                    # programs that have to be there; `program` unless given
//! workspace = "read-write"           # what it does with the workspace
//! setup = '''...'''                  # a script that is run before, always outside
//! command = '''...'''                # the script that is run outside, and inside
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::results::Fails;

/// Where the files are, in the project's folder.
pub(crate) const FOLDER: &str = "tests/tools/programs";

/// A program and what it is to do.
#[allow(dead_code, reason = "the suite and the page each read a part of it")]
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Program {
    /// The file's.
    #[serde(skip)]
    pub(crate) name: String,
    pub(crate) program: String,
    pub(crate) does: String,
    pub(crate) debian: Vec<String>,
    pub(crate) version: String,
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    /// The access to the workspace.
    #[serde(default = "read_write")]
    pub(crate) workspace: String,
    /// What the operator's file needs besides the backend, with bubblewrap.
    #[serde(default)]
    pub(crate) operator: String,
    /// Whose home it has outside.
    #[serde(default)]
    pub(crate) home: Home,
    /// Files of `tests/tools/files` that are copied into the workspace.
    #[serde(default)]
    pub(crate) files: Vec<String>,
    /// A folder of the project whose packages of npm are copied there.
    pub(crate) npm: Option<String>,
    #[serde(default)]
    pub(crate) setup: String,
    pub(crate) command: String,
    /// Lines for `sed -E`, by which output is rewritten before it is compared.
    #[serde(default)]
    pub(crate) rewrite: Vec<String>,
    /// Patterns of paths that are not compared: `*` is any part of a name.
    #[serde(default)]
    pub(crate) ignore: Vec<String>,
    /// Why something is rewritten or not compared.
    pub(crate) differs: Option<String>,
    /// Why standard error is not compared.
    pub(crate) ignore_stderr: Option<String>,
    #[serde(default = "a_minute")]
    pub(crate) timeout_s: u32,
    /// It belongs to the second list.
    #[serde(default)]
    pub(crate) large: bool,
    /// Where it cannot work without opening a hole.
    #[serde(default)]
    pub(crate) closed: Vec<Closed>,
    /// Where it fails for now, and why: what `fails.toml` says.
    #[serde(skip)]
    pub(crate) fails: BTreeMap<Way, String>,
}

/// The home that a program has outside.
#[derive(Deserialize, Default, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Home {
    /// A new folder.
    #[default]
    New,
    /// The one that the account has.
    Account,
}

/// Ways in which a program cannot do what it does outside.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Closed {
    pub(crate) r#in: Vec<Way>,
    pub(crate) why: String,
}

/// A backend, and who starts `boll`.
#[derive(Deserialize, Serialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Way {
    BubblewrapRoot,
    BubblewrapUser,
    LandlockRoot,
    LandlockUser,
}

impl Way {
    pub(crate) const ALL: [Self; 4] = [
        Self::BubblewrapRoot,
        Self::BubblewrapUser,
        Self::LandlockRoot,
        Self::LandlockUser,
    ];
}

/// What is expected of a program, with the reason why that is not the same as outside.
pub(crate) enum Expected<'a> {
    Same,
    Fails(&'a str),
    Closed(&'a str),
}

impl Program {
    /// What is expected of it in one way.
    pub(crate) fn expected(&self, way: Way) -> Expected<'_> {
        let mut closed = self.closed.iter();
        match closed.find(|closed| closed.r#in.contains(&way)) {
            Some(closed) => Expected::Closed(&closed.why),
            None => self
                .fails
                .get(&way)
                .map_or(Expected::Same, |why| Expected::Fails(why)),
        }
    }

    fn read(file: &Path) -> Self {
        let shown = file.display();
        let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{shown}: {error}"));
        let mut program: Self =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{shown}: {error}"));
        let name = file.file_stem().and_then(|name| name.to_str());
        name.expect("a name in UTF-8").clone_into(&mut program.name);
        let changed = !program.rewrite.is_empty() || !program.ignore.is_empty();
        assert_eq!(
            changed,
            program.differs.is_some(),
            "{shown}: `differs` says why something is rewritten or ignored"
        );
        program
    }
}

/// Every program, by the names of their files.
pub(crate) fn all(root: &Path) -> Vec<Program> {
    let entries = fs::read_dir(root.join(FOLDER)).expect("a folder");
    let mut files: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let mut fails = Fails::read(root).0;
    let programs = files.iter().map(|file| {
        let mut program = Program::read(file);
        program.fails = fails.remove(&program.name).unwrap_or_default();
        program
    });
    let programs = programs.collect();
    assert!(fails.is_empty(), "of no program: {:?}", fails.keys());
    programs
}

fn read_write() -> String {
    "read-write".to_owned()
}

fn a_minute() -> u32 {
    60
}
