//! What words are when everything is put in, and who says it.
//!
//! Pure.

use super::super::shell::is_name;
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

/// The least trusted of what words are.
pub(super) fn largest(words: &[Value]) -> Class {
    words.iter().map(|word| word.class).max().unwrap_or(Literal)
}
