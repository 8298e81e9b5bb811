//! Follows the words of one file: what each may be relative to, and what it means there.

use std::collections::{BTreeSet, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use super::called::CHEAP;
use super::kinds::Kind;
use super::search::{File, Search, Step, TooMuch};
use super::text::{self, Meaning, Words};
use super::{modules, source};
use crate::foreign;

impl Search<'_> {
    /// Follows the words of a file.
    pub(super) fn file(&mut self, file: &File) -> Result<(), TooMuch> {
        if is_binary(&file.path) {
            return Ok(());
        }
        let Ok(bytes) = foreign::bytes(&file.path, self.left.bytes) else {
            // It is unreadable, or larger than what is left of the limit.
            let size = file.path.metadata().map_or(0, |metadata| metadata.len());
            return match size > self.left.bytes {
                true => Err(TooMuch),
                false => Ok(()),
            };
        };
        self.left.bytes = self.left.bytes.saturating_sub(bytes.len() as u64);
        let text = String::from_utf8_lossy(&bytes);
        let end = file.path.extension().and_then(|end| end.to_str());
        let parsed = match end {
            Some("toml") => text::of_toml(&text),
            Some("json") => text::of_json(&text),
            _ if file.path.ends_with(".cargo/config") => text::of_toml(&text),
            _ => None,
        };
        let structured = parsed.is_some();
        let (words, commands) = match (parsed, file.kind) {
            (Some(values), _) => (values.words, values.commands),
            (None, Kind::Source) => (source::words(&text), Vec::new()),
            (None, Kind::Build) => {
                let mut words = text::words(&text);
                if Kind::of(&file.path) == Some(Kind::Source) || end == Some("rs") {
                    words.extend(text::words(&source::unescaped(&text)));
                }
                (words.clone(), vec![words])
            }
            (None, Kind::Libraries) => {
                (text::words(&text), text.lines().map(text::words).collect())
            }
        };
        let mut entered: HashMap<&str, BTreeSet<PathBuf>> = HashMap::new();
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
            let reached = self.named(word, meaning, file)?;
            if !reached.is_empty() {
                entered.entry(word).or_default().extend(reached);
            }
        }
        // The words after `cd ..` or `-C`, or after a variable.
        let folders: BTreeSet<&PathBuf> = entered.values().flatten().collect();
        for base in folders {
            let above = self.project.starts_with(base) && base != self.project;
            for (word, _) in &words {
                // A folder that is taken as a whole already includes it.
                if above || word.contains("..") {
                    self.guessed(base, word, file)?;
                }
            }
        }
        for command in commands {
            let folders = command
                .iter()
                .filter_map(|(word, _)| entered.get(word.as_str()));
            let folders: BTreeSet<PathBuf> = folders.flatten().cloned().collect();
            self.command(&command, folders, file)?;
        }
        if file.kind == Kind::Build {
            self.modules(&file.path, &text, &words, &file.root)?;
        }
        Ok(())
    }

    /// Follows the words of a command in the folders that its other words lead to, and
    /// calls the names in it.
    fn command(
        &mut self,
        command: &Words,
        folders: BTreeSet<PathBuf>,
        from: &File,
    ) -> Result<(), TooMuch> {
        for (word, _) in command {
            if let Some(name) = Path::new(word).file_name() {
                self.call(name);
            }
        }
        // `python -m tools.gen`
        let has = |names: &[&str]| {
            command
                .iter()
                .any(|(word, _)| names.contains(&word.as_str()))
        };
        if has(&["-m"]) {
            for (word, _) in command {
                let last = word.rsplit('.').next().unwrap_or_default();
                self.call(format!("{last}.py").as_ref());
            }
        }
        let scripts = has(&["bun", "deno", "node", "nodejs", "ts-node", "tsx"]);
        if scripts {
            for base in bases(from) {
                self.scripts(&base, command, from)?;
            }
        }
        // A file with very many words counts as one command: its lines are not
        // distinguished.
        let mut by_first: HashMap<&OsStr, Vec<&str>> = HashMap::new();
        for (word, _) in command {
            let of_name = first(word).map(|name| by_first.entry(name).or_default());
            of_name.into_iter().for_each(|words| words.push(word));
        }
        let mut left: Vec<PathBuf> = folders.into_iter().collect();
        let mut seen: BTreeSet<PathBuf> = left.iter().cloned().collect();
        while let Some(base) = left.pop() {
            // All words were tried there, as in all folders above.
            if self.project.starts_with(&base) {
                continue;
            }
            if scripts {
                self.scripts(&base, command, from)?;
            }
            let listed = self.listed(&base)?;
            let names = match listed.names() {
                Some(names) if names.len() < by_first.len() => {
                    let names = names.iter().map(|name| by_first.get(name.as_os_str()));
                    names.flatten().collect()
                }
                _ => {
                    let all = by_first.iter();
                    let there = all.filter(|(name, _)| listed.may_have(name));
                    there.map(|(_, words)| words).collect::<Vec<_>>()
                }
            };
            self.looks(1 + listed.len().min(by_first.len()) / CHEAP)?;
            for word in names.into_iter().flatten() {
                let word = word.trim_start_matches('/');
                if !base.join(word).exists() {
                    continue;
                }
                let step = Step {
                    run_in: Some(&base),
                    ..step(&base, Meaning::Word, from)
                };
                if let Some(folder) = self.reach(word.as_ref(), step)?
                    && seen.insert(folder.clone())
                {
                    left.push(folder);
                }
            }
        }
        Ok(())
    }

    /// Follows the scripts that Node runs in a folder: `node gen` is `gen.js`.
    fn scripts(&mut self, base: &Path, command: &Words, from: &File) -> Result<(), TooMuch> {
        self.modules(&base.join("command.js"), "", command, &from.root)
    }

    /// Follows the modules of a script.
    fn modules(
        &mut self,
        script: &Path,
        text: &str,
        words: &Words,
        root: &Path,
    ) -> Result<(), TooMuch> {
        let listed = self.listed(script.parent().unwrap_or(Path::new("/")))?;
        self.looks(words.len() / CHEAP)?;
        for path in modules::of(script, text, words, &listed) {
            self.looks(1)?;
            self.enqueue(&path, Kind::Build, root);
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
        // A range in Rust, and rarely a path in any code.
        let end = from.path.extension().and_then(|end| end.to_str());
        if word == ".." && matches!(end, Some("rs" | "go" | "py" | "js")) {
            return Ok(Vec::new());
        }
        let home = self.home;
        if let (Some(home), Some(below)) = (home, word.strip_prefix("~/")) {
            self.reach(below.as_ref(), step(home, meaning, from))?;
        }
        if meaning == Meaning::Rest || word.starts_with("/..") {
            let bases = bases(from).into_iter().chain([from.root.clone()]);
            let home = home.filter(|_| !source).map(Path::to_owned);
            for base in bases.chain(home) {
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
            // Code mentions only folders that it is next to.
            let there = || match source {
                true => path.is_file(),
                false => fs::symlink_metadata(&path).is_ok(),
            };
            if sure || meaning == Meaning::Whole || there() {
                let run_in = from.named_in.contains(&base).then_some(&*base);
                let run_in = run_in.filter(|_| !source);
                let step = Step {
                    run_in,
                    ..step(&base, meaning, from)
                };
                entered.extend(self.reach(word.as_ref(), step)?);
            }
        }
        Ok(entered)
    }

    /// Follows a word that may be relative to a folder, if something is there, or could
    /// be created in a folder that is there.
    fn guessed(&mut self, base: &Path, word: &str, from: &File) -> Result<(), TooMuch> {
        self.look()?;
        let word = word.trim_start_matches('/');
        let path = base.join(word);
        let parent = path.parent().filter(|parent| *parent != base);
        if word.is_empty() || !(path.exists() || parent.is_some_and(Path::is_dir)) {
            return Ok(());
        }
        let step = Step {
            run_in: (from.kind != Kind::Source).then_some(base),
            ..step(base, Meaning::Word, from)
        };
        self.reach(word.as_ref(), step)?;
        Ok(())
    }
}

/// Returns whether a file is not text.
fn is_binary(path: &Path) -> bool {
    let mut begin = Vec::new();
    let read = foreign::open(path).and_then(|file| file.take(8192).read_to_end(&mut begin));
    read.is_ok() && begin.contains(&0)
}

/// Returns how a word of a file is followed from a folder.
fn step<'a>(base: &'a Path, meaning: Meaning, from: &'a File) -> Step<'a> {
    Step {
        base,
        meaning,
        named_by: from.kind,
        root: &from.root,
        run_in: None,
    }
}

/// Returns the first name of a relative path that leads into a folder.
fn first(word: &str) -> Option<&OsStr> {
    let parts = Path::new(word.trim_start_matches('/')).components();
    let mut parts = parts.filter(|part| *part != Component::CurDir);
    match parts.next()? {
        Component::Normal(name) => Some(name),
        _ => None,
    }
}

/// Returns the folders that the words of a file may be relative to.
fn bases(file: &File) -> BTreeSet<PathBuf> {
    let folder = file.path.parent().map(Path::to_owned);
    // Words of Cargo's are relative to the folder around `.cargo`.
    let around = folder
        .as_deref()
        .filter(|folder| folder.ends_with(".cargo"));
    let around = around.and_then(Path::parent).map(Path::to_owned);
    // Executed files run in the folder that is built.
    let root = (file.kind != Kind::Source).then(|| file.root.clone());
    let named_in = file.named_in.clone();
    folder
        .into_iter()
        .chain(around)
        .chain(root)
        .chain(named_in)
        .collect()
}
