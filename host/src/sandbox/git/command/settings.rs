//! The settings that a command has for git, and what is behind a `=`.
//!
//! Pure.

use super::super::config::Entry;
use super::super::shapes::{is_command, is_path};
use super::super::shell::split;
use super::reader::Reader;

impl Reader {
    /// Takes a setting of git's, as a command has it.
    pub(super) fn setting(&mut self, key: &[u8], value: &[u8]) {
        // A command is taken apart with the variables that are not known.
        let whole = Some(self.variables.substitute(value)).filter(|value| is_command(value));
        for value in self.variables.resolved(value).into_iter().chain(whole) {
            let entry = Entry::of(&String::from_utf8_lossy(key), "");
            let entry = entry.map(|entry| Entry { value, ..entry });
            self.found.settings.extend(entry);
        }
    }

    /// The settings that variables of git's are.
    pub(super) fn settings_of_variables(&mut self) {
        for (name, value) in self.variables.0.clone() {
            if let Some(number) = name.strip_prefix(b"GIT_CONFIG_KEY_") {
                let name = [b"GIT_CONFIG_VALUE_", number].concat();
                if let Some(set) = self.variables.0.get(&name).cloned() {
                    self.setting(&value, &set);
                }
            }
            if name == b"GIT_CONFIG_PARAMETERS" {
                for one in split(&value) {
                    if let Some((key, value)) = setting(&one) {
                        self.setting(key, value);
                    }
                }
            }
        }
    }
}

/// What is behind the `=` of an option or a variable.
pub(super) fn behind_name(word: &[u8]) -> &[u8] {
    let end = word.iter().position(|byte| *byte == b'=');
    let in_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    match end {
        Some(end) if word[..end].iter().all(in_name) => &word[end + 1..],
        _ => word,
    }
}

/// What a word sets, as `-c` takes it, or with the word before it, as `config` does.
pub(super) fn of_words<'a>(
    before: Option<&'a [u8]>,
    word: &'a [u8],
) -> Option<(&'a [u8], &'a [u8])> {
    let key = before.filter(|key| is_key(key) && !is_path(key));
    setting(word).or(key.map(|key| (key, word)))
}

/// `section.key=value`, as `-c` takes it.
pub(super) fn setting(word: &[u8]) -> Option<(&[u8], &[u8])> {
    let word = word.strip_prefix(b"-c").unwrap_or(word);
    let word = word.strip_prefix(b"--config=").unwrap_or(word);
    let end = word.iter().position(|byte| *byte == b'=')?;
    let (key, value) = (&word[..end], &word[end + 1..]);
    is_key(key).then_some((key, value))
}

/// Whether it looks like `section.key`.
fn is_key(word: &[u8]) -> bool {
    let begins = |byte: &u8| byte.is_ascii_alphabetic();
    word.first().is_some_and(begins) && word.contains(&b'.')
}
