//! Follows the words of one file: what each may be relative to, and what it means there.

use std::collections::BTreeSet;
use std::ffi::OsStr;
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
        let mut from = From::new(&file);
        for (word, meaning) in &words {
            self.look_cheaply()?;
            above.extend(self.named(word, *meaning, &mut from)?);
            if file.kind != Kind::Source {
                self.call(word, from.code_ends());
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
        from: &mut From<'_>,
    ) -> Result<Vec<PathBuf>, TooMuch> {
        let file = from.file;
        let source = file.kind == Kind::Source;
        // A range in Rust, and rarely a path in any code.
        if word == ".." && matches!(from.end, "rs" | "go" | "py" | "js") {
            return Ok(Vec::new());
        }
        // `).map` is a call, and no path after a variable.
        if meaning == Meaning::Rest && from.code && is_member(word) {
            return Ok(Vec::new());
        }
        // Source code is not executed in other folders, unless a link leads to it from there.
        if word.contains("..") && !(source && file.path.starts_with(&file.root)) {
            let (folders, rest) = text::upwards(word);
            let named_by = file.kind;
            if folders > 0 && !rest.as_os_str().is_empty() {
                self.ups.insert(Up {
                    folders,
                    rest,
                    named_by,
                });
            }
        }
        let home = self.home;
        if let (Some(home), Some(below)) = (home, word.strip_prefix("~/")) {
            self.reach(below.as_ref(), step(home, meaning, file))?;
        }
        if meaning == Meaning::Rest || word.starts_with("/..") {
            let bases = from.bases.iter().map(|base| &*base.folder);
            let home = home.filter(|_| !source);
            for base in bases.chain([&*file.root]).chain(home) {
                self.guess_below(base, word, file)?;
            }
        }
        let installed = || word.split(['/', '.']).any(|part| INSTALLED.contains(&part));
        if !source && INSTALLED.iter().any(|name| word.contains(name)) && installed() {
            self.modules(word, from)?;
        }
        let mut above = Vec::new();
        let lists = ["txt", "in"].contains(&from.end);
        for base in &mut from.bases {
            // Manifests have paths that begin in their own folders, and commands.
            let own = lists || base.is_own || meaning == Meaning::Rest;
            let meaning = if own { meaning } else { Meaning::Word };
            if meaning != Meaning::Rest && self.is_meant(base, word, meaning, from.code)? {
                above.extend(self.reach(word.as_ref(), step(&base.folder, meaning, file))?);
            }
        }
        Ok(above)
    }

    /// Follows the modules that a word may stand for in folders whose files are not called.
    fn modules(&mut self, word: &str, from: &From<'_>) -> Result<(), TooMuch> {
        for base in from.bases.iter().map(|base| &*base.folder) {
            for name in [word, &word.replace('.', "/")] {
                for end in MODULES {
                    let path = format!("{name}{end}");
                    self.look_cheaply()?;
                    if base.join(&path).is_file() {
                        self.reach(path.as_ref(), step(base, Meaning::Word, from.file))?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Returns whether a word of a file is followed from a folder.
    fn is_meant(
        &mut self,
        base: &mut Base,
        word: &str,
        meaning: Meaning,
        code: bool,
    ) -> Result<bool, TooMuch> {
        self.look_cheaply()?;
        let out = word.contains("../") || word.starts_with('/');
        if code && !out && word != ".." {
            // What is protected stays so.
            base.is_covered = base.is_covered || self.has(&base.folder);
            if base.is_covered {
                // All there is protected anyway, and what it runs it also calls.
                return Ok(false);
            }
        }
        let plain = word.contains('/') || word.starts_with("..");
        let sure = out || plain || meaning == Meaning::Whole;
        Ok(sure || base.folder.join(word).symlink_metadata().is_ok())
    }

    /// Follows a word that may be relative to a folder, even if it looks absolute.
    fn guess_below(&mut self, base: &Path, word: &str, from: &File) -> Result<(), TooMuch> {
        match word.trim_start_matches('/') {
            "" => Ok(()),
            word => self.guess(word.as_ref(), step(base, Meaning::Word, from)),
        }
    }
}

/// Returns whether a word of code looks like the name of a method or a field.
fn is_member(word: &str) -> bool {
    let name = word.strip_prefix('.').unwrap_or_default();
    !name.is_empty()
        && name
            .bytes()
            .all(|one| one.is_ascii_alphanumeric() || one == b'_')
}

/// A file whose words are followed, with what holds for all of them.
struct From<'a> {
    file: &'a File,
    /// Whether it is source code.
    code: bool,
    /// The extension of its name.
    end: &'a str,
    bases: Vec<Base>,
}

/// A folder that the words of a file are relative to.
struct Base {
    folder: PathBuf,
    /// Whether the file lies in it.
    is_own: bool,
    /// Whether all that is in it is known to be protected.
    is_covered: bool,
}

impl<'a> From<'a> {
    fn new(file: &'a File) -> Self {
        let own = file.path.parent();
        let bases = bases(file).into_iter().map(|folder| Base {
            is_own: own == Some(&folder),
            folder,
            is_covered: false,
        });
        let end = file.path.extension().and_then(|end| end.to_str());
        Self {
            file,
            code: is_code(&file.path),
            end: end.unwrap_or_default(),
            bases: bases.collect(),
        }
    }

    /// Returns the extension of source code.
    fn code_ends(&self) -> Option<&'a OsStr> {
        let end = self.file.path.extension();
        end.filter(|_| self.code)
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
