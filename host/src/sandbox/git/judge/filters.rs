//! What programs do that only change text.
//!
//! Pure.

use super::super::text_tools::{awk_is_plain, sed_is_plain};
use super::super::words::Reason;
use super::value::Class::{self, Foreign, Given, Literal};
use super::value::Value;

pub(super) fn filter(
    name: &[u8],
    operands: usize,
    words: &[Value],
    input: Option<Class>,
) -> Result<Class, Reason> {
    let (mut found, mut class, mut value) = (0, input.unwrap_or(Literal).max(Given), false);
    let mut most = operands;
    for word in words {
        let option = word.begins && word.text.starts_with(b"-") && word.text.len() > 1;
        if name == b"sort"
            && (word.may_be_option() && word.class > Literal
                || word.text.starts_with(b"-o")
                || word.text.starts_with(b"--o")
                || word.text.starts_with(b"--c") && word.text != b"--check")
        {
            return Err("has an option of sort's that may execute or write something");
        }
        let number = word.class == Literal
            && !word.text.is_empty()
            && word.text.iter().all(u8::is_ascii_digit);
        if std::mem::take(&mut value) || number {
            continue;
        }
        if option {
            let letter = word.text.last().copied().unwrap_or_default();
            let grep = name.ends_with(b"grep");
            if grep && word.text.starts_with(b"-e") {
                most = 0;
            }
            let taking: &[u8] = if grep { b"emABC" } else { b"dfnckt" };
            value = taking.contains(&letter) && !word.text.starts_with(b"--");
            if grep
                && (word.text.starts_with(b"-f")
                    || word.text.starts_with(b"--file")
                    || word.text.contains(&b'r'))
            {
                class = Foreign;
            }
            continue;
        }
        found += 1;
        class = class.max(if found > most { Foreign } else { Literal });
    }
    Ok(class)
}

pub(super) fn awk(words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
    let mut rest = words;
    while let [word, after @ ..] = rest {
        if word.class > Literal && !word.begins {
            return Err("computes code");
        }
        match &word.text[..] {
            b"-F" => rest = after.get(1..).unwrap_or_default(),
            b"-v" => rest = after.get(1..).unwrap_or_default(),
            [b'-', b'F' | b'v', ..] => rest = after,
            b"--" => {
                rest = after;
                break;
            }
            [b'-', ..] => return Err("has an option of awk's that may execute something"),
            _ => break,
        }
    }
    match rest {
        [code, files @ ..] if code.class == Literal && awk_is_plain(&code.text) => {
            Ok(if files.is_empty() {
                input.unwrap_or(Foreign).max(Given)
            } else {
                Foreign
            })
        }
        _ => Err("has code of awk's that may execute something"),
    }
}

pub(super) fn sed(words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
    let (mut scripts, mut files, mut next) = (Vec::new(), 0, false);
    for word in words {
        if std::mem::take(&mut next) {
            scripts.push(word);
            continue;
        }
        match &word.text[..] {
            b"-e" => next = true,
            [b'-', letters @ .., b'e'] if letters.iter().all(|byte| b"nErsuz".contains(byte)) => {
                next = true
            }
            [b'-', letters @ ..]
                if word.class == Literal
                    && !letters.is_empty()
                    && letters.iter().all(|byte| b"nErsuz".contains(byte)) => {}
            _ if word.may_be_option() && word.class != Given => {
                return Err("has an option of sed's that may execute or write something");
            }
            _ if scripts.is_empty() => scripts.push(word),
            _ => files += 1,
        }
    }
    let plain = |word: &&Value| match word.class {
        Literal => sed_is_plain(&word.text),
        Given => word.variable.is_none() && sed_is_plain(&word.text),
        _ => false,
    };
    match scripts.iter().all(plain) {
        true if files == 0 => Ok(input.unwrap_or(Foreign).max(Given)),
        true => Ok(Foreign),
        false => Err("has a script of sed's that may execute or write something"),
    }
}

/// It writes nothing but its output.
pub(super) fn curl(words: &[Value]) -> Result<Class, Reason> {
    let known: [&[u8]; 6] = [
        b"--silent",
        b"--location",
        b"--fail",
        b"--show-error",
        b"--head",
        b"--compressed",
    ];
    let plain = |word: &Value| match &word.text[..] {
        _ if word.may_be_option() && word.class > Given => false,
        [b'-', b'-', ..] => known.contains(&&word.text[..]),
        [b'-', letters @ ..] => {
            word.class == Literal && letters.iter().all(|byte| b"fsSLIkvg".contains(byte))
        }
        _ => true,
    };
    match words.iter().all(plain) {
        true => Ok(Foreign),
        false => Err("has an option that may write a file"),
    }
}
