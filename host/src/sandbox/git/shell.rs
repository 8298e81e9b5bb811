//! How a text is taken apart into words: as a shell does it, and as git does it
//! with an alias.
//!
//! Pure.

/// The words of each simple command of a shell's, without their quotes.
pub(super) fn simple_commands(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
    commands(text, true)
}

/// The words of an alias, which no shell takes apart.
pub(super) fn split(text: &[u8]) -> Vec<Vec<u8>> {
    commands(text, false).concat()
}

fn commands(text: &[u8], shell: bool) -> Vec<Vec<Vec<u8>>> {
    let (mut commands, mut words, mut word) = (Vec::new(), Vec::new(), None::<Vec<u8>>);
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\'' => {
                let quoted = bytes.by_ref().take_while(|byte| *byte != b'\'');
                word.get_or_insert_default().extend(quoted);
            }
            b'"' => {
                let word = word.get_or_insert_default();
                while let Some(byte) = bytes.next().filter(|byte| *byte != b'"') {
                    let escaped = (byte == b'\\').then(|| bytes.next()).flatten();
                    let kept = shell && escaped.is_some_and(|byte| !b"\"\\$`".contains(&byte));
                    word.extend(Some(byte).filter(|_| escaped.is_none() || kept));
                    word.extend(escaped);
                }
            }
            b'\\' => word.get_or_insert_default().extend(bytes.next()),
            b';' | b'|' | b'&' | b'(' | b')' | b'`' | b'\n' if shell => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
            }
            b'<' | b'>' if shell => words.extend(word.take()),
            byte if byte.is_ascii_whitespace() => words.extend(word.take()),
            byte => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    commands.push(words);
    commands
}

/// `NAME=value`.
pub(super) fn assignment(word: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = word.iter().position(|byte| *byte == b'=')?;
    let (name, value) = (&word[..at], &word[at + 1..]);
    (!name.is_empty() && name.iter().all(is_name)).then_some((name, value))
}

pub(super) fn is_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}

/// The name of the variable that a text begins with, and how long that is.
pub(super) fn variable(text: &[u8]) -> (&[u8], usize) {
    match text.get(1) {
        Some(b'{') => {
            let end = text.iter().position(|byte| *byte == b'}');
            let end = end.unwrap_or(text.len());
            (&text[2..end], (end + 1).min(text.len()))
        }
        Some(byte) if is_name(byte) => {
            let length = text[1..].iter().take_while(|byte| is_name(byte)).count();
            (&text[1..=length], length + 1)
        }
        Some(_) => (&[], 2),
        None => (&[], 1),
    }
}

/// The name of a variable, and what is taken in its place, as in `${X:-y}`.
pub(super) fn default(name: &[u8]) -> (&[u8], Option<&[u8]>) {
    let end = name.iter().position(|byte| !is_name(byte));
    match end.map(|end| (&name[..end], &name[end..])) {
        Some((
            name,
            [b':', b'-' | b'=' | b'+', default @ ..] | [b'-' | b'=' | b'+', default @ ..],
        )) => (name, Some(default)),
        // What is cut off, or replaced, is not.
        _ => (name, None),
    }
}

/// The variables in a word that have something in their place.
pub(super) fn variables(word: &[u8]) -> Vec<(&[u8], &[u8])> {
    let (mut found, mut rest) = (Vec::new(), word);
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        let (name, length) = variable(&rest[at..]);
        if let (name, Some(default)) = default(name) {
            found.push((name, default));
        }
        rest = &rest[at + length..];
    }
    found
}

/// What is between variables.
pub(super) fn pieces(word: &[u8]) -> Vec<&[u8]> {
    let (mut pieces, mut rest) = (Vec::new(), word);
    while let Some(at) = rest.iter().position(|byte| *byte == b'$') {
        pieces.push(&rest[..at]);
        rest = &rest[at + variable(&rest[at..]).1..];
    }
    pieces.push(rest);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alias_is_taken_apart_as_git_does() {
        let words = split(b" -c 'a.b=x y'  st\"at\"us\\ z \"it's;\" '\\'");
        let words: Vec<_> = words
            .iter()
            .map(|word| String::from_utf8_lossy(word))
            .collect();
        assert_eq!(words, ["-c", "a.b=x y", "status z", "it's;", "\\"]);
    }
}
