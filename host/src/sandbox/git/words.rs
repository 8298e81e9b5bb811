//! What a command may execute, as a shell takes it apart.
//!
//! Pure. Rather too much than too little: nothing is executed to find out.

use std::collections::BTreeMap;

use super::options::{self, Flag};

/// How deep a word of a command is a command itself, as after `sh -c`.
const NESTED_MAX: usize = 3;
/// How many folders a command changes into.
const FOLDERS_MAX: usize = 8;
/// The longest path that the kernel takes.
const PATH_MAX: usize = 4096;

/// Words before a program that are none.
const BEFORE: [&[u8]; 15] = [
    b"!", b"command", b"do", b"elif", b"else", b"env", b"exec", b"export", b"if", b"nohup",
    b"then", b"time", b"until", b"while", b"{",
];

/// Programs whose words with stars are patterns, and no names of files.
const PATTERNS: [&[u8]; 3] = [b"[[", b"case", b"git"];

/// Programs that execute the file that is their first argument.
const INTERPRETERS: [&[u8]; 9] = [
    b".", b"bash", b"dash", b"node", b"perl", b"python", b"ruby", b"sh", b"source",
];

/// A word that may be a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) text: Vec<u8>,
    /// It matters also where it is not there.
    pub(super) runs: bool,
}

/// The paths that a command may execute. `home` is what `$HOME` stands for.
pub(super) fn of(command: &[u8], home: Option<&[u8]>) -> Vec<Word> {
    let mut reader = Reader {
        variables: BTreeMap::new(),
        folders: Vec::new(),
        found: Vec::new(),
    };
    if let Some(home) = home {
        reader.variables.insert(b"HOME".to_vec(), home.to_vec());
    }
    reader.command(command, 0);
    reader.found
}

struct Reader {
    variables: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Folders that were changed into.
    folders: Vec<Vec<u8>>,
    found: Vec<Word>,
}

impl Reader {
    fn command(&mut self, text: &[u8], depth: usize) {
        for words in simple_commands(text) {
            self.simple(&words, depth);
        }
    }

    fn simple(&mut self, words: &[Vec<u8>], depth: usize) {
        let mut program: Option<&[u8]> = None;
        // What the next word is to an interpreter.
        let mut script = false;
        let mut module = false;
        let mut decides = false;
        for word in words {
            let is_command = word
                .iter()
                .any(|byte| byte.is_ascii_whitespace() || b";|&()`".contains(byte));
            if is_command && depth < NESTED_MAX {
                self.command(word, depth + 1);
            }
            let Some(name) = program else {
                if let Some((name, value)) = assignment(word) {
                    self.assigned(name, value);
                    let value = self.substitute(value);
                    self.variables.insert(name.into(), value);
                    continue;
                }
                // An option of what stands before the program.
                if BEFORE.contains(&&word[..]) || word.starts_with(b"-") {
                    continue;
                }
                self.path(word, true);
                self.pattern(word, word.contains(&b'/'));
                script = is_interpreter(word);
                program = Some(word);
                continue;
            };
            if name == b"cd" && self.folders.len() < FOLDERS_MAX {
                let folder = self.substitute(word);
                self.folders.push(folder);
            }
            let held = name != b"git";
            if word.starts_with(b"-") && word.len() > 1 {
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
                    }
                    Flag::Joined { value, .. } if depth < NESTED_MAX => {
                        self.command(value, depth + 1);
                    }
                    Flag::Joined { .. } | Flag::Plain => {}
                    Flag::Next => decides = true,
                }
                continue;
            }
            if std::mem::take(&mut decides) {
                self.decides(word);
            } else if std::mem::take(&mut module) {
                self.module(word);
            } else if std::mem::take(&mut script) && !is_command {
                self.add(word.clone(), !word.contains(&b'$') && !is_pattern(word));
                self.path(word, true);
                self.pattern(word, true);
            } else {
                // To git, most are the names of branches.
                let held = held || word.starts_with(b".");
                self.value(word, held && !is_substitution(word));
                if !is_command && !PATTERNS.contains(&name) && !is_substitution(word) {
                    self.pattern(word, false);
                }
            }
        }
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
        let value = self.substitute(value);
        if let b"$PWD" | b"${PWD}" = &value[..] {
            return self.add(b".".into(), true);
        }
        if value.contains(&b'$') {
            return self.path(&value, true);
        }
        self.add(value, true);
    }

    /// A module of Python, which is looked for where it is started.
    fn module(&mut self, module: &[u8]) {
        let path: Vec<u8> = module
            .iter()
            .map(|byte| if *byte == b'.' { b'/' } else { *byte })
            .collect();
        for (at, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
            self.add([&path[..at], b"/__init__.py"].concat(), true);
            self.add([&path[..at], b".py"].concat(), true);
        }
        self.add([&path[..], b".py"].concat(), true);
        self.add(path, true);
    }

    /// The folder whose files a shell takes in the place of a word with a star.
    /// `top`: also the one where it is started.
    fn pattern(&mut self, word: &[u8], top: bool) {
        let word = self.substitute(word);
        let Some(star) = word.iter().position(|byte| b"*?[".contains(byte)) else {
            return;
        };
        let folder = match word[..star].iter().rposition(|byte| *byte == b'/') {
            Some(slash) => &word[..slash],
            None if top => b".",
            None => return,
        };
        if !folder.iter().any(is_odd) && !folder.is_empty() {
            self.decides(folder);
        }
    }

    /// Takes a word for a path, or for several with variables between them.
    fn path(&mut self, word: &[u8], held: bool) {
        let word = self.substitute(word);
        if !word.contains(&b'$') {
            let runs = held && is_path(&word);
            return self.add(word, runs);
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
        if !text.starts_with(b"/") {
            for folder in &self.folders {
                let text = [&folder[..], b"/", &text[..]].concat();
                self.found.push(Word { text, runs });
            }
        }
        self.found.push(Word { text, runs });
    }

    /// Puts in the variables whose values are known.
    fn substitute(&self, word: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        let mut rest = word;
        while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
            text.extend(&rest[..at]);
            let (name, length) = variable(&rest[at..]);
            match self.variables.get(name) {
                Some(value) => text.extend(value),
                None => text.extend(&rest[at..at + length]),
            }
            rest = &rest[at + length..];
            if text.len() > PATH_MAX {
                return text;
            }
        }
        text.extend(rest);
        text
    }
}

/// The words of each simple command, without their quotes.
fn simple_commands(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let (mut commands, mut words, mut word) = (Vec::new(), Vec::new(), None::<Vec<u8>>);
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\'' => {
                let quoted = bytes.by_ref().take_while(|byte| *byte != b'\'');
                word.get_or_insert_default().extend(quoted);
            }
            b'"' => {
                let word = word.get_or_insert_default();
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => match bytes.next() {
                            Some(byte @ (b'"' | b'\\' | b'$' | b'`')) => word.push(byte),
                            Some(byte) => word.extend([b'\\', byte]),
                            None => {}
                        },
                        byte => word.push(byte),
                    }
                }
            }
            b'\\' => word.get_or_insert_default().extend(bytes.next()),
            b';' | b'|' | b'&' | b'(' | b')' | b'`' | b'\n' => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
            }
            b'<' | b'>' => words.extend(word.take()),
            byte if byte.is_ascii_whitespace() => words.extend(word.take()),
            byte => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    commands.push(words);
    commands
}

/// `NAME=value`.
fn assignment(word: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = word.iter().position(|byte| *byte == b'=')?;
    let (name, value) = (&word[..at], &word[at + 1..]);
    (!name.is_empty() && name.iter().all(is_name)).then_some((name, value))
}

fn is_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

/// The name of the variable that a text begins with, and how long that is.
fn variable(text: &[u8]) -> (&[u8], usize) {
    match text.get(1) {
        Some(b'{') => {
            let end = text.iter().position(|byte| *byte == b'}');
            let end = end.unwrap_or(text.len());
            (&text[2..end], (end + 1).min(text.len()))
        }
        Some(byte) if is_name(byte) => {
            let length = text[1..].iter().take_while(|byte| is_name(byte)).count();
            (&text[1..=length], length + 1)
        }
        Some(_) => (&[], 2),
        None => (&[], 1),
    }
}

/// What is between variables.
fn pieces(word: &[u8]) -> Vec<&[u8]> {
    let (mut pieces, mut rest) = (Vec::new(), word);
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        pieces.push(&rest[..at]);
        rest = &rest[at + variable(&rest[at..]).1..];
    }
    pieces.push(rest);
    pieces
}

/// Whether a word looks like the path of a file.
fn is_path(word: &[u8]) -> bool {
    word.contains(&b'/') && !word.ends_with(b"/") && !word.iter().any(is_odd)
}

fn is_odd(byte: &u8) -> bool {
    byte.is_ascii_control() || b"*?[]{}<>^\\\"'|;&()`%@,:".contains(byte)
}

/// Whether a shell puts the names of files in the place of a word.
fn is_pattern(word: &[u8]) -> bool {
    word.iter().any(|byte| b"*?[".contains(byte))
}

/// Whether a word is what `sed` is given, as `s/a/b/`.
fn is_substitution(word: &[u8]) -> bool {
    let slashes = word.iter().filter(|byte| **byte == b'/').count();
    (word.starts_with(b"s/") || word.starts_with(b"y/")) && slashes >= 3
}

fn is_interpreter(word: &[u8]) -> bool {
    INTERPRETERS.contains(&program_name(word))
}

/// The name of a program, without its folder and its version.
fn program_name(word: &[u8]) -> &[u8] {
    let name = word.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let end = name
        .iter()
        .rposition(|byte| !byte.is_ascii_digit() && *byte != b'.')
        .map_or(name.len(), |last| last + 1);
    &name[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_runs_is_found() {
        for (command, path) in [
            ("sh 'my tools/mon'", "my tools/mon"),
            ("sh \"my tools/c.sh\" %f", "my tools/c.sh"),
            ("my\\ tools/mon", "my tools/mon"),
            ("cd tools && ./mon", "tools/./mon"),
            ("T=tools; sh $T/mon", "tools/mon"),
            ("X=1 tools/mon", "tools/mon"),
            ("test -d . && tools/mon", "tools/mon"),
            ("env -S sh tools/mon", "tools/mon"),
            ("timeout 5 tools/mon", "tools/mon"),
            ("$PWD/tools/mon", "tools/mon"),
            ("${TOP}/tools/mon x", "tools/mon"),
            ("sh -c '. ./conv.sh'", "./conv.sh"),
            ("sh clean.sh", "clean.sh"),
            ("python3 -m nbstripout", "nbstripout.py"),
            ("$HOME/bin/x", "/home/me/bin/x"),
            ("python3 -mtools.mon", "tools/mon.py"),
            ("python3 -m tools.mon", "tools/__init__.py"),
            ("ssh -Fssh/config", "ssh/config"),
            ("ssh -oProxyCommand=ssh/x -v", "ssh/x"),
            ("ssh '-oProxyCommand=ssh/x %h'", "ssh/x"),
            ("sed -ft/c.sed", "t/c.sed"),
            ("sed -nf c.sed", "c.sed"),
            ("awk -ftools/v.awk", "tools/v.awk"),
            ("make -Ct", "t"),
            ("perl -Ilib", "lib"),
            ("x --long=tools/x", "tools/x"),
            ("x -Xtools/x", "tools/x"),
            ("PATH=$PWD/tools:$PATH mon", "tools"),
            ("export PATH=tools:$PATH; mon", "tools"),
            ("PATH=.:$PATH mon", "."),
            ("PYTHONPATH=$PWD python3 x", "."),
            ("tools/m*n", "tools"),
            ("sh tools/*/x", "tools"),
            ("$PWD/tools/m?n", "tools"),
            ("./m*n", "."),
            ("f() { ./run; }; f", "./run"),
            (&format!("A=xx; {}; t/m", "A=$A$A; ".repeat(99)), "t/m"),
        ] {
            let found = of(command.as_bytes(), Some(b"/home/me"));
            let word = Word {
                text: path.into(),
                runs: true,
            };
            assert!(found.contains(&word), "{command}: {found:?}");
        }
    }

    #[test]
    fn what_is_no_path_is_not_held() {
        for command in [
            "sed s/a/b/g",
            "git log origin/main",
            "less -FRX",
            "curl https://example.org/x",
            "git-lfs smudge -- %f",
            "git log -Sa/b 'x/*'",
            "sed 's/[a-z]*/b/'",
            "sed -es/a/b/g",
            "[ -f x ]",
            "env -i",
        ] {
            let found = of(command.as_bytes(), None);
            assert!(!found.iter().any(|word| word.runs), "{command}: {found:?}");
        }
    }
}
