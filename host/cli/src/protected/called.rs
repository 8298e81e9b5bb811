//! Files that a build file names without saying where they are: after a `cd`, after a
//! variable, as a module. Each is found by its name alone, wherever it is.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::kinds::{is_code, is_script};
use crate::foreign;

/// The names of files that stand for the folder around them, as a module.
const FOLDERS: [&str; 5] = ["__init__", "__main__", "index", "main", "mod"];

/// Files by their names, and the names that build files call.
#[derive(Default)]
pub(super) struct Called {
    names: HashSet<String>,
    /// Files that were not called yet, each with the folder that it is built with.
    files: HashMap<String, Vec<(PathBuf, PathBuf)>>,
}

impl Called {
    /// Calls what a word of a file names. `by` is the extension of that file, if it is source
    /// code. Returns the files that were not called before.
    pub(super) fn call(&mut self, word: &str, by: Option<&OsStr>) -> Vec<(PathBuf, PathBuf)> {
        let last = word.rsplit('/').find(|part| !part.is_empty());
        let Some(last) = last else { return Vec::new() };
        // `python3 -m tools.gen`
        let module = last.rsplit('.').next().unwrap_or_default();
        let compiled = by.map(|end| compiled(module, end));
        let mut files = Vec::new();
        let module = (module != last).then_some(module);
        for name in [Some(last), module, compiled.as_deref()]
            .into_iter()
            .flatten()
        {
            if !self.names.contains(name) {
                files.extend(self.files.remove(name).unwrap_or_default());
                self.names.insert(name.to_owned());
            }
        }
        files
    }

    /// Adds a file. Returns whether it was called already.
    pub(super) fn offer(&mut self, path: &Path, root: &Path) -> bool {
        let names = names(path);
        let called = names.iter().any(|name| self.names.contains(name));
        for name in names.into_iter().filter(|_| !called) {
            let file = (path.to_owned(), root.to_owned());
            self.files.entry(name).or_default().push(file);
        }
        called
    }
}

/// Returns the names by which a file is called: its own, and that of the module that it is.
fn names(path: &Path) -> Vec<String> {
    let lossy = |name: Option<&OsStr>| name.unwrap_or_default().to_string_lossy().into_owned();
    let mut names = vec![lossy(path.file_name())];
    if is_code(path) {
        let stem = lossy(path.file_stem());
        let around = path.parent().and_then(Path::file_name);
        let folder = FOLDERS.contains(&&*stem).then(|| lossy(around));
        names.extend([Some(stem), folder].into_iter().flatten().map(|module| {
            match is_script(path) {
                true => module,
                false => compiled(&module, path.extension().unwrap_or_default()),
            }
        }));
    }
    names
}

/// Returns the name of a module of a compiled language: only code of that language calls it.
fn compiled(module: &str, end: &OsStr) -> String {
    format!("{module}.{}", end.to_string_lossy())
}

/// Returns whether a file names its interpreter and may be executed.
pub(super) fn names_interpreter(path: &Path) -> bool {
    let executable = fs::symlink_metadata(path).is_ok_and(|data| data.mode() & 0o111 != 0);
    let mut begin = [0; 2];
    executable
        && foreign::open(path)
            .is_ok_and(|mut file| file.read_exact(&mut begin).is_ok() && begin == *b"#!")
}
