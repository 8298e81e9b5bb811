//! What programs do that show or edit text, and `ssh`: some of their options are executed.
//!
//! Pure.

use super::super::text_tools::editor_is_plain;
use super::super::words::Reason;
use super::Judge;
use super::value::Class::{self, Data, Foreign, Literal};
use super::value::Value;

impl Judge {
    /// A program that shows what it is given, with another one that it starts for that.
    pub(super) fn shows(&mut self, words: &[Value]) -> Result<Class, Reason> {
        for (at, word) in words.iter().enumerate() {
            if word.class > Data {
                return Err("gives a program words of files where an option may be executed");
            }
            if word.text.starts_with(b"+") && word.text.contains(&b'!') {
                return Err("has an option that may be executed");
            }
            if let Some(value) = word.text.strip_prefix(b"--pager") {
                let value = value.strip_prefix(b"=").unwrap_or_default();
                let next = words.get(at + 1).filter(|_| value.is_empty());
                let value = next.map_or(value, |next| &next.text);
                if word.class.max(next.map_or(Literal, |next| next.class)) > Literal {
                    return Err("computes a program that it executes");
                }
                self.list(value, Some(Foreign))?;
            }
        }
        Ok(Foreign)
    }

    pub(super) fn editor(&mut self, words: &[Value]) -> Result<(), Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            rest = after;
            if word.is(b"--") {
                return Ok(());
            }
            let plus = word.text.starts_with(b"+");
            if !word.begins && word.class == Foreign {
                return Err("gives an editor words of files, which may be commands of its");
            }
            if !(word.begins && (plus || word.text.starts_with(b"-") && word.text.len() > 1)) {
                continue;
            }
            if word.class > Literal {
                return Err("computes an option of an editor");
            }
            match (&word.text[..], after) {
                (b"-c" | b"--cmd", [code, after @ ..])
                    if code.class == Literal && editor_is_plain(&code.text) =>
                {
                    rest = after;
                }
                (b"-u" | b"-i", [none, after @ ..])
                    if [&b"NONE"[..], b"NORC", b"DEFAULTS"].contains(&&none.text[..]) =>
                {
                    rest = after;
                }
                ([b'+', code @ ..], _) if editor_is_plain(code) => {}
                ([b'-', letters @ ..], _)
                    if letters
                        .iter()
                        .all(|byte| b"dfRnoOpegvyZ01234".contains(byte)) => {}
                (
                    b"--wait" | b"--nofork" | b"--remote-wait" | b"-w" | b"--clean" | b"--noplugin"
                    | b"-W",
                    _,
                ) => {}
                ([b'-', b'-', name @ ..], _) if name.starts_with(b"remote") => {}
                _ => return Err("has an option of an editor that may execute something"),
            }
        }
        Ok(())
    }

    pub(super) fn fzf(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            rest = after;
            if word.class > Literal {
                return Err("computes an option that may be executed");
            }
            match (&word.text[..], after) {
                (b"--preview", [code, after @ ..]) if code.class == Literal => {
                    self.with_items(&code.text)?;
                    rest = after;
                }
                (text, _) if text.starts_with(b"--preview=") => {
                    self.with_items(&text[b"--preview=".len()..])?;
                }
                (text, _) if text.starts_with(b"--preview-window") => {}
                (text, _)
                    if [&b"--b"[..], b"--pr", b"--e", b"--w", b"--l", b"--history"]
                        .iter()
                        .any(|one| text.starts_with(one))
                        && text != b"--exact"
                        && !text.starts_with(b"--layout")
                        && !text.starts_with(b"--border")
                        && !text.starts_with(b"--prompt") =>
                {
                    return Err("has an option that may be executed");
                }
                _ => {}
            }
        }
        Ok(input.unwrap_or(Foreign))
    }

    pub(super) fn ssh(&mut self, words: &[Value]) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            rest = after;
            let value = match &word.text[..] {
                _ if word.class > Literal => return Err("computes what ssh reads or executes"),
                b"-F" => {
                    if let Some((file, after)) = after.split_first() {
                        if self.moved || file.class > Literal {
                            return Err("computes what ssh reads or executes");
                        }
                        if !file.is(b"/dev/null") && !file.is(b"none") {
                            self.holds_script(file)?;
                        }
                        rest = after;
                    }
                    continue;
                }
                b"-o" => {
                    let Some((value, after)) = after.split_first() else {
                        continue;
                    };
                    rest = after;
                    if value.class > Literal {
                        return Err("computes what ssh reads or executes");
                    }
                    value.text.clone()
                }
                [b'-', b'o', value @ ..] => value.to_vec(),
                _ => continue,
            };
            let end = value
                .iter()
                .position(|byte| *byte == b'=' || byte.is_ascii_whitespace());
            let (name, command) = value.split_at(end.unwrap_or(value.len()));
            let name = name.to_ascii_lowercase();
            if name.ends_with(b"command") && command.len() > 1 {
                self.list(&command[1..], Some(Foreign))?;
            } else if [
                &b"include"[..],
                b"match",
                b"pkcs11provider",
                b"securitykeyprovider",
                b"xauthlocation",
            ]
            .contains(&&name[..])
            {
                return Err("has an option of ssh's that may be executed");
            }
        }
        Ok(Foreign)
    }
}
