//! What git does with its words.
//!
//! Pure.

use super::super::options::{self, Takes};
use super::super::remotes;
use super::super::words::Reason;
use super::Judge;
use super::value::Class::{self, Data, Foreign, Given, Literal};
use super::value::{Value, largest};

/// Subcommands that say what is in git's data, and nothing of files.
const QUERIES: [&[u8]; 15] = [
    b"branch",
    b"config",
    b"describe",
    b"for-each-ref",
    b"merge-base",
    b"name-rev",
    b"remote",
    b"rev-list",
    b"rev-parse",
    b"show-ref",
    b"symbolic-ref",
    b"tag",
    b"var",
    b"cherry",
    b"write-tree",
];
/// Options of git's without a value.
const FLAGS: [&[u8]; 13] = [
    b"-p",
    b"-P",
    b"--paginate",
    b"--no-pager",
    b"--no-replace-objects",
    b"--literal-pathspecs",
    b"--no-optional-locks",
    b"--no-lazy-fetch",
    b"--version",
    b"--help",
    b"--html-path",
    b"--bare",
    b"--exec-path",
];

impl Judge {
    /// Reads what follows `git`.
    pub(super) fn git(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            // What its user says, or an alias.
            if word.is_given() {
                return Ok(Foreign);
            }
            if word.begins && !word.text.starts_with(b"-") {
                break;
            }
            let text = &word.text[..];
            rest = after;
            if word.class == Literal && FLAGS.contains(&text) {
                continue;
            }
            let folder = [&b"--git-dir"[..], b"--work-tree"];
            let named = folder.iter().find_map(|name| text.strip_prefix(*name));
            match (named, after) {
                (Some([b'=', path @ ..]), _) => self.holds_folder(&word.part(path))?,
                (Some(b""), [path, after @ ..]) => {
                    self.holds_folder(path)?;
                    rest = after;
                }
                (None, [value, after @ ..]) if word.is(b"-C") => {
                    self.holds_folder(value)?;
                    rest = after;
                }
                (None, [value, after @ ..]) if word.is(b"-c") => {
                    let shown: [&[u8]; 4] = [b"user.", b"color.", b"advice.", b"column."];
                    let plain = shown
                        .iter()
                        .any(|section| value.begins && value.text.starts_with(section));
                    if value.class > Literal && !plain {
                        return Err("computes a setting of git's");
                    }
                    rest = after;
                }
                _ => return Err("has an option of git's that may decide what is executed"),
            }
        }
        let Some((subcommand, words)) = rest.split_first() else {
            return Ok(Foreign);
        };
        if subcommand.class > Literal {
            return Err("computes what git does");
        }
        self.subcommand(&subcommand.text, words, input)
    }

    fn subcommand(
        &mut self,
        name: &[u8],
        words: &[Value],
        input: Option<Class>,
    ) -> Result<Class, Reason> {
        let says = match QUERIES.contains(&name) && !says_more(name, words) {
            true => Data,
            false => Foreign,
        };
        match name {
            b"bisect" if words.first().is_some_and(|word| word.is(b"run")) => {
                return self.run(&words[1..], input).map(|_| Foreign);
            }
            b"submodule" => {
                let each = words.iter().position(|word| word.is(b"foreach"));
                if let Some(at) = each {
                    let is_flag =
                        |word: &&Value| word.class == Literal && word.text.starts_with(b"-");
                    let skip = words[at + 1..].iter().take_while(is_flag).count();
                    return match &words[at + 1 + skip..] {
                        [command] if command.class == Literal => {
                            self.list(&command.text, Some(Foreign))
                        }
                        [command] if command.is_given() => Ok(Foreign),
                        command => self.run(command, Some(Foreign)),
                    };
                }
            }
            b"for-each-repo" | b"daemon" | b"shell" | b"instaweb" | b"cvsimport"
            | b"http-backend" => return Err("has git start something that it finds"),
            b"hook" if largest(words) > Literal => {
                return Err("has git start something that it finds");
            }
            b"merge-index" => {
                let is_flag = |word: &&Value| word.is(b"-o") || word.is(b"-q");
                let skip = words.iter().take_while(is_flag).count();
                return self.run(&words[skip..], None);
            }
            _ if options::is_harmless(name) => return Ok(says),
            _ => {}
        }
        // Others have options that are executed, or are aliases.
        let (mut rest, mut operands, mut only_operands) = (words, 0, false);
        let remote = matches!(
            name,
            b"push" | b"fetch" | b"pull" | b"clone" | b"ls-remote" | b"archive"
        );
        while let [word, after @ ..] = rest {
            rest = after;
            if word.is(b"--") {
                only_operands = true;
                continue;
            }
            if !only_operands && word.begins && word.text.len() > 1 && word.text.starts_with(b"-") {
                let short = !word.text.starts_with(b"--");
                let takes = options::of_git(&word.text);
                if word.class > Literal && !matches!(takes.0, Takes::Nothing | Takes::Argument) {
                    return Err("computes what git is to execute, or a folder that it obeys");
                }
                if word.is(b"-c") || word.text.starts_with(b"--config") {
                    let own = word.text.contains(&b'=');
                    let value = rest.first().filter(|_| !own).unwrap_or(word);
                    if value.class > Literal {
                        return Err("computes a setting of git's");
                    }
                }
                match takes {
                    // Those letters mean something else there.
                    (Takes::Command, _)
                        if short && matches!(name, b"push" | b"fetch" | b"pull" | b"config") => {}
                    (Takes::Nothing, _) | (_, Some(b"")) => {}
                    (Takes::Argument | Takes::Anything, Some(_)) => {}
                    (Takes::Command, None) => {
                        let Some((value, after)) = rest.split_first() else {
                            continue;
                        };
                        self.of_option(value)?;
                        rest = after;
                    }
                    (Takes::Command, Some(value)) => self.of_option(&word.part(value))?,
                    (_, Some(_)) if word.class == Literal => {}
                    (_, None) if rest.first().is_some_and(|value| value.class == Literal) => {
                        rest = &rest[1..]
                    }
                    _ => return Err("computes what git is to execute, or a folder that it obeys"),
                }
                continue;
            }
            operands += 1;
            let elsewhere = word.begins && remotes::of(&word.text).is_none();
            let whole = word.is_given() || word.class == Data && word.text.is_empty();
            if remote && operands == 1 && word.class > Literal && !elsewhere && !whole {
                return Err("computes the repository that git works with");
            }
            let bad = word.class == Foreign
                && (!word.begins && !only_operands || !remote && name != b"rebase");
            if bad || word.may_be_option() && !only_operands && word.class > Literal {
                return Err("gives git words of files where an option may be executed");
            }
        }
        Ok(says)
    }

    /// A command that is the value of an option.
    fn of_option(&mut self, value: &Value) -> Result<(), Reason> {
        match value.class {
            Literal => self.list(&value.text, Some(Foreign)).map(|_| ()),
            Given if value.is_given() => Ok(()),
            _ => Err("computes what git is to execute"),
        }
    }
}

/// Whether a query of git's data says what files have, or what others wrote.
fn says_more(name: &[u8], words: &[Value]) -> bool {
    const TEXTS: [&[u8]; 11] = [
        b"subject",
        b"body",
        b"contents",
        b"trailer",
        b"name)",
        b"email",
        b"--objects",
        b"--pretty",
        b"%s",
        b"%b",
        b"%B",
    ];
    let has =
        |word: &Value, part: &[u8]| word.text.windows(part.len()).any(|window| window == part);
    let short = |word: &Value, letter: u8| {
        word.text.starts_with(b"-") && !word.text.starts_with(b"--") && word.text.contains(&letter)
    };
    words.iter().any(|word| match name {
        b"config" => {
            short(word, b'f')
                || word.class > Data
                || [&b"--fi"[..], b"--bl", b"--de"]
                    .iter()
                    .any(|option| word.text.starts_with(option))
        }
        b"branch" | b"remote" if short(word, b'v') || word.text.starts_with(b"--v") => true,
        b"tag" if short(word, b'n') => true,
        _ => word.class > Data || TEXTS.iter().any(|part| has(word, part)),
    })
}
