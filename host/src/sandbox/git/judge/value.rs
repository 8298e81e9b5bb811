//! What words are when everything is put in, and who says it.
//!
//! Pure.

use super::super::shell::is_name;
use super::super::substitution;
use super::super::words::{Part, Reason, Word};
use super::Judge;
use Class::{Data, Foreign, Given, Literal};

/// What names of files stand for that a command is given one by one.
pub(super) const ITEM: &[u8] = b"item_of_another";

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
    pub(super) default: Vec<u8>,
    /// It begins with the top of the work tree.
    pub(super) top: bool,
    pub(super) lead: Vec<u8>,
    pub(super) quoted: bool,
}

impl Value {
    pub(super) fn is(&self, text: &[u8]) -> bool {
        self.class == Literal && self.text == text
    }

    /// A word of the shell's own.
    pub(super) fn reserved(&self) -> Option<&[u8]> {
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

impl Judge {
    /// What a word is when it is put in.
    pub(super) fn value(&mut self, word: &Word) -> Result<Value, Reason> {
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

    pub(super) fn parts(&mut self, parts: &[Part]) -> Result<Class, Reason> {
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
    pub(super) fn substitution(&mut self, text: &[u8]) -> Result<Class, Reason> {
        let moved = self.moved;
        let class = self.list(text, None)?;
        self.moved |= moved;
        Ok(class.max(Given))
    }

    /// A calculation: some shells execute what variables hold in it.
    pub(super) fn number(&self, text: &[u8]) -> Result<Class, Reason> {
        let names = text.split(|byte| !is_name(byte));
        let names = names.filter(|name| !name.is_empty());
        match names.map(|name| self.class(name)).max() {
            Some(Foreign) => Err("calculates with what it reads"),
            _ => Ok(Given),
        }
    }

    pub(super) fn class(&self, name: &[u8]) -> Class {
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

    pub(super) fn positional(&self) -> Class {
        self.positional.unwrap_or(Given)
    }
}

/// `NAME=value` and `NAME+=value`.
pub(super) fn assignment(word: &Value) -> Option<(Vec<u8>, Value)> {
    setting(word, &word.lead)
}

/// The same where quotes make no difference.
pub(super) fn setting_of_program(word: &Value) -> Option<(Vec<u8>, Value)> {
    setting(word, if word.begins { &word.text } else { b"" })
}

pub(super) fn setting(word: &Value, lead: &[u8]) -> Option<(Vec<u8>, Value)> {
    let at = lead.iter().position(|byte| *byte == b'=')?;
    let name = lead[..at].strip_suffix(b"+").unwrap_or(&lead[..at]);
    let begins = name.first().is_some_and(|byte| !byte.is_ascii_digit());
    if !begins || !name.iter().all(is_name) {
        return None;
    }
    Some((name.into(), word.part(&word.text[at + 1..])))
}

/// Whether parts begin with a folder that is seen from where it is said.
pub(super) fn leads(parts: &[Part]) -> bool {
    match parts {
        [Part::Substitution(inner), ..] => is_top(inner),
        [Part::Variable(name, _)] => name == b"GIT_PREFIX",
        _ => false,
    }
}

/// What is put in where a variable has no value, if it is only that.
pub(super) fn default(rest: &[Part]) -> Option<&[u8]> {
    match rest {
        [] => Some(b""),
        [Part::Text(text)] => text.strip_prefix(b":").unwrap_or(text).strip_prefix(b"-"),
        _ => None,
    }
}

/// The least trusted of what words are.
pub(super) fn largest(words: &[Value]) -> Class {
    words.iter().map(|word| word.class).max().unwrap_or(Literal)
}

/// Whether a substitution is the top of the work tree.
pub(super) fn is_top(inner: &[u8]) -> bool {
    let top = |part: &[u8]| inner.windows(part.len()).any(|window| window == part);
    substitution::is_top(inner) && (top(b"--show-toplevel") || top(b"--show-cdup"))
}
