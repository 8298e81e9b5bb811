//! What a command names that may be a path, however it puts it together.
//!
//! Pure. Nothing says what a program does with its words, so nothing is followed: each
//! piece of the text counts where it is there. Only what looks like a path, or stands
//! where one is executed or entered, counts also where it is not.

use std::collections::BTreeSet;

use self::reader::Reader;
use self::settings::{behind_name, setting};
use super::judge;
use super::options::{self, Takes};
use super::pieces::{Hold, PATHS_MAX, Pieces};
use super::remotes::{self, Remote};
use super::shapes::{
    BEFORE, CHANGERS, PATTERNS, is_bare, is_command, is_folder, is_interpreter, is_path,
    is_pattern, is_shell, is_substitution, pattern_folder, program_name,
};
use super::shell::{assignment, simple_commands, split};
use super::substitution;
use super::words::Reason;

/// How deep a word of a command is a command itself, as after `sh -c`.
const NESTED_MAX: usize = 4;
/// How many bytes are taken apart: those of a word once more for each command that it
/// is in.
const READ_MAX: usize = 1 << 20;
/// What `node` adds to the name of a file that is not there.
const MODULE_ENDS: [&[u8]; 5] = [b".js", b".mjs", b".cjs", b".json", b".node"];
/// How many words of one command may be folders that it starts something in.
const BEFORE_MAX: usize = 1024;

/// What a command names. `home` is what `$HOME` stands for.
pub(super) fn of(command: &[u8], home: Option<&[u8]>) -> Pieces {
    let mut reader = Reader::new(home);
    reader.command(command, 0);
    reader.finish(judge::command(command))
}

/// What an alias names that is arguments of git.
pub(super) fn of_alias(alias: &[u8], home: Option<&[u8]>) -> Pieces {
    let mut reader = Reader::new(home);
    let mut state = State {
        program: Some(b"git"),
        shell: true,
        git: Git::Options,
        ..State::default()
    };
    let words = split(alias);
    reader.simple(&words, &mut state, 0);
    reader.finish(judge::arguments_of_git(&words))
}

/// What is known of a simple command, word by word.
#[derive(Default)]
struct State<'a> {
    program: Option<&'a [u8]>,
    /// A shell, or git, is among the words: what it executes is taken apart.
    shell: bool,
    /// An interpreter waits for what it executes.
    script: bool,
    next: Next,
    git: Git,
}

/// What the next word is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Next {
    #[default]
    Any,
    /// What is changed into, behind options.
    Entered,
    /// The value of an option.
    Value(Takes),
}

/// What words are to git.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Git {
    /// It was not started.
    #[default]
    No,
    /// Its options, and then a subcommand.
    Options,
    /// Arguments of a subcommand that executes none of them.
    Harmless,
    /// Arguments of any other.
    Arguments,
}

impl Reader {
    fn new(home: Option<&[u8]>) -> Self {
        let mut reader = Self::default();
        if let Some(home) = home {
            reader.variables.0.insert(b"HOME".to_vec(), home.to_vec());
        }
        reader
    }

    /// With what the command is understood to execute.
    fn finish(mut self, understood: Result<BTreeSet<Vec<u8>>, Reason>) -> Pieces {
        self.settings_of_variables();
        match understood {
            Ok(held) => {
                for path in held {
                    self.found.relative |= !path.starts_with(b"/") && !path.starts_with(b"~");
                    if self.found.too_much {
                        break;
                    }
                    self.found.add(path, Hold::Always);
                }
            }
            Err(reason) => self.found.open = Some(reason),
        }
        self.found
    }

    fn command(&mut self, text: &[u8], depth: usize) {
        self.read += text.len();
        if depth > NESTED_MAX || self.read > READ_MAX {
            self.found.too_much = true;
            return;
        }
        let (text, inside) = substitution::open(text);
        for words in simple_commands(&text) {
            self.simple(&words, &mut State::default(), depth);
        }
        // With the variables that are known by now.
        for command in inside {
            self.command(&command, depth + 1);
        }
    }

    fn simple<'a>(&mut self, words: &'a [Vec<u8>], state: &mut State<'a>, depth: usize) {
        let before = self.before.len();
        for (at, word) in words.iter().enumerate() {
            if self.found.too_much {
                break;
            }
            if word == b"{" && state.program == Some(b"function") {
                // Its body.
                *state = State::default();
                continue;
            }
            let before = at.checked_sub(1).map(|before| &words[before][..]);
            let of_option = before.is_some_and(|word| word.starts_with(b"-"));
            self.name(word, state, of_option);
            let set = settings::of_words(before, word).filter(|_| state.git != Git::No);
            if let Some((key, value)) = set {
                self.setting(key, value);
            } else if is_command(word) {
                // A variable's value may be a command of its own, and an option's.
                self.command(behind_name(word), depth + 1);
            }
            self.word(word, state, depth);
        }
        self.before.truncate(before);
    }

    /// Takes the pieces of a word for names of folders, which count where a path follows
    /// that is executed.
    fn name(&mut self, word: &[u8], state: &State<'_>, of_option: bool) {
        let first = state.program.is_none();
        let taken_apart = is_command(word) && (first || state.shell);
        let looked_up = match state.git {
            // What follows an option may be its value.
            Git::No if of_option => false,
            Git::No => first && assignment(word).is_none() && is_bare(word),
            git => git == Git::Options && !word.starts_with(b"-") && is_bare(word),
        };
        if taken_apart || looked_up && state.next == Next::Any {
            return;
        }
        let mut names = substitution::names(word);
        let whole = self.variables.resolved(word).into_iter();
        names.extend(whole.filter(|text| is_folder(text)));
        if self.before.len() > BEFORE_MAX || names.len() > PATHS_MAX {
            self.found.too_much = true;
            return;
        }
        // The value of an option may be a folder that is made later.
        let is_value = (of_option || word.starts_with(b"--")) && !is_command(word);
        let value = Some(behind_name(word)).filter(|_| is_value && state.git == Git::No);
        for name in &names {
            let hold = match value == Some(name) && is_folder(name) && !name.starts_with(b"/") {
                true => Hold::Always,
                false => Hold::There,
            };
            if !self.before.iter().any(|(before, _)| before == name) {
                self.before.push((name.clone(), hold));
            }
        }
    }

    fn word<'a>(&mut self, word: &'a [u8], state: &mut State<'a>, depth: usize) {
        let is_option = word.starts_with(b"-") && word.len() > 1;
        match std::mem::take(&mut state.next) {
            Next::Value(takes) => return self.takes(takes, word, depth),
            Next::Entered if word.starts_with(b"-") => {
                self.option(word, state, depth);
                state.next = Next::Entered;
                return;
            }
            Next::Entered => {
                return self.takes(Takes::Folder, word, depth);
            }
            Next::Any => {}
        }
        if is_option && state.git != Git::Harmless {
            return self.option(word, state, depth);
        }
        if std::mem::take(&mut state.script) && !is_command(word) {
            self.script(program_name(state.program.unwrap_or_default()), word);
        }
        if let (Git::No, Some((name, value))) = (state.git, assignment(word)) {
            return self.assigned(name, value, depth);
        }
        match state.git {
            Git::Harmless => return,
            Git::Options if setting(word).is_some() => return,
            Git::Options => {
                match word {
                    b"for-each-repo" => {}
                    b"merge-index" => *state = State::default(),
                    word if options::is_harmless(word) => state.git = Git::Harmless,
                    _ => {
                        state.git = Git::Arguments;
                        self.argument(word, depth);
                    }
                }
                return;
            }
            Git::Arguments if matches!(word, b"foreach" | b"run") => {
                *state = State::default();
                return;
            }
            Git::Arguments => self.argument(word, depth),
            Git::No if state.program.is_none() => {
                if BEFORE.contains(&word) {
                    return;
                }
                state.program = Some(word);
                self.path(word, true);
                self.pattern(word, word.contains(&b'/'));
            }
            Git::No => {
                self.path(word, !is_substitution(word));
                let program = state.program.unwrap_or_default();
                if !is_command(word) && !PATTERNS.contains(&program) && !is_substitution(word) {
                    self.pattern(word, false);
                }
            }
        }
        // Whatever starts it with what follows.
        let name = program_name(word);
        state.shell |= is_shell(name);
        if name == b"git" {
            state.git = Git::Options;
        } else if is_interpreter(name) && (name != b"." || state.program == Some(word)) {
            (state.program, state.script) = (Some(word), true);
        } else if CHANGERS.contains(&name) {
            state.next = Next::Entered;
        }
    }

    fn option<'a>(&mut self, word: &'a [u8], state: &mut State<'a>, depth: usize) {
        let program = program_name(state.program.unwrap_or_default());
        let (takes, value) = match state.git {
            Git::No => options::of(program, word),
            _ => options::of_git(word),
        };
        state.script &= !matches!(word, b"-c" | b"-S") && takes != Takes::Module;
        match value {
            Some(value) => self.takes(takes, value, depth),
            None if takes != Takes::Anything => state.next = Next::Value(takes),
            None => {}
        }
    }

    /// What an interpreter executes.
    fn script(&mut self, program: &[u8], word: &[u8]) {
        if !word.contains(&b'$') && !is_pattern(word) && !word.contains(&b'{') {
            self.hold(word.into());
            if program == b"node" {
                // It looks for a module of this name.
                for end in MODULE_ENDS {
                    self.hold([word, end].concat());
                }
            }
        }
        self.path(word, true);
        self.pattern(word, true);
    }

    /// The value of an option.
    fn takes(&mut self, takes: Takes, value: &[u8], depth: usize) {
        match takes {
            Takes::Nothing => {}
            Takes::Anything => self.path(value, !is_substitution(value)),
            Takes::Argument => self.argument(value, depth),
            // Others are taken apart as any word.
            Takes::Command if is_command(value) => {}
            Takes::Command => self.command(value, depth + 1),
            Takes::Folder | Takes::Path => {
                self.path(value, true);
                self.pattern(value, takes == Takes::Path);
                for text in self.variables.resolved(value) {
                    if is_folder(&text) || takes == Takes::Path && !text.contains(&b'$') {
                        self.hold(text);
                    }
                }
            }
            Takes::Module => {
                // A file, or a folder of files.
                let name = value.split(|byte| *byte == b'.').next().unwrap_or_default();
                self.hold(name.into());
                self.hold([name, b".py"].concat());
            }
        }
    }

    /// An argument of git: most are names of branches.
    fn argument(&mut self, word: &[u8], depth: usize) {
        let explicit = [&b"."[..], b"/", b"~", b"$"];
        let url = word.windows(2).any(|two| two == b"::" || two == b"//");
        if !url && !explicit.iter().any(|start| word.starts_with(start)) {
            return;
        }
        if word.contains(&b'$') {
            self.path(word, true);
        }
        match remotes::of(word) {
            None => {}
            Some(Remote::Command(command)) => self.command(&command, depth + 1),
            Some(Remote::Repository(path)) => {
                for path in self.variables.resolved(&path) {
                    if is_path(&path) {
                        // As git looks for a repository.
                        self.hold([&path, &b".git"[..]].concat());
                        self.hold(path);
                    }
                }
            }
        }
    }

    /// What a variable is set to.
    fn assigned(&mut self, name: &[u8], value: &[u8], depth: usize) {
        let known = self.variables.substitute(value);
        self.path(value, true);
        let decides = options::decides(name);
        for folder in value.split(|byte| *byte == b':').filter(|_| decides) {
            match folder {
                // In `PATH`, it is where the program is started.
                b"" if name == b"PATH" => self.hold(b".".into()),
                folder => self.takes(Takes::Path, folder, depth),
            }
        }
        self.variables.0.insert(name.into(), known);
    }

    /// The folder whose files a shell takes in the place of a word with a star, or from
    /// which it executes what a variable says. `top`: also the one where it is started.
    fn pattern(&mut self, word: &[u8], top: bool) {
        for text in self.variables.resolved(word) {
            if let Some(folder) = pattern_folder(&text, top) {
                self.hold(folder.into());
            }
        }
        let word = self.variables.substitute(word);
        let known = word.split(|byte| *byte == b'$').next().unwrap_or_default();
        let slash = known.iter().rposition(|byte| *byte == b'/');
        if let Some(slash) = slash.filter(|_| top && known.len() < word.len())
            && is_folder(&known[..slash])
        {
            self.hold(known[..slash].into());
        }
    }

    /// Takes a word for a path, or what is behind its `=`. `held`: it may be executed.
    fn path(&mut self, word: &[u8], held: bool) {
        for text in self.variables.resolved(behind_name(word)) {
            match held && is_path(&text) {
                true => self.hold(text),
                false => self.found.add(text, Hold::File),
            }
        }
    }

    /// A path that is executed: from a folder that was said before, it may be.
    fn hold(&mut self, text: Vec<u8>) {
        if !text.starts_with(b"/") {
            for (name, hold) in self.before.clone() {
                self.found.add(name, hold);
            }
        }
        self.found.add(text, Hold::Always);
    }
}

// The paths hold also where the fuzz targets include this file.
#[path = "command/reader.rs"]
mod reader;
#[path = "command/settings.rs"]
mod settings;

#[cfg(test)]
#[path = "command/tests.rs"] // also where the fuzz targets include this file
mod tests;
