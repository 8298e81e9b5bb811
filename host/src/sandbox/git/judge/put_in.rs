//! What is put in for the parts of words, and who says it.
//!
//! Pure.

use super::super::shell::is_name;
use super::super::substitution;
use super::super::words::{Part, Reason, Word};
use super::Judge;
use super::value::Class::{self, Data, Foreign, Given, Literal};
use super::value::{ITEM, Value, item};

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

/// Whether a substitution is the top of the work tree.
fn is_top(inner: &[u8]) -> bool {
    let top = |part: &[u8]| inner.windows(part.len()).any(|window| window == part);
    substitution::is_top(inner) && (top(b"--show-toplevel") || top(b"--show-cdup"))
}
