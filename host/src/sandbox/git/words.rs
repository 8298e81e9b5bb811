//! What a command may execute, as a shell takes it apart.
//!
//! Pure. Rather too much than too little: nothing is executed to find out.

use std::collections::BTreeSet;

use super::arguments::{self, Argument};
use super::computed;
use super::options::{self, Flag};
use super::shapes::{
    BEFORE, CHANGERS, PATH_MAX, PATTERNS, is_command, is_folder, is_interpreter, is_path,
    is_pattern, is_substitution, join, module_paths, pattern_folder, program_name,
};
use super::shell::{assignment, pieces, simple_commands, split};
use super::variables::Variables;
use super::word::Word;

/// How deep a word of a command is a command itself, as after `sh -c`.
const NESTED_MAX: usize = 4;
/// How many folders a command changes into, each below each before.
const FOLDERS_MAX: usize = 32;
/// How many paths a command may name.
const FOUND_MAX: usize = 4096;
/// How many bytes are taken apart: those of a word once more for each command that it
/// is in.
const READ_MAX: usize = 1 << 20;
/// How many words are looked at that something may be started in.
const BEFORE_MAX: usize = 256;
/// How many words may name a folder where something is computed.
const NAMES_MAX: usize = 1024;

/// What a command may execute. `home` is what `$HOME` stands for.
pub(super) fn of(command: &[u8], home: Option<&[u8]>) -> Vec<Word> {
    let mut reader = Reader::new(home);
    reader.command(command, 0);
    reader.finish()
}

/// What an alias may execute that is arguments of git.
pub(super) fn of_alias(alias: &[u8], home: Option<&[u8]>) -> Vec<Word> {
    let mut reader = Reader::new(home);
    reader.git(&split(alias), 0);
    reader.finish()
}

#[derive(Default)]
struct Reader {
    variables: Variables,
    /// Folders that are changed into, somewhere.
    folders: Vec<Vec<u8>>,
    /// Words before, of this command and those that it is in, which may be folders.
    /// `true`: also if they are not there.
    before: Vec<(Vec<u8>, bool)>,
    /// Something is computed, and then what may be a folder.
    computed: bool,
    names: BTreeSet<Vec<u8>>,
    /// A folder is changed into that is not known.
    lost: bool,
    /// Lines of a command are read, or it has lists.
    document: bool,
    /// Git is started.
    git: bool,
    /// How many bytes were taken apart.
    read: usize,
    /// Commands are in each other deeper than is looked.
    too_deep: bool,
    /// There are too many folders to look at each path in each.
    too_much: bool,
    found: Vec<Word>,
}

impl Reader {
    fn new(home: Option<&[u8]>) -> Self {
        let mut reader = Self::default();
        if let Some(home) = home {
            reader.variables.0.insert(b"HOME".to_vec(), home.to_vec());
        }
        reader
    }

    /// All that was found, also seen from the folders that are changed into.
    fn finish(mut self) -> Vec<Word> {
        self.settings_of_variables();
        let relative = |word: &&Word| match word {
            Word::Path { text, .. } | Word::Programs(text) => !text.starts_with(b"/"),
            Word::Remote(text) => text.starts_with(b"."),
            _ => false,
        };
        let paths: Vec<Word> = self.found.iter().filter(relative).cloned().collect();
        let fits = paths.len() * self.folders.len() <= FOUND_MAX;
        if self.computed {
            let computed = self.where_computed(&paths);
            self.found.push(computed);
        }
        for folder in self.folders.iter().filter(|_| fits) {
            self.found
                .extend(paths.iter().map(|path| path.below(folder)));
        }
        if self.git {
            self.found.extend(self.folders.drain(..).map(Word::Folder));
        }
        let runs = |path: &Word| !matches!(path, Word::Path { runs: false, .. });
        let lost = (self.too_much || !fits) && paths.iter().any(runs);
        if lost || self.too_deep || self.found.len() > 2 * FOUND_MAX {
            self.found.push(Word::TooMuch);
        }
        self.found
    }

    fn command(&mut self, text: &[u8], depth: usize) {
        self.read += text.len();
        if depth > NESTED_MAX || self.read > READ_MAX {
            self.too_deep = true;
            return;
        }
        let (text, inside) = computed::open(text);
        self.computed |= !inside.is_empty() || computed::is_computed(&text);
        self.document |= computed::has_document(&text);
        for words in simple_commands(&text) {
            self.simple(&words, depth);
        }
        // With the variables that are known by now.
        for command in inside {
            self.command(&command, depth + 1);
        }
    }

    fn simple(&mut self, words: &[Vec<u8>], depth: usize) {
        let before = self.before.len();
        self.words(words, depth);
        self.before.truncate(before);
    }

    fn words(&mut self, words: &[Vec<u8>], depth: usize) {
        let mut program: Option<&[u8]> = None;
        // What the next word is to an interpreter.
        let mut script = false;
        let mut module = false;
        let mut decides = false;
        // The next word is a folder, or belongs to an option.
        let mut folder = false;
        let mut option = false;
        let mut git = false;
        // Git was told what to do.
        let mut called = false;
        for (at, word) in words.iter().enumerate() {
            if self.found.len() > 2 * FOUND_MAX {
                return;
            }
            if word == b"{" && program == Some(b"function") {
                // Its body.
                (program, folder, script) = (None, false, false);
                continue;
            }
            let is_git = program.is_some_and(|name| program_name(name) == b"git");
            if is_git && !called && !word.starts_with(b"-") {
                called = true;
            } else {
                self.name(word, program);
            }
            let is_command = is_command(word);
            if is_command {
                // A variable's value may be a command of its own.
                let text = assignment(word).map_or(&word[..], |(_, value)| value);
                self.command(text, depth + 1);
            }
            if !is_git && !git {
                // Also before it is known what is started.
                if folder && !word.starts_with(b"-") {
                    folder = false;
                    self.folder(word);
                    let changes = |name| CHANGERS.contains(&program_name(name));
                    if program.is_some_and(changes) && !self.variables.leads(word) {
                        (self.lost, self.computed) = (true, true);
                    }
                    if program.is_none_or(changes) {
                        continue;
                    }
                }
                match options::folder(word) {
                    Some(None) => folder = true,
                    Some(Some(value)) => self.folder(value),
                    None => {}
                }
            }
            let Some(name) = program else {
                if let Some((name, value)) = assignment(word) {
                    self.assigned(name, value);
                    let value = self.variables.substitute(value);
                    self.variables.0.insert(name.into(), value);
                    continue;
                }
                // An option of what stands before the program.
                if BEFORE.contains(&&word[..]) || word.starts_with(b"-") {
                    option = word.starts_with(b"-");
                    continue;
                }
                self.path(word, true);
                self.pattern(word, word.contains(&b'/'));
                script = is_interpreter(word);
                folder = CHANGERS.contains(&program_name(word));
                if program_name(word) == b"git" {
                    self.git(&words[at + 1..], depth);
                }
                if std::mem::take(&mut option) {
                    self.may_enter(word, false);
                }
                program = Some(word);
                continue;
            };
            let held = !is_git;
            if word.starts_with(b"-") && word.len() > 1 {
                option = true;
                if script && word.starts_with(b"-m") && word.len() > 2 {
                    self.module(&word[2..]);
                    script = false;
                    continue;
                }
                module = script && word == b"-m";
                script &= !matches!(&word[..], b"-c" | b"-S") && !module;
                match options::of(program_name(name), word) {
                    Flag::Joined { value, decides } if decides => self.decides(value),
                    Flag::Joined { value, .. } if !is_command => {
                        self.value(value, held && !is_substitution(value));
                        if held {
                            self.may_enter(value, true);
                        }
                    }
                    Flag::Joined { value, .. } => self.command(value, depth + 1),
                    Flag::Plain => {}
                    Flag::Next => decides = true,
                }
                continue;
            }
            let of_option = std::mem::take(&mut option);
            if std::mem::take(&mut decides) {
                self.decides(word);
            } else if std::mem::take(&mut module) {
                self.module(word);
                continue;
            } else if std::mem::take(&mut script) && !is_command {
                self.add(word.clone(), !word.contains(&b'$') && !is_pattern(word));
                self.path(word, true);
                self.pattern(word, true);
                continue;
            } else {
                // To git, most are the names of branches.
                let held = held || word.starts_with(b".");
                self.value(word, held && !is_substitution(word));
                if !is_command && !PATTERNS.contains(&name) && !is_substitution(word) {
                    self.pattern(word, false);
                }
                // Something may start it with what follows.
                script = held && word.len() > 1 && is_interpreter(word);
                if held && program_name(word) == b"git" {
                    git = true;
                    self.git(&words[at + 1..], depth);
                }
            }
            if held && !is_command {
                self.may_enter(word, of_option);
            }
        }
    }

    /// What git's arguments mean.
    fn git(&mut self, words: &[Vec<u8>], depth: usize) {
        self.git = true;
        if depth > NESTED_MAX {
            self.too_deep = true;
            return;
        }
        for argument in arguments::of(words) {
            self.argument(argument, depth);
        }
    }

    fn argument(&mut self, argument: Argument<'_>, depth: usize) {
        let (text, word): (_, fn(Vec<u8>) -> Word) = match argument {
            Argument::Setting(text) => {
                let (key, value) = arguments::split(text);
                return self.setting(key, value.unwrap_or_default());
            }
            Argument::Command(text) => return self.command(text, depth + 1),
            Argument::Program([one]) => return self.command(one, depth + 1),
            Argument::Program(words) => return self.simple(words, depth + 1),
            Argument::Folder(text) => return self.folder(text),
            Argument::Programs(text) => (text, Word::Programs),
            Argument::Repository(text) => (text, Word::Folder),
            Argument::Remote(text) => (text, Word::Remote),
        };
        let found = self.variables.resolved(text).into_iter().map(word);
        self.found.extend(found);
    }

    /// A word that may be a path, or may have one behind a `=`.
    fn value(&mut self, word: &[u8], held: bool) {
        match assignment(word) {
            Some((_, value)) => self.path(value, held),
            None => self.path(word, held),
        }
    }

    /// What a variable is set to: a path, or folders where programs are looked for.
    fn assigned(&mut self, name: &[u8], value: &[u8]) {
        if let b"GIT_CONFIG" | b"GIT_CONFIG_GLOBAL" | b"GIT_CONFIG_SYSTEM" = name {
            return self.decides(value);
        }
        if let Some(argument) = arguments::of_variable(name, value) {
            return self.argument(argument, 0);
        }
        if !name.ends_with(b"PATH") && !name.ends_with(b"LIB") {
            return self.path(value, true);
        }
        for folder in value.split(|byte| *byte == b':') {
            match folder {
                // In `PATH`, it is where the program is started.
                b"" if name == b"PATH" => self.add(b".".into(), true),
                folder => self.decides(folder),
            }
        }
    }

    /// A path that decides what is executed, whatever it looks like.
    fn decides(&mut self, value: &[u8]) {
        let value = self.variables.substitute(value);
        if let b"$PWD" | b"${PWD}" = &value[..] {
            return self.add(b".".into(), true);
        }
        if value.contains(&b'$') {
            return self.path(&value, true);
        }
        self.add(value, true);
    }

    fn module(&mut self, module: &[u8]) {
        for path in module_paths(module) {
            self.add(path, true);
        }
    }

    /// The folder whose files a shell takes in the place of a word with a star.
    /// `top`: also the one where it is started.
    fn pattern(&mut self, word: &[u8], top: bool) {
        for text in self.variables.resolved(word) {
            if let Some(folder) = pattern_folder(&text, top) {
                self.decides(folder);
            }
        }
    }

    /// Takes a word for a path, or for several with variables between them.
    fn path(&mut self, word: &[u8], held: bool) {
        let word = self.variables.substitute(word);
        if !word.contains(&b'$') {
            let runs = held && is_path(&word);
            return self.add(word, runs);
        }
        if let Some(text) = self.variables.with_defaults(&word) {
            let runs = held && is_path(&text);
            self.add(text, runs);
        }
        for piece in pieces(&word) {
            let below = piece.iter().position(|byte| *byte != b'/');
            if let Some(start) = below {
                let runs = held && (start > 0 || is_path(piece)) && !piece.ends_with(b"/");
                self.add(piece[start..].into(), runs);
            }
        }
    }

    fn add(&mut self, text: Vec<u8>, runs: bool) {
        if text.is_empty() || text.len() > PATH_MAX {
            return;
        }
        for (folder, missing) in self.before.iter().filter(|_| runs && text[0] != b'/') {
            self.found.push(match missing {
                true => Word::Path {
                    text: join(folder, &text),
                    runs,
                },
                false => Word::Within {
                    folder: folder.clone(),
                    text: text.clone(),
                },
            });
        }
        self.found.push(Word::Path { text, runs });
    }

    /// Takes a word for the folder that something is started in, further on. `missing`:
    /// also if it is not there.
    fn may_enter(&mut self, word: &[u8], missing: bool) {
        if self.before.len() >= BEFORE_MAX {
            self.too_much = true;
            return;
        }
        for text in self.variables.resolved(word) {
            if is_folder(&text) {
                self.before.push((text, missing));
            }
        }
    }

    /// A folder that is changed into.
    fn folder(&mut self, word: &[u8]) {
        for text in self.variables.resolved(word) {
            if !is_folder(&text) || self.folders.contains(&text) {
                continue;
            }
            let absolute = text.starts_with(b"/");
            let below = self.folders.iter().filter(|_| !absolute);
            let mut more: Vec<_> = below.map(|folder| join(folder, &text)).collect();
            more.push(text);
            if self.folders.len() + more.len() > FOLDERS_MAX {
                self.too_much = true;
                return;
            }
            self.folders.extend(more);
        }
    }
}

#[path = "words/gathered.rs"] // also where the fuzz targets include this file
mod gathered;

#[cfg(test)]
#[path = "words/tests.rs"] // also where the fuzz targets include this file
mod tests;
