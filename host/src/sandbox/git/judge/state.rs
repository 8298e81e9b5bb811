//! What a command sets and gives to others, and what it keeps as it is.
//!
//! Pure.

use super::super::decisive;
use super::super::programs::{self, Kind};
use super::super::shell::is_name;
use super::super::words::Reason;
use super::Judge;
use super::value::Class::{self, Foreign, Given, Literal};
use super::value::{ITEM, Value, largest};

impl Judge {
    /// What a function, or a command in this one, is given.
    pub(super) fn gives(&mut self, words: &[Value]) {
        let class = largest(words).max(self.positional()).max(Given);
        self.positional = Some(class);
    }

    pub(super) fn is_function(&self, name: &[u8]) -> bool {
        self.functions.contains(name)
    }

    /// Sets a variable to what is not a command.
    pub(super) fn assign(&mut self, name: &[u8], class: Class) -> Result<(), Reason> {
        let is_word = |name: &[u8]| !name.is_empty() && name.iter().all(is_name);
        if !is_word(name) || !decisive::is_plain_variable(name) {
            return Err("sets a variable that may decide what is executed");
        }
        let held = self.variables.entry(name.into()).or_insert(class);
        *held = class.max(*held);
        Ok(())
    }

    pub(super) fn set(&mut self, name: &[u8], value: &Value) -> Result<(), Reason> {
        if !decisive::COMMANDS.contains(&name) {
            return self.assign(name, value.class);
        }
        if value.class > Literal {
            return Err("computes a command that it sets");
        }
        self.list(&value.text, Some(Foreign))?;
        self.variables.insert(name.into(), Foreign);
        Ok(())
    }

    /// Whether it is an editor or the like of the user's environment.
    pub(super) fn is_users(&self, value: &Value) -> bool {
        let variable = value.variable.as_deref().unwrap_or_default();
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        let is_plain = value.default.iter().all(is_name)
            && matches!(
                programs::kind(&value.default),
                Kind::Editor | Kind::Shows | Kind::Unknown
            );
        is_plain
            && decisive::EDITORS.contains(&variable)
            && !self.variables.contains_key(variable)
            && value.class == Given
    }

    /// Keeps a script, or a program that is a path.
    pub(super) fn holds_script(&mut self, word: &Value) -> Result<(), Reason> {
        let text = &word.text;
        if word.class > Literal {
            return Err("computes what it executes");
        }
        if text.is_empty()
            || text.starts_with(b"-")
            || is_put_in(text)
            || text.starts_with(b"/dev/")
            || text.starts_with(b"/proc/")
        {
            return Err("executes its input, or what git puts in");
        }
        if self.moved && !text.starts_with(b"/") && !text.starts_with(b"~") && !word.top {
            return Err("executes something that is seen from where the user is");
        }
        self.executes = true;
        self.held.insert(text.clone());
        Ok(())
    }

    /// Keeps a folder that something works in.
    pub(super) fn holds_folder(&mut self, word: &Value) -> Result<(), Reason> {
        if self.is_where_the_user_is(word) {
            self.moved = true;
            return Ok(());
        }
        if word.class > Literal || is_put_in(&word.text) {
            return Err("works in a folder that it computes");
        }
        if self.moved && !word.text.starts_with(b"/") && !word.text.starts_with(b"~") && !word.top {
            return Err("works in a folder that is seen from where the user is");
        }
        let mut parts = word.text.split(|byte| *byte == b'/');
        let is_here =
            !word.text.starts_with(b"/") && parts.all(|part| matches!(part, b"" | b"." | b".."));
        if matches!(&word.text[..], b"/" | b"~" | b"~/" | b"-" | b"")
            || is_here && word.text.windows(2).any(|two| two == b"..")
        {
            self.moved = true;
        } else if !is_here {
            self.held.insert(word.text.clone());
        }
        Ok(())
    }

    pub(super) fn is_where_the_user_is(&self, word: &Value) -> bool {
        let variable = word.variable.as_deref().unwrap_or_default();
        matches!(variable, b"GIT_PREFIX" | b"OLDPWD" | b"PWD")
            && matches!(&word.default[..], b"" | b"." | b"./")
            && !self.variables.contains_key(variable)
            || word.is(b"-")
    }

    /// Runs what is behind an option as a command with what is given one by one.
    pub(super) fn with_items(&mut self, text: &[u8]) -> Result<Class, Reason> {
        let (mut opened, mut rest) = (Vec::new(), text);
        while let Some(at) = rest.iter().position(|byte| *byte == b'{') {
            let end = rest[at..].iter().position(|byte| *byte == b'}');
            let end = end.ok_or("has a bracket that does not end")?;
            opened.extend(&rest[..at]);
            opened.extend(b"${");
            opened.extend(ITEM);
            opened.push(b'}');
            rest = &rest[at + end + 1..];
        }
        opened.extend(rest);
        self.list(&opened, Some(Foreign))
    }
}

/// Whether git, or a program around it, may put something in.
pub(super) fn is_put_in(text: &[u8]) -> bool {
    text.contains(&b'%') || text.windows(2).any(|two| two == b"{}")
}
