//! The variables of a command, and what words are with them put in.
//!
//! Pure.

use std::collections::BTreeMap;

use super::shapes::PATH_MAX;
use super::shell::{default, pieces, variable};

/// The variables whose values are known.
#[derive(Debug, Default)]
pub(super) struct Variables(pub(super) BTreeMap<Vec<u8>, Vec<u8>>);

impl Variables {
    /// Puts in the variables whose values are known.
    pub(super) fn substitute(&self, word: &[u8]) -> Vec<u8> {
        self.replace(word, |name, whole| {
            let known = self.0.get(default(name).0);
            known.map_or(whole.into(), Clone::clone)
        })
    }

    /// A word with the variables that are known, or the paths below those that are not,
    /// and what it is with their defaults.
    pub(super) fn resolved(&self, word: &[u8]) -> Vec<Vec<u8>> {
        let word = self.substitute(word);
        if !word.contains(&b'$') {
            return vec![word];
        }
        if let b"$PWD" | b"${PWD}" = &word[..] {
            return vec![b".".into()];
        }
        let below = |piece: &[u8]| {
            let start = piece.iter().position(|byte| *byte != b'/')?;
            let top: &[u8] = if start > 0 { b"./" } else { b"" };
            Some([top, &piece[start..]].concat())
        };
        let mut found: Vec<_> = pieces(&word).into_iter().filter_map(below).collect();
        found.extend(self.with_defaults(&word));
        found
    }

    /// A word with the defaults of the variables in it that are not known.
    pub(super) fn with_defaults(&self, word: &[u8]) -> Option<Vec<u8>> {
        let text = self.replace(word, |name, whole| match default(name) {
            (_, Some(default)) => default.into(),
            _ => whole.into(),
        });
        (text != word && !text.contains(&b'$')).then_some(text)
    }

    fn replace(&self, word: &[u8], with: impl Fn(&[u8], &[u8]) -> Vec<u8>) -> Vec<u8> {
        let mut text = Vec::new();
        let mut rest = word;
        while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
            text.extend(&rest[..at]);
            let (name, length) = variable(&rest[at..]);
            text.extend(with(name, &rest[at..at + length]));
            rest = &rest[at + length..];
            if text.len() > PATH_MAX {
                return text;
            }
        }
        text.extend(rest);
        text
    }
}
