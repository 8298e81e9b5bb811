//! What interpreters execute, and programs that start others.
//!
//! Pure.

use super::super::words::Reason;
use super::Judge;
use super::value::Class::{self, Data, Foreign, Given, Literal};
use super::value::{Value, item, largest, setting_of_program};

/// Letters of a shell's options that decide nothing.
const SHELL_LETTERS: &[u8] = b"eufnvxl";

impl Judge {
    pub(super) fn shell(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            if word.class > Literal {
                return Err("computes what a shell executes");
            }
            rest = after;
            match &word.text[..] {
                b"-o" | b"+o" => rest = after.get(1..).unwrap_or_default(),
                b"--" => break,
                [b'-' | b'+', letters @ .., b'c'] if plain(letters) => {
                    let [command, given @ ..] = after else {
                        return Err("has a shell without a command");
                    };
                    if command.class > Literal {
                        return Err("computes what a shell executes");
                    }
                    self.gives(given);
                    return self.list(&command.text, input);
                }
                [b'-', letters @ .., b'o'] if plain(letters) => {
                    rest = after.get(1..).unwrap_or_default()
                }
                [b'-' | b'+', letters @ ..] if !letters.is_empty() && plain(letters) => {}
                [b'-' | b'+', ..] => {
                    return Err("has an option of a shell that may execute something");
                }
                _ => {
                    rest = &words[words.len() - rest.len() - 1..];
                    break;
                }
            }
        }
        self.script(rest)
    }

    /// A script with what it is given.
    pub(super) fn script(&mut self, words: &[Value]) -> Result<Class, Reason> {
        let Some((script, given)) = words.split_first() else {
            return Err("has an interpreter execute its input");
        };
        self.holds_script(script)?;
        match largest(given) {
            Foreign => Err("gives a script words of files"),
            _ => Ok(Foreign),
        }
    }

    pub(super) fn interpreter(&mut self, name: &[u8], words: &[Value]) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            if word.class > Literal {
                return Err("computes what an interpreter executes");
            }
            match &word.text[..] {
                b"-u" | b"-w" | b"-B" | b"-s" | b"-E" | b"-q" if name != b"." => rest = after,
                b"-m" if name == b"python" => {
                    let Some(module) = after.first().filter(|module| module.class == Literal)
                    else {
                        return Err("computes what an interpreter executes");
                    };
                    if self.moved || module.text.contains(&b'/') || module.may_be_option() {
                        return Err("executes something that is seen from where the user is");
                    }
                    let name = module
                        .text
                        .split(|byte| *byte == b'.')
                        .next()
                        .unwrap_or_default();
                    self.held.insert([name, b".py"].concat());
                    return match largest(&after[1..]) {
                        Foreign => Err("gives a script words of files"),
                        _ => Ok(Foreign),
                    };
                }
                [b'-', ..] => {
                    return Err("has code of another language, or an option that may be executed");
                }
                _ => return self.script(rest),
            }
        }
        self.script(rest)
    }

    /// A program that starts another one.
    pub(super) fn starts(
        &mut self,
        name: &[u8],
        words: &[Value],
        input: Option<Class>,
    ) -> Result<Class, Reason> {
        let mut rest = words;
        if name == b"command"
            && rest
                .first()
                .is_some_and(|word| word.is(b"-v") || word.is(b"-V"))
        {
            return Ok(Given);
        }
        while let [word, after @ ..] = rest {
            if !(word.begins && word.text.starts_with(b"-")) {
                break;
            }
            match (&word.text[..], name) {
                (b"-n" | b"-c", b"nice" | b"ionice") => rest = after.get(1..).unwrap_or_default(),
                (b"-p" | b"-v" | b"-E" | b"-H" | b"--foreground" | b"--", _)
                    if word.class == Literal =>
                {
                    rest = after
                }
                ([b'-', b'i' | b'o' | b'e', ..], b"stdbuf") if word.class == Literal => {
                    rest = after
                }
                ([b'-', digit, ..], b"nice") if digit.is_ascii_digit() => rest = after,
                _ => return Err("starts a program with an option that is not understood"),
            }
        }
        if name == b"timeout" {
            let Some((time, after)) = rest.split_first() else {
                return Ok(Given);
            };
            if time.class > Data
                || !time
                    .text
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'.')
            {
                return Err("starts a program with an option that is not understood");
            }
            rest = after;
        }
        while let Some((name, value)) = rest.first().and_then(setting_of_program) {
            self.set(&name, &value)?;
            rest = &rest[1..];
        }
        self.start(rest, input)
    }

    pub(super) fn enters(&mut self, words: &[Value]) -> Result<Class, Reason> {
        let is_option = |word: &&Value| {
            [&b"-P"[..], b"-L", b"--", b"-e"]
                .iter()
                .any(|option| word.is(option))
        };
        let skip = words.iter().take_while(is_option).count();
        match &words[skip..] {
            [] => self.moved = true,
            [folder] => self.holds_folder(folder)?,
            _ => return Err("works in a folder that it computes"),
        }
        Ok(Given)
    }

    pub(super) fn env(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            if let Some((name, value)) = setting_of_program(word) {
                self.set(&name, &value)?;
                rest = after;
            } else if word.begins && word.text.starts_with(b"-") {
                match (&word.text[..], after) {
                    (b"-i" | b"-0" | b"-" | b"--" | b"--ignore-environment", _)
                        if word.class == Literal =>
                    {
                        rest = after
                    }
                    (b"-u", [_, after @ ..]) => rest = after,
                    (b"-C" | b"--chdir", [folder, after @ ..]) if word.class == Literal => {
                        self.holds_folder(folder)?;
                        rest = after;
                    }
                    (
                        [b'-', b'-', b'c', b'h', b'd', b'i', b'r', b'=', folder @ ..]
                        | [b'-', b'C', folder @ ..],
                        _,
                    ) if !folder.is_empty() => {
                        self.holds_folder(&word.part(folder))?;
                        rest = after;
                    }
                    _ => return Err("starts a program with an option that is not understood"),
                }
            } else {
                break;
            }
        }
        self.start(rest, input)
    }

    pub(super) fn xargs(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
        let mut given = item();
        given.class = input.unwrap_or(Foreign).max(Given);
        let mut marker: Option<Vec<u8>> = None;
        let mut rest = words;
        while let [word, after @ ..] = rest {
            if !(word.begins && word.text.starts_with(b"-")) {
                break;
            }
            if word.class > Literal {
                return Err("computes an option of xargs'");
            }
            rest = after;
            match &word.text[..] {
                b"-n" | b"-L" | b"-P" | b"-d" | b"-s" => rest = after.get(1..).unwrap_or_default(),
                b"-I" => {
                    marker = after.first().map(|word| word.text.clone());
                    rest = after.get(1..).unwrap_or_default();
                }
                b"-i" => marker = Some(b"{}".into()),
                [b'-', b'I' | b'i', of @ ..] => marker = Some(of.into()),
                b"--null" | b"--no-run-if-empty" | b"--verbose" | b"--interactive" | b"--" => {}
                [b'-', b'n' | b'L' | b'P' | b'd' | b's', _, ..] => {}
                [b'-', letters @ ..]
                    if !letters.is_empty()
                        && letters.iter().all(|byte| b"0rtpx".contains(byte)) => {}
                _ => return Err("has an option of xargs' that is not understood"),
            }
        }
        let mut words: Vec<Value> = rest.to_vec();
        match marker {
            Some(marker) => put(&mut words, &marker, given.class),
            None => words.push(given),
        }
        match rest.is_empty() {
            true => Ok(input.unwrap_or(Foreign)),
            // The input is read, and not passed on.
            false => self.start(&words, None),
        }
    }

    pub(super) fn find(&mut self, words: &[Value]) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            rest = after;
            if word.class > Given || word.may_be_option() && word.class > Literal {
                return Err("computes what is searched, or an option of it");
            }
            match &word.text[..] {
                b"-exec" | b"-ok" => {
                    let ends = |word: &Value| word.is(b";") || word.is(b"+");
                    let end = after.iter().position(ends).unwrap_or(after.len());
                    let mut words = after[..end].to_vec();
                    put(&mut words, b"{}", Foreign);
                    self.start(&words, Some(Foreign))?;
                    rest = after.get(end + 1..).unwrap_or_default();
                }
                b"-execdir" | b"-okdir" => {
                    return Err("executes something in each folder that it finds");
                }
                text if text.starts_with(b"-f")
                    && text != b"-follow"
                    && text != b"-false"
                    && text != b"-fstype" =>
                {
                    return Err("writes a file that may be executed");
                }
                _ => {}
            }
        }
        Ok(Foreign)
    }
}

pub(super) fn plain(letters: &[u8]) -> bool {
    letters.iter().all(|byte| SHELL_LETTERS.contains(byte))
}

/// Puts what is given one by one in the place of a text.
pub(super) fn put(words: &mut [Value], marker: &[u8], class: Class) {
    for word in words.iter_mut() {
        let at = word
            .text
            .windows(marker.len().max(1))
            .position(|window| window == marker);
        if let Some(at) = at {
            word.class = word.class.max(class);
            word.begins &= at > 0;
            word.variable = None;
        }
    }
}
