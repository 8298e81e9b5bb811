//! What programs do with their words.
//!
//! Pure.

use super::super::programs::{Kind, OF_TOOLS, kind};
use super::super::shapes::{is_command, program_name};
use super::super::text_tools::{awk_is_plain, editor_is_plain, sed_is_plain};
use super::super::words::Reason;
use super::Class::{Data, Foreign, Given, Literal};
use super::{Class, Judge, Value, assignment, item, largest, setting_of_program};

/// Letters of a shell's options that decide nothing.
const SHELL_LETTERS: &[u8] = b"eufnvxl";

impl Judge {
    /// Reads a program with its words. Returns what it says.
    pub(super) fn run(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
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
    fn start(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
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

    /// A program that shows what it is given, with another one that it starts for that.
    fn shows(&mut self, words: &[Value]) -> Result<Class, Reason> {
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

    fn editor(&mut self, words: &[Value]) -> Result<(), Reason> {
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

    fn shell(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            if word.class > Literal {
                return Err("computes what a shell executes");
            }
            rest = after;
            match &word.text[..] {
                b"-o" | b"+o" => rest = after.get(1..).unwrap_or_default(),
                b"--" => break,
                [b'-' | b'+', letters @ .., b'c'] if plain(letters) => {
                    let [command, given @ ..] = after else {
                        return Err("has a shell without a command");
                    };
                    if command.class > Literal {
                        return Err("computes what a shell executes");
                    }
                    self.gives(given);
                    return self.list(&command.text, input);
                }
                [b'-', letters @ .., b'o'] if plain(letters) => {
                    rest = after.get(1..).unwrap_or_default()
                }
                [b'-' | b'+', letters @ ..] if !letters.is_empty() && plain(letters) => {}
                [b'-' | b'+', ..] => {
                    return Err("has an option of a shell that may execute something");
                }
                _ => {
                    rest = &words[words.len() - rest.len() - 1..];
                    break;
                }
            }
        }
        self.script(rest)
    }

    /// A script with what it is given.
    fn script(&mut self, words: &[Value]) -> Result<Class, Reason> {
        let Some((script, given)) = words.split_first() else {
            return Err("has an interpreter execute its input");
        };
        self.holds_script(script)?;
        match largest(given) {
            Foreign => Err("gives a script words of files"),
            _ => Ok(Foreign),
        }
    }

    fn interpreter(&mut self, name: &[u8], words: &[Value]) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            if word.class > Literal {
                return Err("computes what an interpreter executes");
            }
            match &word.text[..] {
                b"-u" | b"-w" | b"-B" | b"-s" | b"-E" | b"-q" if name != b"." => rest = after,
                b"-m" if name == b"python" => {
                    let Some(module) = after.first().filter(|module| module.class == Literal)
                    else {
                        return Err("computes what an interpreter executes");
                    };
                    if self.moved || module.text.contains(&b'/') || module.may_be_option() {
                        return Err("executes something that is seen from where the user is");
                    }
                    let name = module
                        .text
                        .split(|byte| *byte == b'.')
                        .next()
                        .unwrap_or_default();
                    self.held.insert([name, b".py"].concat());
                    return match largest(&after[1..]) {
                        Foreign => Err("gives a script words of files"),
                        _ => Ok(Foreign),
                    };
                }
                [b'-', ..] => {
                    return Err("has code of another language, or an option that may be executed");
                }
                _ => return self.script(rest),
            }
        }
        self.script(rest)
    }

    /// A program that starts another one.
    fn starts(
        &mut self,
        name: &[u8],
        words: &[Value],
        input: Option<Class>,
    ) -> Result<Class, Reason> {
        let mut rest = words;
        if name == b"command"
            && rest
                .first()
                .is_some_and(|word| word.is(b"-v") || word.is(b"-V"))
        {
            return Ok(Given);
        }
        while let [word, after @ ..] = rest {
            if !(word.begins && word.text.starts_with(b"-")) {
                break;
            }
            match (&word.text[..], name) {
                (b"-n" | b"-c", b"nice" | b"ionice") => rest = after.get(1..).unwrap_or_default(),
                (b"-p" | b"-v" | b"-E" | b"-H" | b"--foreground" | b"--", _)
                    if word.class == Literal =>
                {
                    rest = after
                }
                ([b'-', b'i' | b'o' | b'e', ..], b"stdbuf") if word.class == Literal => {
                    rest = after
                }
                ([b'-', digit, ..], b"nice") if digit.is_ascii_digit() => rest = after,
                _ => return Err("starts a program with an option that is not understood"),
            }
        }
        if name == b"timeout" {
            let Some((time, after)) = rest.split_first() else {
                return Ok(Given);
            };
            if time.class > Data
                || !time
                    .text
                    .iter()
                    .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'.')
            {
                return Err("starts a program with an option that is not understood");
            }
            rest = after;
        }
        while let Some((name, value)) = rest.first().and_then(setting_of_program) {
            self.set(&name, &value)?;
            rest = &rest[1..];
        }
        self.start(rest, input)
    }

    fn enters(&mut self, words: &[Value]) -> Result<Class, Reason> {
        let is_option = |word: &&Value| {
            [&b"-P"[..], b"-L", b"--", b"-e"]
                .iter()
                .any(|option| word.is(option))
        };
        let skip = words.iter().take_while(is_option).count();
        match &words[skip..] {
            [] => self.moved = true,
            [folder] => self.holds_folder(folder)?,
            _ => return Err("works in a folder that it computes"),
        }
        Ok(Given)
    }

    fn env(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            if let Some((name, value)) = setting_of_program(word) {
                self.set(&name, &value)?;
                rest = after;
            } else if word.begins && word.text.starts_with(b"-") {
                match (&word.text[..], after) {
                    (b"-i" | b"-0" | b"-" | b"--" | b"--ignore-environment", _)
                        if word.class == Literal =>
                    {
                        rest = after
                    }
                    (b"-u", [_, after @ ..]) => rest = after,
                    (b"-C" | b"--chdir", [folder, after @ ..]) if word.class == Literal => {
                        self.holds_folder(folder)?;
                        rest = after;
                    }
                    (
                        [b'-', b'-', b'c', b'h', b'd', b'i', b'r', b'=', folder @ ..]
                        | [b'-', b'C', folder @ ..],
                        _,
                    ) if !folder.is_empty() => {
                        self.holds_folder(&word.part(folder))?;
                        rest = after;
                    }
                    _ => return Err("starts a program with an option that is not understood"),
                }
            } else {
                break;
            }
        }
        self.start(rest, input)
    }

    fn xargs(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
        let mut given = item();
        given.class = input.unwrap_or(Foreign).max(Given);
        let mut marker: Option<Vec<u8>> = None;
        let mut rest = words;
        while let [word, after @ ..] = rest {
            if !(word.begins && word.text.starts_with(b"-")) {
                break;
            }
            if word.class > Literal {
                return Err("computes an option of xargs'");
            }
            rest = after;
            match &word.text[..] {
                b"-n" | b"-L" | b"-P" | b"-d" | b"-s" => rest = after.get(1..).unwrap_or_default(),
                b"-I" => {
                    marker = after.first().map(|word| word.text.clone());
                    rest = after.get(1..).unwrap_or_default();
                }
                b"-i" => marker = Some(b"{}".into()),
                [b'-', b'I' | b'i', of @ ..] => marker = Some(of.into()),
                b"--null" | b"--no-run-if-empty" | b"--verbose" | b"--interactive" | b"--" => {}
                [b'-', b'n' | b'L' | b'P' | b'd' | b's', _, ..] => {}
                [b'-', letters @ ..]
                    if !letters.is_empty()
                        && letters.iter().all(|byte| b"0rtpx".contains(byte)) => {}
                _ => return Err("has an option of xargs' that is not understood"),
            }
        }
        let mut words: Vec<Value> = rest.to_vec();
        match marker {
            Some(marker) => put(&mut words, &marker, given.class),
            None => words.push(given),
        }
        match rest.is_empty() {
            true => Ok(input.unwrap_or(Foreign)),
            // The input is read, and not passed on.
            false => self.start(&words, None),
        }
    }

    fn find(&mut self, words: &[Value]) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            rest = after;
            if word.class > Given || word.may_be_option() && word.class > Literal {
                return Err("computes what is searched, or an option of it");
            }
            match &word.text[..] {
                b"-exec" | b"-ok" => {
                    let ends = |word: &Value| word.is(b";") || word.is(b"+");
                    let end = after.iter().position(ends).unwrap_or(after.len());
                    let mut words = after[..end].to_vec();
                    put(&mut words, b"{}", Foreign);
                    self.start(&words, Some(Foreign))?;
                    rest = after.get(end + 1..).unwrap_or_default();
                }
                b"-execdir" | b"-okdir" => {
                    return Err("executes something in each folder that it finds");
                }
                text if text.starts_with(b"-f")
                    && text != b"-follow"
                    && text != b"-false"
                    && text != b"-fstype" =>
                {
                    return Err("writes a file that may be executed");
                }
                _ => {}
            }
        }
        Ok(Foreign)
    }

    fn reads(&mut self, words: &[Value]) -> Result<Class, Reason> {
        let mut rest = words;
        while let [word, after @ ..] = rest {
            rest = after;
            match &word.text[..] {
                _ if word.class > Literal => return Err("computes the name of a variable"),
                b"-p" | b"-t" | b"-n" | b"-d" | b"-N" => rest = after.get(1..).unwrap_or_default(),
                [b'-', letters @ ..] if letters.iter().all(|byte| b"rse".contains(byte)) => {}
                [b'-', b'n' | b'd' | b'N', ..] => {}
                [b'-', letters @ .., b'p'] if letters.iter().all(|byte| b"rse".contains(byte)) => {
                    rest = after.get(1..).unwrap_or_default();
                }
                name => self.assign(name, Foreign)?,
            }
        }
        Ok(Foreign)
    }

    fn sets(&mut self, words: &[Value]) -> Result<Class, Reason> {
        let given = words.iter().position(|word| word.is(b"--"));
        let options = &words[..given.unwrap_or(words.len())];
        let plain = |word: &Value| {
            word.class == Literal
                && (word
                    .text
                    .strip_prefix(b"-")
                    .or(word.text.strip_prefix(b"+")))
                .is_none_or(|letters| letters.iter().all(|byte| b"euxfvo".contains(byte)))
        };
        if !options.iter().all(plain) {
            return Err("computes the options of a shell");
        }
        self.gives(words);
        Ok(Given)
    }

    fn declares(&mut self, words: &[Value]) -> Result<Class, Reason> {
        for word in words {
            match assignment(word) {
                Some((name, value)) => self.set(&name, &value)?,
                None if word.is(b"-r") || word.is(b"-x") || word.is(b"-g") => {}
                None if word.class == Literal && !word.text.starts_with(b"-") => {
                    self.assign(&word.text, Literal)?
                }
                None => return Err("computes the name of a variable"),
            }
        }
        Ok(Given)
    }

    fn fzf(&mut self, words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
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

    fn ssh(&mut self, words: &[Value]) -> Result<Class, Reason> {
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

/// Whether a part of it is a file of git's tools, behind an option's name.
fn of_tool_option(word: &Value) -> bool {
    word.class == Given
        && word.begins
        && word.text.ends_with(b"=")
        && word.text.starts_with(b"--out")
}

fn plain(letters: &[u8]) -> bool {
    letters.iter().all(|byte| SHELL_LETTERS.contains(byte))
}

/// Puts what is given one by one in the place of a text.
fn put(words: &mut [Value], marker: &[u8], class: Class) {
    for word in words.iter_mut() {
        let at = word
            .text
            .windows(marker.len().max(1))
            .position(|window| window == marker);
        if let Some(at) = at {
            word.class = word.class.max(class);
            word.begins &= at > 0;
            word.variable = None;
        }
    }
}

fn filter(
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

fn awk(words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
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

fn sed(words: &[Value], input: Option<Class>) -> Result<Class, Reason> {
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
fn curl(words: &[Value]) -> Result<Class, Reason> {
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
