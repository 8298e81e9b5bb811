//! Options of programs whose values decide what is executed: scripts, makefiles,
//! configurations, folders of modules.
//!
//! Pure.

/// Programs with the letters of such options, and the letters of those options
/// that take the rest of a word for themselves.
const LETTERS: [(&str, &[u8], &[u8]); 10] = [
    ("awk", b"f", b"Fvei"),
    ("gawk", b"f", b"Fveiol"),
    ("gmake", b"fCI", b"jlOoW"),
    ("make", b"fCI", b"jlOoW"),
    ("mawk", b"f", b"FvW"),
    ("node", b"r", b"epC"),
    ("perl", b"I", b"eEMmxi0lCDdF"),
    ("ruby", b"ICr", b"eExKFTW0"),
    ("sed", b"f", b"eli"),
    ("ssh", b"F", b"BbcDEeIiJLlmOopQRSWw"),
];

/// Their long forms, of any program.
const LONG: [&[u8]; 8] = [
    b"config",
    b"directory",
    b"file",
    b"include-dir",
    b"init-file",
    b"makefile",
    b"rcfile",
    b"require",
];

/// What the names of options have in them that name a folder.
const FOLDERS: [&[u8]; 8] = [
    b"cwd", b"dir", b"folder", b"prefix", b"project", b"root", b"tree", b"wd",
];

/// What a word is that begins with `-`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flag<'a> {
    /// It has its value with it. `decides`: the value is a path that decides what
    /// is executed, whatever it looks like.
    Joined { value: &'a [u8], decides: bool },
    /// The next word is the value of an option that decides what is executed.
    Next,
    /// It has no value that could be a path.
    Plain,
}

/// What an option of a program is.
pub(super) fn of<'a>(program: &[u8], word: &'a [u8]) -> Flag<'a> {
    if let Some(long) = word.strip_prefix(b"--") {
        let Some(at) = long.iter().position(|byte| *byte == b'=') else {
            return match LONG.contains(&long) {
                true => Flag::Next,
                false => Flag::Plain,
            };
        };
        let (value, decides) = (&long[at + 1..], LONG.contains(&&long[..at]));
        return Flag::Joined { value, decides };
    }
    let letters = &word[1..];
    let known = LETTERS.iter().find(|(name, ..)| name.as_bytes() == program);
    if let Some((_, deciding, taking)) = known {
        for (at, letter) in letters.iter().enumerate() {
            if deciding.contains(letter) {
                let value = &letters[at + 1..];
                return match value.is_empty() {
                    true => Flag::Next,
                    false => Flag::Joined {
                        value,
                        decides: true,
                    },
                };
            }
            if taking.contains(letter) || !letter.is_ascii_alphanumeric() {
                break;
            }
        }
    }
    match letters {
        [_, value @ ..] if !value.is_empty() => Flag::Joined {
            value,
            decides: false,
        },
        _ => Flag::Plain,
    }
}

/// Options that name the folder that a program works in: `-C x`, `--chdir=x`. Gives
/// what is joined to it; nothing where the next word is the folder.
pub(super) fn folder(word: &[u8]) -> Option<Option<&[u8]>> {
    if let Some(long) = word.strip_prefix(b"--") {
        let at = long.iter().position(|byte| *byte == b'=');
        let (name, value) = long.split_at(at.unwrap_or(long.len()));
        let names = |part: &&[u8]| name.windows(part.len()).any(|window| window == *part);
        return FOLDERS.iter().any(names).then(|| value.get(1..));
    }
    match word {
        b"-C" | b"-D" => Some(None),
        [b'-', b'C', value @ ..] => Some(Some(value)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_where_the_program_looks() {
        for (program, word, value, decides) in [
            ("ssh", "-Fc", "c", true),
            ("ssh", "-nFc", "c", true),
            ("ssh", "-oFx=a/b", "Fx=a/b", false),
            ("sed", "-nfc.sed", "c.sed", true),
            ("make", "-Ct", "t", true),
            ("perl", "-wIlib", "lib", true),
            ("x", "-Xa/b", "a/b", false),
            ("x", "--file=c", "c", true),
            ("x", "--other=a/b", "a/b", false),
        ] {
            let value = value.as_bytes();
            let found = of(program.as_bytes(), word.as_bytes());
            assert_eq!(found, Flag::Joined { value, decides }, "{program} {word}");
        }
        assert_eq!(of(b"sed", b"-nf"), Flag::Next);
        assert_eq!(of(b"x", b"--file"), Flag::Next);
        assert_eq!(of(b"x", b"-f"), Flag::Plain);
        assert_eq!(of(b"x", b"--"), Flag::Plain);
        assert_eq!(of(b"x", b"-"), Flag::Plain);
    }

    #[test]
    fn folders_are_found() {
        for (word, value) in [
            ("-C", None),
            ("-D", None),
            ("-Cx", Some("x")),
            ("--chdir=x", Some("x")),
            ("--chdir", None),
            ("--working-directory=x", Some("x")),
            ("--cwd", None),
        ] {
            let value = value.map(str::as_bytes);
            assert_eq!(folder(word.as_bytes()), Some(value), "{word}");
        }
        for word in ["-", "--", "-c", "-DX", "--file=x"] {
            assert_eq!(folder(word.as_bytes()), None, "{word}");
        }
    }
}
