//! Whether every piece of a command of git's configuration is understood: then what it
//! executes is what it names.
//!
//! Pure. Closed unless it is known better: what decides which program, which script or
//! which folder has to be said by the command itself. What is computed may only go where
//! nothing executes it.

use std::collections::{BTreeMap, BTreeSet};

use super::programs::{self, Kind};
use super::shell::is_name;
use super::substitution;
use super::words::{Part, Reason, Token, Word, tokens};

/// How deep a command is in others.
const DEPTH_MAX: usize = 5;
/// How many bytes are read, of all commands in each other.
const READ_MAX: usize = 1 << 18;
/// How often a command is read until what its variables may hold is known.
const ROUNDS: usize = 4;

/// What names of files stand for that a command is given one by one.
const ITEM: &[u8] = b"item_of_another";

/// Who says what a word is, the least trusted last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// The command itself.
    Literal,
    /// Whoever calls it, or git.
    Given,
    /// Git's data: branches, revisions, configuration.
    Data,
    /// Names, or contents, of files.
    Foreign,
}

use Class::{Data, Foreign, Given, Literal};

/// A word, with what is put in as far as that is known.
#[derive(Debug, Clone)]
pub(super) struct Value {
    /// All of it that is known.
    pub(super) text: Vec<u8>,
    pub(super) class: Class,
    /// What it begins with is known.
    pub(super) begins: bool,
    /// The variable that it is.
    pub(super) variable: Option<Vec<u8>>,
    /// What is put in where that has no value.
    default: Vec<u8>,
    /// It begins with the top of the work tree.
    pub(super) top: bool,
    lead: Vec<u8>,
    quoted: bool,
}

impl Value {
    pub(super) fn is(&self, text: &[u8]) -> bool {
        self.class == Literal && self.text == text
    }

    /// A word of the shell's own.
    fn reserved(&self) -> Option<&[u8]> {
        (self.class == Literal && !self.quoted).then_some(&self.text)
    }

    /// One that is computed in the same way as another.
    pub(super) fn part(&self, text: &[u8]) -> Self {
        Self {
            text: text.into(),
            begins: self.begins && !text.is_empty(),
            variable: None,
            default: Vec::new(),
            top: false,
            lead: Vec::new(),
            quoted: true,
            ..self.clone()
        }
    }

    /// Whether it is what the command is given, and nothing else.
    pub(super) fn is_given(&self) -> bool {
        self.class == Given
            && self.variable.is_some()
            && !self.default.contains(&b'/')
            && !self.default.starts_with(b"-")
    }

    /// Whether it may be taken for an option.
    pub(super) fn may_be_option(&self) -> bool {
        match self.begins {
            true => self.text.starts_with(b"-"),
            false => self.class > Data,
        }
    }
}

/// A word that nothing says.
pub(super) fn item() -> Value {
    Value {
        text: Vec::new(),
        class: Foreign,
        begins: false,
        variable: None,
        default: Vec::new(),
        top: false,
        lead: Vec::new(),
        quoted: true,
    }
}

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
    pub(super) fn list(&mut self, text: &[u8], input: Option<Class>) -> Result<Class, Reason> {
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

    /// What a word is when it is put in.
    fn value(&mut self, word: &Word) -> Result<Value, Reason> {
        let mut value = Value {
            class: Literal,
            begins: true,
            lead: word.lead.clone(),
            quoted: word.quoted,
            ..item()
        };
        let parts = match &word.parts[..] {
            [Part::Text(here), rest @ ..] if here == b"./" && leads(rest) => rest,
            parts => parts,
        };
        for (at, part) in parts.iter().enumerate() {
            let class = match part {
                Part::Text(text) => {
                    value.text.extend(text);
                    continue;
                }
                Part::Variable(name, rest)
                    if (at == 0 || value.class == Literal && value.text.ends_with(b"="))
                        && name == b"HOME"
                        && rest.is_empty()
                        && !self.variables.contains_key(&name[..]) =>
                {
                    value.text.push(b'~');
                    continue;
                }
                Part::Substitution(inner) if at == 0 && is_top(inner) => {
                    value.text.extend(b"./");
                    value.top = true;
                    continue;
                }
                Part::Variable(name, rest) => {
                    if let ([_], Some(default)) = (parts, default(rest)) {
                        value.variable = Some(name.clone());
                        value.default = default.into();
                    }
                    self.class(name).max(self.parts(rest)?)
                }
                Part::Number(text) => self.number(text)?,
                Part::Pattern => Foreign,
                Part::Substitution(inner) => self.substitution(inner)?,
            };
            value.begins &= at > 0;
            // One that is whole is judged by who says it.
            value.class = value.class.max(class).max(Given);
        }
        Ok(value)
    }

    fn parts(&mut self, parts: &[Part]) -> Result<Class, Reason> {
        let mut class = Literal;
        for part in parts {
            class = class.max(match part {
                Part::Text(_) => Literal,
                Part::Pattern => Foreign,
                Part::Number(text) => self.number(text)?,
                Part::Variable(name, rest) => self.class(name).max(self.parts(rest)?),
                Part::Substitution(inner) => self.substitution(inner)?,
            });
        }
        Ok(class)
    }

    /// What a command says that is put in.
    fn substitution(&mut self, text: &[u8]) -> Result<Class, Reason> {
        let moved = self.moved;
        let class = self.list(text, None)?;
        self.moved |= moved;
        Ok(class.max(Given))
    }

    /// A calculation: some shells execute what variables hold in it.
    fn number(&self, text: &[u8]) -> Result<Class, Reason> {
        let names = text.split(|byte| !is_name(byte));
        let names = names.filter(|name| !name.is_empty());
        match names.map(|name| self.class(name)).max() {
            Some(Foreign) => Err("calculates with what it reads"),
            _ => Ok(Given),
        }
    }

    fn class(&self, name: &[u8]) -> Class {
        match self.variables.get(name) {
            Some(class) => (*class).max(Given),
            None if name.iter().all(u8::is_ascii_digit) || matches!(name, b"@" | b"*") => {
                self.positional()
            }
            None if name == ITEM => Foreign,
            None if matches!(name, b"PWD" | b"OLDPWD") => Data,
            None => Given,
        }
    }

    fn positional(&self) -> Class {
        self.positional.unwrap_or(Given)
    }

    /// What a function, or a command in this one, is given.
    pub(super) fn gives(&mut self, words: &[Value]) {
        let class = largest(words).max(self.positional()).max(Given);
        self.positional = Some(class);
    }

    pub(super) fn is_function(&self, name: &[u8]) -> bool {
        self.functions.contains(name)
    }

    /// Sets a variable to what is not a command.
    pub(super) fn assign(&mut self, name: &[u8], class: Class) -> Result<(), Reason> {
        let is_word = |name: &[u8]| !name.is_empty() && name.iter().all(is_name);
        if !is_word(name) || !programs::is_plain_variable(name) {
            return Err("sets a variable that may decide what is executed");
        }
        let held = self.variables.entry(name.into()).or_insert(class);
        *held = class.max(*held);
        Ok(())
    }

    pub(super) fn set(&mut self, name: &[u8], value: &Value) -> Result<(), Reason> {
        if !programs::COMMANDS.contains(&name) {
            return self.assign(name, value.class);
        }
        if value.class > Literal {
            return Err("computes a command that it sets");
        }
        self.list(&value.text, Some(Foreign))?;
        self.variables.insert(name.into(), Foreign);
        Ok(())
    }

    /// Whether it is an editor or the like of the user's environment.
    pub(super) fn is_users(&self, value: &Value) -> bool {
        let variable = value.variable.as_deref().unwrap_or_default();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        let is_plain = value.default.iter().all(is_name)
            && matches!(
                programs::kind(&value.default),
                Kind::Editor | Kind::Shows | Kind::Unknown
            );
        is_plain
            && programs::EDITORS.contains(&variable)
            && !self.variables.contains_key(variable)
            && value.class == Given
    }

    /// Keeps a script, or a program that is a path.
    pub(super) fn holds_script(&mut self, word: &Value) -> Result<(), Reason> {
        let text = &word.text;
        if word.class > Literal {
            return Err("computes what it executes");
        }
        if text.is_empty()
            || text.starts_with(b"-")
            || is_put_in(text)
            || text.starts_with(b"/dev/")
            || text.starts_with(b"/proc/")
        {
            return Err("executes its input, or what git puts in");
        }
        if self.moved && !text.starts_with(b"/") && !text.starts_with(b"~") && !word.top {
            return Err("executes something that is seen from where the user is");
        }
        self.executes = true;
        self.held.insert(text.clone());
        Ok(())
    }

    /// Keeps a folder that something works in.
    pub(super) fn holds_folder(&mut self, word: &Value) -> Result<(), Reason> {
        if self.is_where_the_user_is(word) {
            self.moved = true;
            return Ok(());
        }
        if word.class > Literal || is_put_in(&word.text) {
            return Err("works in a folder that it computes");
        }
        if self.moved && !word.text.starts_with(b"/") && !word.text.starts_with(b"~") && !word.top {
            return Err("works in a folder that is seen from where the user is");
        }
        let mut parts = word.text.split(|byte| *byte == b'/');
        let is_here =
            !word.text.starts_with(b"/") && parts.all(|part| matches!(part, b"" | b"." | b".."));
        if matches!(&word.text[..], b"/" | b"~" | b"~/" | b"-" | b"")
            || is_here && word.text.windows(2).any(|two| two == b"..")
        {
            self.moved = true;
        } else if !is_here {
            self.held.insert(word.text.clone());
        }
        Ok(())
    }

    fn is_where_the_user_is(&self, word: &Value) -> bool {
        let variable = word.variable.as_deref().unwrap_or_default();
        matches!(variable, b"GIT_PREFIX" | b"OLDPWD" | b"PWD")
            && matches!(&word.default[..], b"" | b"." | b"./")
            && !self.variables.contains_key(variable)
            || word.is(b"-")
    }

    /// Runs what is behind an option as a command with what is given one by one.
    pub(super) fn with_items(&mut self, text: &[u8]) -> Result<Class, Reason> {
        let (mut opened, mut rest) = (Vec::new(), text);
        while let Some(at) = rest.iter().position(|byte| *byte == b'{') {
            let end = rest[at..].iter().position(|byte| *byte == b'}');
            let end = end.ok_or("has a bracket that does not end")?;
            opened.extend(&rest[..at]);
            opened.extend(b"${");
            opened.extend(ITEM);
            opened.push(b'}');
            rest = &rest[at + end + 1..];
        }
        opened.extend(rest);
        self.list(&opened, Some(Foreign))
    }
}

#[path = "judge/git.rs"]
mod git;
#[path = "judge/run.rs"]
mod run;
#[cfg(test)]
#[path = "judge/tests.rs"] // also where the fuzz targets include this file
mod tests;

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

/// `NAME=value` and `NAME+=value`.
fn assignment(word: &Value) -> Option<(Vec<u8>, Value)> {
    setting(word, &word.lead)
}

/// The same where quotes make no difference.
fn setting_of_program(word: &Value) -> Option<(Vec<u8>, Value)> {
    setting(word, if word.begins { &word.text } else { b"" })
}

fn setting(word: &Value, lead: &[u8]) -> Option<(Vec<u8>, Value)> {
    let at = lead.iter().position(|byte| *byte == b'=')?;
    let name = lead[..at].strip_suffix(b"+").unwrap_or(&lead[..at]);
    let begins = name.first().is_some_and(|byte| !byte.is_ascii_digit());
    if !begins || !name.iter().all(is_name) {
        return None;
    }
    Some((name.into(), word.part(&word.text[at + 1..])))
}

/// Whether parts begin with a folder that is seen from where it is said.
fn leads(parts: &[Part]) -> bool {
    match parts {
        [Part::Substitution(inner), ..] => is_top(inner),
        [Part::Variable(name, _)] => name == b"GIT_PREFIX",
        _ => false,
    }
}

/// What is put in where a variable has no value, if it is only that.
fn default(rest: &[Part]) -> Option<&[u8]> {
    match rest {
        [] => Some(b""),
        [Part::Text(text)] => text.strip_prefix(b":").unwrap_or(text).strip_prefix(b"-"),
        _ => None,
    }
}

/// Whether git, or a program around it, may put something in.
fn is_put_in(text: &[u8]) -> bool {
    text.contains(&b'%') || text.windows(2).any(|two| two == b"{}")
}

/// The least trusted of what words are.
pub(super) fn largest(words: &[Value]) -> Class {
    words.iter().map(|word| word.class).max().unwrap_or(Literal)
}

/// Whether a substitution is the top of the work tree.
fn is_top(inner: &[u8]) -> bool {
    let top = |part: &[u8]| inner.windows(part.len()).any(|window| window == part);
    substitution::is_top(inner) && (top(b"--show-toplevel") || top(b"--show-cdup"))
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
        .is_some_and(|name| programs::OF_TOOLS.contains(&name));
    let name = file.class == Literal
        && !file.text.starts_with(b"/")
        && !file.text.starts_with(b"~")
        && !file.text.split(|byte| *byte == b'/').any(within);
    tool || name && words.first().is_some_and(says) && words_known
}
