//! Follows the words of one file: what each may be relative to, and what it means there.

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::kinds::{INSTALLED, Kind, is_code};
use super::search::{File, Search, Step, TooMuch, Up};
use super::source;
use super::text::{self, Meaning};
use crate::foreign;

/// The endings that the name of a module may lack.
const MODULES: [&str; 8] = [
    ".js",
    ".cjs",
    ".mjs",
    ".ts",
    ".py",
    "/index.js",
    "/index.ts",
    "/__init__.py",
];

impl Search<'_> {
    /// Follows the words of a file.
    pub(super) fn file(&mut self, mut file: File) -> Result<(), TooMuch> {
        let Some(text) = self.text(&file.path)? else {
            return Ok(());
        };
        let in_cargo = file.path.ends_with(".cargo/config");
        let text = match file.path.extension().is_some_and(|end| end == "toml") || in_cargo {
            true => text::without_keys(&text),
            false => text,
        };
        let words = match file.kind {
            Kind::Source => source::words(&text),
            Kind::Build => text::words(&text),
            Kind::Libraries => text::values(&text),
        };
        if file.kind == Kind::Source && source::executes(&text) {
            file.kind = Kind::Build;
        }
        let mut above = BTreeSet::new();
        for (word, meaning) in &words {
            self.look_cheaply()?;
            above.extend(self.named(word, *meaning, &file)?);
            if file.kind != Kind::Source {
                self.call(word, &file.path);
            }
        }
        // After `cd ..` or `-C ..`, all other words are relative to the folder above, and what
        // they name runs there.
        for base in above {
            file.root = base;
            for (word, _) in &words {
                self.guess_below(&file.root, word, &file)?;
            }
        }
        Ok(())
    }

    /// Returns the text of a file; `None` for one that has none, or that cannot be read.
    fn text(&mut self, path: &Path) -> Result<Option<String>, TooMuch> {
        let left = self.left.bytes;
        let size = path.metadata().map_or(0, |metadata| metadata.len());
        let bytes = foreign::open(path).and_then(|mut file| {
            let mut begin = Vec::new();
            (&mut file).take(8192).read_to_end(&mut begin)?;
            if begin.contains(&0) {
                return Ok(None);
            }
            begin.extend(foreign::bytes_of(file, left)?);
            Ok(Some(begin))
        });
        let bytes = match bytes {
            Ok(None) => return Ok(None),
            Ok(Some(bytes)) => bytes,
            Err(_) if size > left => return Err(TooMuch),
            Err(_) => return Ok(None),
        };
        self.left.bytes = left.checked_sub(bytes.len() as u64).ok_or(TooMuch)?;
        Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Follows a word. Returns the folders above the build that it names.
    fn named(
        &mut self,
        word: &str,
        meaning: Meaning,
        from: &File,
    ) -> Result<Vec<PathBuf>, TooMuch> {
        let source = from.kind == Kind::Source;
        // A range in Rust, and rarely a path in any code.
        let end = from.path.extension().and_then(|end| end.to_str());
        if word == ".." && matches!(end, Some("rs" | "go" | "py" | "js")) {
            return Ok(Vec::new());
        }
        // Source code is not executed in other folders, unless a link leads to it from there.
        let (folders, rest) = text::upwards(word);
        let leads_up = folders > 0 && !rest.as_os_str().is_empty();
        if leads_up && !(source && from.path.starts_with(&from.root)) {
            let named_by = from.kind;
            self.ups.insert(Up {
                folders,
                rest,
                named_by,
            });
        }
        let home = self.home;
        if let (Some(home), Some(below)) = (home, word.strip_prefix("~/")) {
            self.reach(below.as_ref(), step(home, meaning, from))?;
        }
        if meaning == Meaning::Rest || word.starts_with("/..") {
            let home = home.filter(|_| !source).map(Path::to_owned);
            let root = Some(from.root.clone());
            for base in bases(from).into_iter().chain(root).chain(home) {
                self.guess_below(&base, word, from)?;
            }
        }
        if !source && word.split(['/', '.']).any(|part| INSTALLED.contains(&part)) {
            self.modules(word, from)?;
        }
        let mut above = Vec::new();
        let lists = ["txt", "in"].contains(&end.unwrap_or_default());
        for base in bases(from) {
            // Manifests have paths that begin in their own folders, and commands.
            let own = lists || from.path.parent() == Some(&base) || meaning == Meaning::Rest;
            let meaning = if own { meaning } else { Meaning::Word };
            if meaning != Meaning::Rest && self.is_meant(&base, word, meaning, from)? {
                above.extend(self.reach(word.as_ref(), step(&base, meaning, from))?);
            }
        }
        Ok(above)
    }

    /// Follows the modules that a word may stand for in folders whose files are not called.
    fn modules(&mut self, word: &str, from: &File) -> Result<(), TooMuch> {
        for base in bases(from) {
            for name in [word, &word.replace('.', "/")] {
                for end in MODULES {
                    let path = format!("{name}{end}");
                    self.look_cheaply()?;
                    if base.join(&path).is_file() {
                        self.reach(path.as_ref(), step(&base, Meaning::Word, from))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns whether a word of a file is followed from a folder.
    fn is_meant(
        &mut self,
        base: &Path,
        word: &str,
        meaning: Meaning,
        from: &File,
    ) -> Result<bool, TooMuch> {
        self.look_cheaply()?;
        let out = word.contains("../") || word.starts_with('/');
        if is_code(&from.path) && !out && word != ".." && self.has(base) {
            // All there is protected anyway, and what it runs it also calls.
            return Ok(false);
        }
        let plain = word.contains('/') || word.starts_with("..");
        let sure = out || plain || meaning == Meaning::Whole;
        Ok(sure || base.join(word).symlink_metadata().is_ok())
    }

    /// Follows a word that may be relative to a folder, even if it looks absolute.
    fn guess_below(&mut self, base: &Path, word: &str, from: &File) -> Result<(), TooMuch> {
        match word.trim_start_matches('/') {
            "" => Ok(()),
            word => self.guess(word.as_ref(), step(base, Meaning::Word, from)),
        }
    }
}

/// Returns how a word of a file is followed from a folder.
fn step<'a>(base: &'a Path, meaning: Meaning, from: &'a File) -> Step<'a> {
    Step {
        base,
        meaning,
        named_by: from.kind,
        root: &from.root,
    }
}

/// Returns the folders that the words of a file are relative to.
fn bases(file: &File) -> BTreeSet<PathBuf> {
    let folder = file.path.parent().map(Path::to_owned);
    // Words of Cargo's are relative to the folder around `.cargo`.
    let around = folder
        .as_deref()
        .filter(|folder| folder.ends_with(".cargo"));
    let around = around.and_then(Path::parent).map(Path::to_owned);
    // Executed files run in the folder that is built. Compilers begin in the folder that they
    // know a file in, by a link.
    let linked = !file.path.starts_with(&file.root);
    let root = (file.kind != Kind::Source || linked).then(|| file.root.clone());
    folder.into_iter().chain(around).chain(root).collect()
}
