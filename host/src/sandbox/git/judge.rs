//! Whether every piece of a command of git's configuration is understood: then what it
//! executes is what it names.
//!
//! Pure. Closed unless it is known better: what decides which program, which script or
//! which folder has to be said by the command itself. What is computed may only go where
//! nothing executes it.

use std::collections::{BTreeMap, BTreeSet};

use self::value::Class::{self, Foreign, Given, Literal};
use self::value::{Value, assignment, item, largest};
use super::decisive;
use super::programs::{self, Kind};
use super::shell::is_name;
use super::words::{Reason, Token, tokens};

/// How deep a command is in others.
const DEPTH_MAX: usize = 5;
/// How many programs start each other.
const STARTED_MAX: usize = 24;
/// How many programs are looked at.
const PROGRAMS_MAX: usize = 2048;
/// How many bytes are read, of all commands in each other.
const READ_MAX: usize = 1 << 18;
/// How often a command is read until what its variables may hold is known.
const ROUNDS: usize = 4;

/// What is known of a command.
#[derive(Debug, Default)]
pub(super) struct Judge {
    variables: BTreeMap<Vec<u8>, Class>,
    functions: BTreeSet<Vec<u8>>,
    positional: Option<Class>,
    /// It works where the user is, or somewhere that nothing names.
    moved: bool,
    depth: usize,
    read: usize,
    /// How many programs start each other.
    started: usize,
    /// How many programs were looked at.
    programs: usize,
    /// It writes a file.
    writes: bool,
    /// It executes a script.
    executes: bool,
    /// What it executes, and folders that it works in.
    pub(super) held: BTreeSet<Vec<u8>>,
}

/// What a command executes and enters, if it says all of that itself.
pub(super) fn command(text: &[u8]) -> Result<BTreeSet<Vec<u8>>, Reason> {
    read(|judge| judge.list(text, None))
}

/// The same of an alias that is arguments of git.
pub(super) fn arguments_of_git(words: &[Vec<u8>]) -> Result<BTreeSet<Vec<u8>>, Reason> {
    let value = |word: &Vec<u8>| Value {
        text: word.clone(),
        class: Literal,
        begins: true,
        ..item()
    };
    let words: Vec<Value> = words.iter().map(value).collect();
    read(|judge| judge.git(&words, None))
}

fn read(
    mut of: impl FnMut(&mut Judge) -> Result<Class, Reason>,
) -> Result<BTreeSet<Vec<u8>>, Reason> {
    let mut judge = Judge::default();
    for _ in 0..ROUNDS {
        let before = (
            judge.variables.clone(),
            judge.functions.clone(),
            judge.positional,
        );
        (judge.read, judge.depth, judge.moved) = (0, 0, false);
        (judge.programs, judge.started) = (0, 0);
        of(&mut judge)?;
        if judge.writes && judge.executes {
            return Err("writes a file, and executes one");
        }
        if before
            == (
                judge.variables.clone(),
                judge.functions.clone(),
                judge.positional,
            )
        {
            return Ok(judge.held);
        }
    }
    Err("sets its variables by each other")
}

/// What was read of a simple command.
#[derive(Default)]
struct Simple {
    words: Vec<Value>,
    redirects: Vec<(&'static [u8], Value)>,
}

impl Judge {
    /// Reads a list of commands. `input` is what they read, where that is not the user's.
    /// Returns what they say.
    fn list(&mut self, text: &[u8], input: Option<Class>) -> Result<Class, Reason> {
        self.read += text.len();
        if self.depth >= DEPTH_MAX || self.read > READ_MAX {
            return Err("has too many commands in each other");
        }
        self.depth += 1;
        let tokens = tokens(text)?;
        let (mut says, mut input) = (Literal, input);
        let (mut simple, mut redirect) = (Simple::default(), None);
        let mut pattern = false;
        let mut tokens = tokens.into_iter().peekable();
        loop {
            let operator = match tokens.next() {
                Some(Token::Redirect(_)) if redirect.is_some() => {
                    return Err("has a redirection without a file");
                }
                Some(Token::Redirect(operator)) => {
                    redirect = Some(operator);
                    continue;
                }
                Some(Token::Word(word)) => {
                    let value = self.value(&word)?;
                    match redirect.take() {
                        Some(operator) => simple.redirects.push((operator, value)),
                        None => simple.words.push(value),
                    }
                    continue;
                }
                Some(Token::Operator(operator)) => Some(operator),
                None => None,
            };
            if redirect.is_some() {
                return Err("has a redirection without a file");
            }
            let mut done = std::mem::take(&mut simple);
            match operator {
                Some(b"(") => {
                    if tokens.peek() == Some(&Token::Operator(b")")) {
                        tokens.next();
                        let [name] = &done.words[..] else {
                            return Err("has brackets that are not understood");
                        };
                        if !name.lead.iter().all(|byte| is_name(byte) || *byte == b'-') {
                            return Err("has brackets that are not understood");
                        }
                        if programs::kind(&name.text) != Kind::Unknown {
                            return Err("has a function that is called as a program");
                        }
                        self.functions.insert(name.text.clone());
                    } else {
                        reserved(&mut done.words);
                        let twice = tokens.peek() == Some(&Token::Operator(b"("));
                        if !done.words.is_empty() || twice {
                            return Err("has brackets that are not understood");
                        }
                    }
                    continue;
                }
                // The patterns of a choice.
                Some(b")") if is_case(&done.words) || pattern => {
                    pattern = false;
                    continue;
                }
                _ => {}
            }
            says = says.max(self.simple(done, input)?);
            pattern = operator == Some(b";;");
            match operator {
                None => break,
                // Whatever is behind it in brackets reads it, too.
                Some(b"|" | b"|&") => input = Some(input.unwrap_or(Literal).max(says)),
                Some(_) => {}
            }
        }
        self.depth -= 1;
        Ok(says)
    }

    fn simple(&mut self, mut simple: Simple, input: Option<Class>) -> Result<Class, Reason> {
        let words = &mut simple.words;
        reserved(words);
        if words.first().and_then(Value::reserved) == Some(b"for") {
            let ([_, name, rest @ ..] | [name, rest @ ..]) = &words[..] else {
                return Err("has a loop that is not understood");
            };
            let class = match rest {
                [] => self.positional(),
                [of, values @ ..] if of.is(b"in") => largest(values).max(Given),
                _ => return Err("has a loop that is not understood"),
            };
            let name = name.text.clone();
            self.assign(&name, class)?;
            words.clear();
        }
        let mut settings = 0;
        while let Some((name, value)) = words.get(settings).and_then(assignment) {
            self.set(&name, &value)?;
            settings += 1;
        }
        let words = &words[settings..];
        let mut input = input;
        for (operator, file) in &simple.redirects {
            let device: [&[u8]; 4] = [b"/dev/null", b"/dev/stderr", b"/dev/stdout", b"/dev/tty"];
            let number = file
                .text
                .iter()
                .all(|byte| byte.is_ascii_digit() || *byte == b'-');
            let open = file.class == Literal
                && (device.contains(&&file.text[..]) || operator.ends_with(b"&") && number);
            match operator {
                _ if open => {}
                [b'<', ..] => input = Some(Foreign),
                _ if is_own_file(words, file) => self.writes = true,
                _ => return Err("writes a file that may be executed"),
            }
        }
        self.run(words, input)
    }
}

// The paths hold also where the fuzz targets include this file.
#[path = "judge/filters.rs"]
mod filters;
#[path = "judge/git.rs"]
mod git;
#[cfg(test)]
#[path = "judge/open.rs"]
mod open;
#[cfg(test)]
#[path = "judge/precise.rs"]
mod precise;
#[path = "judge/put_in.rs"]
mod put_in;
#[path = "judge/run.rs"]
mod run;
#[path = "judge/sets.rs"]
mod sets;
#[path = "judge/starts.rs"]
mod starts;
#[path = "judge/state.rs"]
mod state;
#[cfg(test)]
#[path = "judge/tests.rs"] // also where the fuzz targets include this file
mod tests;
#[path = "judge/tools.rs"]
mod tools;
#[path = "judge/value.rs"]
mod value;

/// Leaves out the words of the shell's that a simple command begins with.
fn reserved(words: &mut Vec<Value>) {
    const BEFORE: [&[u8]; 10] = [
        b"!", b"do", b"elif", b"else", b"if", b"then", b"until", b"while", b"{", b"time",
    ];
    const AFTER: [&[u8]; 4] = [b"}", b"done", b"esac", b"fi"];
    let is_before = |word: &Value| word.reserved().is_some_and(|word| BEFORE.contains(&word));
    let count = words.iter().take_while(|word| is_before(word)).count();
    words.drain(..count);
    if let [word] = &words[..]
        && word.reserved().is_some_and(|word| AFTER.contains(&word))
    {
        words.clear();
    }
}

/// Whether it is `case … in`, with a pattern.
fn is_case(words: &[Value]) -> bool {
    matches!(words, [case, _, of, ..] if case.reserved() == Some(b"case") && of.reserved() == Some(b"in"))
}

/// Whether a file that is written is the user's own text: git, or the shell, says what is
/// written, and it is no part of a repository.
fn is_own_file(words: &[Value], file: &Value) -> bool {
    let says = |word: &Value| {
        matches!(&word.text[..], b"echo" | b"git" | b"printf" | b"date") && word.class == Literal
    };
    let words_known = words.iter().skip(1).all(|word| word.class < Foreign);
    let within = |part: &[u8]| part.eq_ignore_ascii_case(b".git") || part == b"..";
    let tool = file
        .variable
        .as_deref()
        .is_some_and(|name| decisive::OF_TOOLS.contains(&name));
    let name = file.class == Literal
        && !file.text.starts_with(b"/")
        && !file.text.starts_with(b"~")
        && !file.text.split(|byte| *byte == b'/').any(within);
    tool || name && words.first().is_some_and(says) && words_known
}
