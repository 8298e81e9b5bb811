//! What programs do with their words.
//!
//! Pure.

use super::super::decisive::OF_TOOLS;
use super::super::programs::{Kind, kind};
use super::super::shapes::{is_command, program_name};
use super::super::words::Reason;
use super::filters::{awk, curl, filter, sed};
use super::value::Class::{self, Data, Foreign, Given, Literal};
use super::value::{Value, largest};
use super::{Judge, PROGRAMS_MAX, STARTED_MAX};

impl Judge {
    /// Reads a program with its words. Returns what it says.
    pub(super) fn run(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
        self.started += 1;
        self.programs += 1;
        if self.started > STARTED_MAX || self.programs > PROGRAMS_MAX {
            return Err("has too many commands in each other");
        }
        let says = self.program(words, input)?;
        self.started -= 1;
        Ok(says)
    }

    fn program(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
        let Some((program, words)) = words.split_first() else {
            return Ok(Literal);
        };
        if self.is_users(program) {
            return self.editor(words).map(|_| Foreign);
        }
        if program.class > Literal {
            return Err("computes the program that it executes");
        }
        if program.text.contains(&b'/') {
            self.holds_script(program)?;
        } else if program.text.starts_with(b"%") || program.text.is_empty() {
            return Err("executes what git puts in");
        } else if self.is_function(&program.text) {
            self.gives(words);
            return Ok(Foreign);
        }
        let name = if program.text == b"." {
            b"."
        } else {
            program_name(&program.text)
        };
        match kind(name) {
            Kind::Filter(operands) => filter(name, operands, words, input),
            Kind::Says
                if largest(words) > Data
                    && (name == b"unset"
                        || name == b"[["
                        || words.iter().any(|word| word.is(b"-v"))) =>
            {
                Err("looks up what it reads")
            }
            Kind::Says => Ok(match largest(words) {
                Foreign => Foreign,
                Data => Data,
                _ => Given,
            }),
            Kind::Harmless => Ok(Foreign),
            Kind::Shows => self.shows(words),
            Kind::Editor => self.editor(words).map(|_| Foreign),
            Kind::Shell => self.shell(words, input),
            Kind::Interpreter => self.interpreter(name, words),
            Kind::Starts => self.starts(name, words, input),
            Kind::Enters => self.enters(words),
            Kind::Closed => Err("starts a program that executes what it finds, or copies files"),
            Kind::Special => self.special(name, words, input),
            Kind::Unknown => self.unknown(program, words, input),
        }
    }

    /// Reads a program that another one starts, to which functions are none.
    pub(super) fn start(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
        match words.first() {
            Some(program) if self.is_function(&program.text) => {
                Err("has a function that is called as a program")
            }
            _ => self.run(words, input),
        }
    }

    fn special(
        &mut self,
        name: &[u8],
        words: &[Value],
        input: Option<Class>,
    ) -> Result<Class, Reason> {
        match name
            .strip_prefix(b"g")
            .filter(|_| name != b"git")
            .unwrap_or(name)
        {
            b"git" => self.git(words, input),
            b"awk" | b"mawk" | b"nawk" => awk(words, input),
            b"sed" => sed(words, input),
            b"find" => self.find(words),
            b"xargs" => self.xargs(words, input),
            b"env" => self.env(words, input),
            b"eval" if largest(words) == Literal => {
                let words: Vec<&[u8]> = words.iter().map(|word| &word.text[..]).collect();
                self.list(&words.join(&b' '), input)
            }
            b"read" => self.reads(words),
            b"set" => self.sets(words),
            b"export" | b"local" | b"declare" | b"typeset" | b"readonly" => self.declares(words),
            b"printf" => match words.first() {
                Some(format) if format.may_be_option() => Err("has an option of printf's"),
                _ => Ok(largest(words).max(Given)),
            },
            b"curl" => curl(words),
            b"fzf" => self.fzf(words, input),
            b"ssh" => self.ssh(words),
            b"emacs" | b"emacsclient" => {
                let flags: [&[u8]; 8] =
                    [b"-nw", b"-c", b"-t", b"-n", b"-q", b"-Q", b"-a", b"--wait"];
                let is_plain = |word: &Value| {
                    !word.may_be_option() && word.class < Foreign && !word.text.starts_with(b"(")
                        || word.class == Literal
                            && (flags.contains(&&word.text[..]) || word.text == b"-a=")
                };
                match words.iter().all(is_plain) {
                    true => Ok(Foreign),
                    false => Err("has an option that may be executed"),
                }
            }
            _ => Err("computes a command"),
        }
    }

    /// A program that nobody knows, or a script.
    fn unknown(
        &mut self,
        program: &Value,
        words: &[Value],
        input: Option<Class>,
    ) -> Result<Class, Reason> {
        let is_script = program.text.contains(&b'/');
        if input.is_some() && !is_script && !program.text.starts_with(b"git-") {
            return Err("gives its input to a program that may execute it");
        }
        if is_script && largest(words) < Foreign {
            return self.others(words, true);
        }
        self.others(words, false)
    }

    /// Words of a program that may start something. `takes`: whatever its user gives it.
    fn others(&mut self, words: &[Value], takes: bool) -> Result<Class, Reason> {
        for (at, word) in words.iter().enumerate() {
            let before = at.checked_sub(1).map(|before| &words[before]);
            let of_option =
                before.is_some_and(|before| before.text.starts_with(b"-") && before.text != b"--");
            let tool = |word: &Value| {
                word.variable
                    .as_deref()
                    .is_some_and(|name| OF_TOOLS.contains(&name))
            };
            let whole = word.is_given();
            let url = word.begins && word.text.windows(3).any(|three| three == b"://");
            let computed = match word.class {
                Literal => false,
                Foreign => true,
                _ if takes || tool(word) => false,
                _ if of_tool_option(word) => false,
                Given | Data => {
                    of_option || !(whole || url || word.class == Data && word.text.is_empty())
                }
            };
            if computed {
                return Err("computes words of a program that may execute them");
            }
            if word.class > Literal {
                continue;
            }
            let rest = &words[at + 1..];
            // It may start what is among its words, or take one for a command.
            match kind(program_name(&word.text)) {
                Kind::Shell | Kind::Interpreter | Kind::Starts | Kind::Special
                    if word.text != b"." && !word.text.starts_with(b"-") =>
                {
                    self.run(&words[at..], None)?;
                }
                Kind::Closed if !takes && !rest.is_empty() => {
                    self.run(&words[at..], None)?;
                }
                _ if !takes && is_command(&word.text) => {
                    self.list(&word.text, None)?;
                }
                _ => {}
            }
        }
        Ok(Foreign)
    }
}

/// Whether a part of it is a file of git's tools, behind an option's name.
fn of_tool_option(word: &Value) -> bool {
    word.class == Given
        && word.begins
        && word.text.ends_with(b"=")
        && word.text.starts_with(b"--out")
}
