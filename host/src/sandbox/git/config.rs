//! Reads git's configuration files, at least as generously as any git does.
//!
//! Pure. The question is not what one version of git makes of a file, but what
//! any might: where git gives up on a line, reading goes on behind it.

/// One `key = value`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// The section, in lower case.
    pub(crate) section: String,
    /// The subsection, as it is written.
    pub(crate) subsection: Option<String>,
    /// The key, in lower case.
    pub(crate) key: String,
    /// The value without its quotes; empty where there is none.
    pub(crate) value: Vec<u8>,
}

impl Entry {
    /// The setting of a key that is written in one, as `git -c` takes it.
    pub(crate) fn of(key: &str, value: &str) -> Option<Self> {
        let (section, name) = key.rsplit_once('.')?;
        let (section, subsection) = match section.split_once('.') {
            Some((section, subsection)) => (section, Some(subsection.to_owned())),
            None => (section, None),
        };
        Some(Self {
            section: section.to_ascii_lowercase(),
            subsection,
            key: name.to_ascii_lowercase(),
            value: value.into(),
        })
    }
}

/// The entries of a file.
pub(crate) fn entries(text: &[u8]) -> Vec<Entry> {
    let mut reader = Reader {
        text: text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text),
        at: 0,
    };
    let mut section = Section::default();
    let mut entries = Vec::new();
    while let Some(byte) = reader.next() {
        match byte {
            b'[' => match reader.header() {
                Some(header) => section = header,
                None => reader.skip_line(),
            },
            byte if byte.is_ascii_alphanumeric() => {
                let key = reader.key(byte);
                let value = reader.value();
                entries.push(Entry {
                    section: section.name.clone(),
                    subsection: section.subsection.clone(),
                    key,
                    value,
                });
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => reader.skip_line(),
        }
    }
    entries
}

#[derive(Default)]
struct Section {
    name: String,
    subsection: Option<String>,
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// The next byte; a line's end is one byte, however it is written.
    fn next(&mut self) -> Option<u8> {
        let byte = *self.text.get(self.at)?;
        self.at += 1;
        if byte == b'\r' && self.text.get(self.at) == Some(&b'\n') {
            self.at += 1;
            return Some(b'\n');
        }
        Some(byte)
    }

    fn back(&mut self) {
        self.at -= 1;
    }

    fn skip_line(&mut self) {
        // What was read last may have been the line's end.
        if self.at > 0 && self.text[self.at - 1] == b'\n' {
            return;
        }
        while self.next().is_some_and(|byte| byte != b'\n') {}
    }

    /// What follows a `[`.
    fn header(&mut self) -> Option<Section> {
        let mut name = String::new();
        loop {
            match self.next()? {
                b']' => break,
                b' ' | b'\t' => return self.extended(name),
                byte if byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.' => {
                    name.push(char::from(byte.to_ascii_lowercase()));
                }
                _ => return None,
            }
        }
        Some(match name.split_once('.') {
            Some((name, subsection)) => Section {
                name: name.into(),
                subsection: Some(subsection.into()),
            },
            None => Section {
                name,
                subsection: None,
            },
        })
    }

    /// The rest of `[section "subsection"]`, behind the first blank.
    fn extended(&mut self, name: String) -> Option<Section> {
        loop {
            match self.next()? {
                b' ' | b'\t' => {}
                b'"' => break,
                _ => return None,
            }
        }
        let mut subsection = Vec::new();
        loop {
            match self.next()? {
                b'\n' => return None,
                b'"' => break,
                b'\\' => match self.next()? {
                    b'\n' => return None,
                    byte => subsection.push(byte),
                },
                byte => subsection.push(byte),
            }
        }
        (self.next()? == b']').then(|| Section {
            name,
            subsection: Some(String::from_utf8_lossy(&subsection).into_owned()),
        })
    }

    fn key(&mut self, first: u8) -> String {
        let mut key = String::from(char::from(first.to_ascii_lowercase()));
        while let Some(byte) = self.next() {
            if !byte.is_ascii_alphanumeric() && byte != b'-' {
                self.back();
                break;
            }
            key.push(char::from(byte.to_ascii_lowercase()));
        }
        key
    }

    /// What follows a key, to the end of its last line.
    fn value(&mut self) -> Vec<u8> {
        loop {
            match self.next() {
                Some(b' ' | b'\t') => {}
                Some(b'=') => break,
                Some(_) => {
                    self.skip_line();
                    return Vec::new();
                }
                None => return Vec::new(),
            }
        }
        let (mut value, mut quoted, mut blanks) = (Vec::new(), false, 0);
        while let Some(byte) = self.next() {
            match byte {
                b'\n' => break,
                byte if byte.is_ascii_whitespace() && !quoted => {
                    blanks += usize::from(!value.is_empty());
                    continue;
                }
                b'#' | b';' if !quoted => {
                    self.skip_line();
                    break;
                }
                _ => {}
            }
            value.extend(std::iter::repeat_n(b' ', std::mem::take(&mut blanks)));
            match byte {
                b'"' => quoted = !quoted,
                b'\\' => match self.next() {
                    Some(b'\n') | None => {}
                    Some(b't') => value.push(b'\t'),
                    Some(b'n') => value.push(b'\n'),
                    Some(b'b') => value.push(8),
                    Some(byte) => value.push(byte),
                },
                byte => value.push(byte),
            }
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        let show = |entry: Entry| {
            let value = String::from_utf8(entry.value).unwrap();
            let subsection = entry.subsection.map(|name| format!(".{name}"));
            let subsection = subsection.unwrap_or_default();
            format!("{}{subsection}.{}={value}", entry.section, entry.key)
        };
        entries(text.as_bytes()).into_iter().map(show).collect()
    }

    #[test]
    fn entries_are_read_as_git_reads_them() {
        let text = "\u{feff}; one\n[Core] hooksPath = a b  # c\r\n\tbare\n[remote \"o\\\"x y\"]url=x\n\
                    [branch.Main]\n k = \"a # b\" c \\\n  d\\t\n[include]\n\tpath=\"../x\"\n";
        assert_eq!(
            read(text),
            [
                "core.hookspath=a b",
                "core.bare=",
                "remote.o\"x y.url=x",
                "branch.main.k=a # b c   d\t",
                "include.path=../x"
            ]
        );
    }

    #[test]
    fn what_git_stumbles_over_hides_nothing_behind_it() {
        let text = "[core\n[core]\n%\nhooksPath ! x\nfsmonitor = \"open\n\\q\neditor = y";
        let read = read(text);
        assert!(read.contains(&"core.editor=y".to_owned()), "{read:?}");
    }
}
