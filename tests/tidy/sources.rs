//! The files of the project, and the code in them.

use std::fs;
use std::path::{Path, PathBuf};

/// A file in Rust.
pub(crate) struct Source {
    /// Relative to the project's folder, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

/// The folder of the whole project.
pub(crate) fn root() -> PathBuf {
    let host = Path::new(env!("CARGO_MANIFEST_DIR"));
    host.parent().expect("the project's folder").to_owned()
}

/// Every file of the project with this extension, sorted.
pub(crate) fn files(extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root(), extension, &mut found);
    found.sort();
    assert!(!found.is_empty(), "no file ends in .{extension}");
    found
}

fn collect(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let made = ["target", "node_modules", "dist", ".git"];
        // What a link leads to is found where it is.
        if made.iter().any(|made| name == *made) || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect(&path, extension, found);
        } else if path.extension().is_some_and(|end| end == extension) {
            found.push(path);
        }
    }
}

/// Every file in Rust whose path starts with this.
pub(crate) fn sources(start: &str) -> Vec<Source> {
    let sources: Vec<Source> = files("rs")
        .into_iter()
        .map(|path| Source {
            path: relative(&path),
            text: fs::read_to_string(&path).expect("UTF-8"),
        })
        .filter(|source| source.path.starts_with(start))
        .collect();
    assert!(!sources.is_empty(), "no file below {start}");
    sources
}

/// A path relative to the project's folder.
pub(crate) fn relative(path: &Path) -> String {
    let inside = path.strip_prefix(root()).expect("a path in the project");
    inside.to_str().expect("UTF-8").to_owned()
}

impl Source {
    /// Whether the file is a module of unit tests.
    pub(crate) fn is_tests(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        self.path.contains("/tests/") || name == "tests.rs" || name.ends_with("_tests.rs")
    }

    /// The lines of code: without comments, and without unit tests.
    pub(crate) fn code(&self) -> impl Iterator<Item = &str> {
        let tests = self.text.find("#[cfg(test)]\nmod tests {");
        let code = &self.text[..tests.unwrap_or(self.text.len())];
        code.lines()
            .filter(|line| !line.trim_start().starts_with("//"))
    }

    /// The code where it mentions one of these, as `path: line`.
    pub(crate) fn mentions(&self, words: &[&str]) -> Vec<String> {
        self.code()
            .filter(|line| words.iter().any(|word| line.contains(word)))
            .map(|line| format!("{}: {}", self.path, line.trim()))
            .collect()
    }
}
