//! Follows the words of one file: what each may be relative to, and what it means there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::kinds::Kind;
use super::search::{File, Search, TooMuch};
use super::text::{self, Meaning};
use crate::foreign;

impl Search {
    /// Follows the words of a file.
    pub(super) fn file(&mut self, file: &File) -> Result<(), TooMuch> {
        let Ok(bytes) = foreign::bytes(&file.path, self.left.bytes) else {
            // It cannot be read, or it is larger than all that is left.
            let size = file.path.metadata().map_or(0, |metadata| metadata.len());
            return match size > self.left.bytes {
                true => Err(TooMuch),
                false => Ok(()),
            };
        };
        self.left.bytes = self.left.bytes.saturating_sub(bytes.len() as u64);
        if bytes.iter().take(8192).any(|byte| *byte == 0) {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&bytes);
        let end = file.path.extension().and_then(|end| end.to_str());
        let parsed = match end {
            Some("toml") => text::of_toml(&text),
            Some("json") => text::of_json(&text),
            _ if file.path.ends_with(".cargo/config") => text::of_toml(&text),
            _ => None,
        };
        let structured = parsed.is_some();
        let words = match (parsed, file.kind) {
            (Some(values), _) => values,
            (None, Kind::Source) => text::words_of_source(&text),
            (None, _) => text::words(&text),
        };
        let mut entered = BTreeSet::new();
        for (word, meaning) in &words {
            // The file itself is in its own folder.
            if structured && [".", "./"].contains(&word.as_str()) {
                continue;
            }
            let lists = file.kind == Kind::Libraries && !structured && *meaning == Meaning::Word;
            let meaning = match lists && (word.contains('/') || word.starts_with('.')) {
                true => Meaning::Whole,
                false => *meaning,
            };
            entered.extend(self.named(word, meaning, file)?);
        }
        // What comes after `cd ..` or `-C`, or after a variable.
        for base in &entered {
            let above = self.project.starts_with(base) && *base != self.project;
            for (word, _) in &words {
                // What lies in a folder that is taken as a whole is known.
                if above || word.contains("..") {
                    self.guessed(base, word, file)?;
                }
            }
        }
        Ok(())
    }

    /// Follows a word. Returns the folders that it names.
    fn named(
        &mut self,
        word: &str,
        meaning: Meaning,
        from: &File,
    ) -> Result<Vec<PathBuf>, TooMuch> {
        let source = from.kind == Kind::Source;
        // In Rust a range, and in code of any kind rarely a path.
        let end = from.path.extension().and_then(|end| end.to_str());
        if word == ".." && matches!(end, Some("rs" | "go" | "py" | "js")) {
            return Ok(Vec::new());
        }
        let home = etcetera::home_dir().ok();
        if let (Some(home), Some(below)) = (&home, word.strip_prefix("~/")) {
            self.reach(home, below.as_ref(), meaning, from.kind, &from.root)?;
        }
        if meaning == Meaning::Rest || word.starts_with("/..") {
            let bases = bases(from).into_iter().chain([from.root.clone()]);
            for base in bases.chain(home.filter(|_| !source)) {
                self.guessed(&base, word, from)?;
            }
        }
        let mut entered = Vec::new();
        if meaning == Meaning::Rest {
            return Ok(entered);
        }
        for base in bases(from) {
            let path = base.join(word);
            let plain = word.contains('/') || word.starts_with("..");
            let sure = plain && !source || word.contains("../") || word.starts_with('/');
            if sure || meaning == Meaning::Whole || fs::symlink_metadata(&path).is_ok() {
                let reached = self.reach(&base, word.as_ref(), meaning, from.kind, &from.root)?;
                entered.extend(reached);
            }
        }
        Ok(entered)
    }

    /// Follows a word that may be relative to a folder, where something is there, or
    /// could be made in a folder that is there.
    fn guessed(&mut self, base: &Path, word: &str, from: &File) -> Result<(), TooMuch> {
        self.look()?;
        let word = word.trim_start_matches('/');
        let path = base.join(word);
        let parent = path.parent().filter(|parent| *parent != base);
        if word.is_empty() || !(path.exists() || parent.is_some_and(Path::is_dir)) {
            return Ok(());
        }
        self.reach(base, word.as_ref(), Meaning::Word, from.kind, &from.root)?;
        Ok(())
    }
}

/// The folders that the words of a file may be relative to.
fn bases(file: &File) -> BTreeSet<PathBuf> {
    let folder = file.path.parent().map(Path::to_owned);
    // Cargo's are relative to the folder around `.cargo`.
    let around = folder
        .as_deref()
        .filter(|folder| folder.ends_with(".cargo"));
    let around = around.and_then(Path::parent).map(Path::to_owned);
    // What is executed is so in the folder that is built.
    let root = (file.kind != Kind::Source).then(|| file.root.clone());
    let linked = file.named_in.clone();
    folder
        .into_iter()
        .chain(around)
        .chain(root)
        .chain(linked)
        .collect()
}
