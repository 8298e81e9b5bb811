//! The words of a shell's command, each with its parts: text, and what is put in for it.
//!
//! Pure. What is not understood is an error, which says what it is.

use super::shell::is_name;

/// Why a command is not understood.
pub(super) type Reason = &'static str;

/// How deep quotes, variables and substitutions are in each other.
const DEPTH_MAX: usize = 16;

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// As it is.
    Text(Vec<u8>),
    /// The names of files, or the words of a list.
    Pattern,
    /// A variable, with what is put in, cut off or replaced.
    Variable(Vec<u8>, Vec<Self>),
    /// What a command says.
    Substitution(Vec<u8>),
    /// The result of a calculation.
    Number(Vec<u8>),
}

/// A word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) parts: Vec<Part>,
    /// The text before anything that is quoted or put in.
    pub(super) lead: Vec<u8>,
    /// Something of it is quoted.
    pub(super) quoted: bool,
}

/// What a command consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Word(Word),
    /// The next word is a file, or the number of one that is open.
    Redirect(&'static [u8]),
    /// What ends a simple command.
    Operator(&'static [u8]),
}

/// Operators and redirections, the longer ones first.
const REDIRECTS: [&[u8]; 9] = [b"&>>", b"&>", b">>", b">&", b">|", b"<>", b"<&", b">", b"<"];
const OPERATORS: [&[u8]; 10] = [
    b";;", b"&&", b"||", b"|&", b";", b"&", b"|", b"(", b")", b"\n",
];

/// The tokens of a command.
pub(super) fn tokens(text: &[u8]) -> Result<Vec<Token>, Reason> {
    let mut lexer = Lexer {
        text,
        at: 0,
        depth: 0,
    };
    let mut found = Vec::new();
    while let Some(byte) = lexer.peek() {
        let rest = &text[lexer.at..];
        let starts = |of: &&&[u8]| rest.starts_with(of);
        if rest.starts_with(b"\\\n") {
            lexer.at += 2;
        } else if byte != b'\n' && byte.is_ascii_whitespace() {
            lexer.at += 1;
        } else if byte == b'#' {
            let end = rest.iter().position(|byte| *byte == b'\n');
            lexer.at += end.unwrap_or(rest.len());
        } else if rest.starts_with(b"<<") {
            return Err("has lines, or a text, in the place of a file");
        } else if rest.starts_with(b"<(") || rest.starts_with(b">(") {
            return Err("has a command in the place of a file");
        } else if let Some(redirect) = REDIRECTS.iter().find(starts) {
            lexer.at += redirect.len();
            found.push(Token::Redirect(redirect));
        } else if let Some(operator) = OPERATORS.iter().find(starts) {
            lexer.at += operator.len();
            found.push(Token::Operator(operator));
        } else {
            let word = lexer.word()?;
            let next = lexer.peek();
            let number = !word.lead.is_empty()
                && !word.quoted
                && word.parts == [Part::Text(word.lead.clone())]
                && word.lead.iter().all(u8::is_ascii_digit);
            // `2>` names the file that is open.
            if !(number && matches!(next, Some(b'<' | b'>'))) {
                found.push(Token::Word(word));
            }
        }
    }
    Ok(found)
}

struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    depth: usize,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn word(&mut self) -> Result<Word, Reason> {
        let mut word = Word::default();
        let mut only_lead = true;
        while let Some(byte) = self.peek() {
            if byte.is_ascii_whitespace() || b";&|()<>".contains(&byte) {
                break;
            }
            let first = word.parts.is_empty() && !word.quoted;
            self.at += 1;
            match byte {
                b'\\' => match self.next() {
                    Some(b'\n') => {}
                    Some(byte) => {
                        word.quoted = true;
                        literal(&mut word.parts, byte, first);
                    }
                    None => return Err("ends with a backslash"),
                },
                b'\'' => {
                    let rest = &self.text[self.at..];
                    let end = rest.iter().position(|byte| *byte == b'\'');
                    let end = end.ok_or("has quotes that do not end")?;
                    word.quoted = true;
                    literal_all(&mut word.parts, &rest[..end], first);
                    self.at += end + 1;
                }
                b'"' => {
                    word.quoted = true;
                    let parts = self.within(b'"')?;
                    for part in parts {
                        match part {
                            Part::Text(text) => {
                                let first = word.parts.is_empty();
                                literal_all(&mut word.parts, &text, first);
                            }
                            other => word.parts.push(other),
                        }
                    }
                }
                b'$' | b'`' => {
                    let part = self.put_in(byte)?;
                    push(&mut word.parts, part);
                }
                b'~' if first && matches!(self.peek(), Some(b'+' | b'-')) => {
                    return Err("has a folder of the shell's own");
                }
                b'*' | b'?' => word.parts.push(Part::Pattern),
                b'[' if !(first && self.is_test()) => word.parts.push(Part::Pattern),
                b'{' if self.is_list() => word.parts.push(Part::Pattern),
                byte => text(&mut word.parts, byte),
            }
            only_lead &= !word.quoted && matches!(&word.parts[..], [Part::Text(_)]);
            if let (true, [Part::Text(text)]) = (only_lead, &word.parts[..]) {
                word.lead.clone_from(text);
            }
        }
        Ok(word)
    }

    /// Whether `[` is a program, or `[[` a word of the shell's.
    fn is_test(&self) -> bool {
        let rest = &self.text[self.at..];
        let rest = rest.strip_prefix(b"[").unwrap_or(rest);
        rest.first().is_none_or(u8::is_ascii_whitespace)
    }

    /// Whether several words are made of what is in braces.
    fn is_list(&self) -> bool {
        let rest = &self.text[self.at..];
        let end = rest
            .iter()
            .position(|byte| *byte == b'}' || byte.is_ascii_whitespace());
        let inner = &rest[..end.unwrap_or(rest.len())];
        inner.contains(&b',') || inner.windows(2).any(|two| two == b"..")
    }

    /// What is in double quotes, or behind the name of a variable in braces.
    fn within(&mut self, end: u8) -> Result<Vec<Part>, Reason> {
        self.deeper()?;
        let mut parts = Vec::new();
        loop {
            let byte = self.next().ok_or("has quotes that do not end")?;
            match byte {
                byte if byte == end => break,
                b'\\' => match self.next() {
                    Some(b'\n') => {}
                    Some(byte) if b"$`\"\\}".contains(&byte) => text(&mut parts, byte),
                    Some(byte) => {
                        text(&mut parts, b'\\');
                        text(&mut parts, byte);
                    }
                    None => return Err("ends with a backslash"),
                },
                b'$' | b'`' => {
                    let part = self.put_in(byte)?;
                    push(&mut parts, part);
                }
                b'"' => parts.extend(self.within(b'"')?),
                b'\'' if end == b'}' => return Err("has quotes in the braces of a variable"),
                byte => text(&mut parts, byte),
            }
        }
        self.depth -= 1;
        Ok(parts)
    }

    fn deeper(&mut self) -> Result<(), Reason> {
        self.depth += 1;
        match self.depth > DEPTH_MAX {
            true => Err("is too deep"),
            false => Ok(()),
        }
    }

    /// What is put in for what begins with a dollar or a backtick.
    fn put_in(&mut self, byte: u8) -> Result<Part, Reason> {
        if byte == b'`' {
            let rest = &self.text[self.at..];
            let end = rest.iter().position(|byte| *byte == b'`');
            let inner = &rest[..end.ok_or("has quotes that do not end")?];
            self.at += inner.len() + 1;
            return match inner.contains(&b'\\') {
                true => Err("has a backslash in backticks"),
                false => Ok(Part::Substitution(inner.into())),
            };
        }
        let rest = &self.text[self.at..];
        match rest.first() {
            Some(b'(') => {
                let end = closing(rest, 0).ok_or("has a bracket that does not end")?;
                let inner = &rest[1..end];
                self.at += end + 1;
                if let Some(number) = inner.strip_prefix(b"(") {
                    return match number.contains(&b'`')
                        || number.contains(&b'[')
                        || number.windows(2).any(|two| two == b"$(")
                    {
                        true => Err("calculates with what it computes"),
                        false => Ok(Part::Number(number.into())),
                    };
                }
                Ok(Part::Substitution(inner.into()))
            }
            Some(b'{') => {
                self.at += 1;
                self.in_braces()
            }
            Some(byte) if byte.is_ascii_digit() || b"@*?#$!-".contains(byte) => {
                self.at += 1;
                Ok(Part::Variable(vec![*byte], Vec::new()))
            }
            Some(byte) if is_name(byte) => {
                let length = rest.iter().take_while(|byte| is_name(byte)).count();
                self.at += length;
                Ok(Part::Variable(rest[..length].into(), Vec::new()))
            }
            Some(b'\'' | b'"' | b'[') => Err("has quotes of one shell only"),
            _ => Ok(Part::Text(b"$".into())),
        }
    }

    fn in_braces(&mut self) -> Result<Part, Reason> {
        let rest = &self.text[self.at..];
        let counted = rest.first() == Some(&b'#') && rest.get(1) != Some(&b'}');
        self.at += usize::from(counted);
        let rest = &self.text[self.at..];
        let length = rest.iter().take_while(|byte| is_name(byte)).count();
        let special = rest.first().is_some_and(|byte| b"@*?#$-".contains(byte));
        let length = length.max(usize::from(special));
        let name = &rest[..length];
        let digits = name.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if name.is_empty() || digits > 0 && digits < name.len() {
            return Err("has a variable that another one names");
        }
        self.at += length;
        let rest = &self.text[self.at..];
        if rest.starts_with(b"[") || rest.starts_with(b"=") || rest.starts_with(b":=") {
            return Err("sets a variable, or has one of several values");
        }
        let of_length =
            rest.starts_with(b":") && !rest.get(1).is_some_and(|byte| b"-+?".contains(byte));
        let parts = self.within(b'}')?;
        let is_number = |text: &[u8]| {
            text.iter()
                .all(|byte| byte.is_ascii_digit() || b": -".contains(byte))
        };
        if of_length && !matches!(&parts[..], [Part::Text(text)] if is_number(text)) {
            return Err("calculates with what it reads");
        }
        Ok(match counted {
            true => Part::Number(Vec::new()),
            false => Part::Variable(name.into(), parts),
        })
    }
}

/// Where the bracket at a place ends. Quotes, and what is put in within them, count.
fn closing(bytes: &[u8], depth: usize) -> Option<usize> {
    let (mut at, mut open, mut quoted) = (0, 0, false);
    if depth > DEPTH_MAX {
        return None;
    }
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\'' if !quoted => {
                at += 1 + bytes[at + 1..].iter().position(|byte| *byte == b'\'')?;
            }
            b'"' => quoted = !quoted,
            b'$' if quoted && bytes.get(at + 1) == Some(&b'(') => {
                at += 1 + closing(&bytes[at + 1..], depth + 1)?;
            }
            b'(' if !quoted => open += 1,
            b')' if !quoted => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn push(parts: &mut Vec<Part>, part: Part) {
    match part {
        Part::Text(text) => text.iter().for_each(|byte| self::text(parts, *byte)),
        other => parts.push(other),
    }
}

fn text(parts: &mut Vec<Part>, byte: u8) {
    match parts.last_mut() {
        Some(Part::Text(text)) => text.push(byte),
        _ => parts.push(Part::Text(vec![byte])),
    }
}

/// Quoted, a `~` at the beginning is a name as any other.
fn literal(parts: &mut Vec<Part>, byte: u8, first: bool) {
    if first && byte == b'~' {
        text(parts, b'.');
        text(parts, b'/');
    }
    text(parts, byte);
}

fn literal_all(parts: &mut Vec<Part>, bytes: &[u8], first: bool) {
    for (at, byte) in bytes.iter().enumerate() {
        literal(parts, *byte, first && at == 0);
    }
}
