//! What a shell's words set.
//!
//! Pure.

use super::super::words::Reason;
use super::Judge;
use super::value::Class::{self, Foreign, Given, Literal};
use super::value::{Value, assignment};

impl Judge {
    pub(super) fn reads(&mut self, words: &[Value]) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            rest = after;
            match &word.text[..] {
                _ if word.class > Literal => return Err("computes the name of a variable"),
                b"-p" | b"-t" | b"-n" | b"-d" | b"-N" => rest = after.get(1..).unwrap_or_default(),
                [b'-', letters @ ..] if letters.iter().all(|byte| b"rse".contains(byte)) => {}
                [b'-', b'n' | b'd' | b'N', ..] => {}
                [b'-', letters @ .., b'p'] if letters.iter().all(|byte| b"rse".contains(byte)) => {
                    rest = after.get(1..).unwrap_or_default();
                }
                name => self.assign(name, Foreign)?,
            }
        }
        Ok(Foreign)
    }

    pub(super) fn sets(&mut self, words: &[Value]) -> Result<Class, Reason> {
        let given = words.iter().position(|word| word.is(b"--"));
        let options = &words[..given.unwrap_or(words.len())];
        let plain = |word: &Value| {
            word.class == Literal
                && (word
                    .text
                    .strip_prefix(b"-")
                    .or(word.text.strip_prefix(b"+")))
                .is_none_or(|letters| letters.iter().all(|byte| b"euxfvo".contains(byte)))
        };
        if !options.iter().all(plain) {
            return Err("computes the options of a shell");
        }
        self.gives(words);
        Ok(Given)
    }

    pub(super) fn declares(&mut self, words: &[Value]) -> Result<Class, Reason> {
        for word in words {
            match assignment(word) {
                Some((name, value)) => self.set(&name, &value)?,
                None if word.is(b"-r") || word.is(b"-x") || word.is(b"-g") => {}
                None if word.class == Literal && !word.text.starts_with(b"-") => {
                    self.assign(&word.text, Literal)?
                }
                None => return Err("computes the name of a variable"),
            }
        }
        Ok(Given)
    }
}
