//! What a command executes, or changes into, that nothing names: then all stays as it is.
//!
//! Pure.

use super::super::shapes::{is_folder, is_pattern};
use super::super::shell::{default, variable};
use super::reader::Reader;

/// Variables for where the user is, which may be any folder.
const WHERE_THE_USER_IS: [&[u8]; 2] = [b"GIT_PREFIX", b"OLDPWD"];

impl Reader {
    /// Takes the name of a program, or of a file that one executes, which `is_path` if it is
    /// not looked up.
    pub(super) fn executes(&mut self, word: &[u8], is_path: bool) {
        self.note_where_the_user_is(word);
        let word = self.variables.substitute(word);
        let known = known(&word);
        // Code of another language.
        if word.starts_with(b"{") && !word.starts_with(b"{}") && !word.contains(&b',') {
            return;
        }
        if known.len() == word.len() || leads(known) {
            self.relative |= is_path && !word.starts_with(b"/");
            return;
        }
        match whole_variable(&word) {
            // Its user says it at each call, or in the environment.
            Some((b"@" | b"*", b"")) => {}
            Some((name, b"")) if is_given(name) => {}
            Some((b"!", rest)) if rest.is_empty() || rest.starts_with(b"/") => {}
            Some((name, rest))
                if !is_number(name) && rest.first().is_none_or(|one| *one == b'/') =>
            {
                self.executed = true;
            }
            // What it is given, one by one.
            None if word.starts_with(b"{}") && word.len() == 2 => self.executed = true,
            _ => self.found.open = true,
        }
    }

    /// Takes the folder that a command changes into.
    pub(super) fn enters(&mut self, word: &[u8]) {
        self.note_where_the_user_is(word);
        let word = self.variables.substitute(word);
        let known = known(&word);
        if known.len() == word.len() || leads(known) || known.starts_with(b"~") {
            return;
        }
        self.found.open |= match whole_variable(&word) {
            Some((b"!", b"")) => true,
            Some((name, _)) => is_number(name),
            None => !known.is_empty(),
        };
    }

    fn note_where_the_user_is(&mut self, word: &[u8]) {
        let within = |name: &&[u8]| word.windows(name.len()).any(|part| part == *name);
        self.prefix |= WHERE_THE_USER_IS.iter().any(within);
    }
}

/// What of a word is known before something is computed.
fn known(word: &[u8]) -> &[u8] {
    let end = word.iter().position(|byte| b"$*?[{".contains(byte));
    &word[..end.unwrap_or(word.len())]
}

/// Whether it begins with a folder, other than where it is said.
fn leads(known: &[u8]) -> bool {
    let slash = known.iter().rposition(|byte| *byte == b'/');
    slash.is_some_and(|slash| slash == 0 || is_folder(&known[..slash]))
}

/// The name of the variable that a word begins with, and what follows.
fn whole_variable(word: &[u8]) -> Option<(&[u8], &[u8])> {
    if word.first() != Some(&b'$') {
        return None;
    }
    let (name, length) = variable(word);
    Some((default(name).0, &word[length..]))
}

fn is_number(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(u8::is_ascii_digit)
}

/// Whether a variable is an argument of the command's, or of the environment.
fn is_given(name: &[u8]) -> bool {
    is_number(name)
        || name
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || *byte == b'_')
}

/// Whether a word stands for names where it is said, as `*.sh` and `tools-{a,b}` do.
pub(super) fn is_partial(word: &[u8]) -> bool {
    let known = known(word);
    let list = || word.contains(&b'{') && word.contains(&b',');
    !known.contains(&b'/') && (is_pattern(word) || list()) && word != b"*"
}
