//! What a script needs to run: the interpreter that its first line names.
//!
//! The kernel says of a script without its interpreter that there is no such file, as if
//! the script were missing. So it is looked at before the command starts.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::path::{Path, PathBuf};

use rustix::fs::FileType;

use super::order::{JudgedPath, Order};
use super::program::{showing, to_show};
use super::view::{Lost, View};
use crate::plain::quoted;

/// As much of a script as the kernel looks at.
const LOOKED_AT: u64 = 256;

/// The names of the program that looks an interpreter up in the PATH.
const ENV: [&str; 2] = ["/usr/bin/env", "/bin/env"];

/// Why a script cannot be executed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InterpreterError {
    /// Nothing is there.
    #[error("`{script}` needs the interpreter {interpreter}, which the sandbox does not have")]
    Missing { script: String, interpreter: String },
    /// It leads to what is not shown.
    #[error(
        "`{script}` needs the interpreter {interpreter}, which leads to {}: that is not shown; the \
         operator's file shows it with, in [sandbox]: {}",
        quoted(&at.to_string_lossy()), showing(show)
    )]
    NotShown {
        script: String,
        interpreter: String,
        at: PathBuf,
        show: PathBuf,
    },
}

impl View {
    /// Refuses a script whose interpreter is not there. What cannot be read is left to the
    /// kernel.
    pub(super) fn require_interpreter(&self, order: &Order) -> Result<(), InterpreterError> {
        let Some(line) = self.first_line(&order.program) else {
            return Ok(());
        };
        let Some((interpreter, argument)) = parse(&line) else {
            return Ok(());
        };
        let script = quoted(&String::from_utf8_lossy(&order.program.path));
        let interpreter = Path::new(interpreter);
        if !interpreter.is_absolute() {
            // Relative to wherever it runs.
            return Ok(());
        }
        self.require(&script, interpreter, interpreter)?;
        let by_env = ENV.iter().any(|env| interpreter == *env);
        match argument.filter(|_| by_env).and_then(looked_up) {
            Some(name) => self.require_in_path(&script, name, order),
            None => Ok(()),
        }
    }

    fn require_in_path(
        &self,
        script: &str,
        name: &str,
        order: &Order,
    ) -> Result<(), InterpreterError> {
        if name.contains('/') {
            return Ok(());
        }
        let path = order.env.iter().find(|(variable, _)| variable == "PATH");
        let folders = path.map_or("", |(_, value)| value).split(':');
        let mut folders = folders.filter(|folder| folder.starts_with('/')).peekable();
        if folders.peek().is_none() {
            return Ok(());
        }
        let mut refused = None;
        for folder in folders {
            match self.require(script, Path::new(name), &Path::new(folder).join(name)) {
                Ok(()) => return Ok(()),
                Err(error @ InterpreterError::NotShown { .. }) => refused = Some(error),
                Err(error) => refused = Some(refused.unwrap_or(error)),
            }
        }
        refused.map_or(Ok(()), Err)
    }

    fn require(&self, script: &str, named: &Path, path: &Path) -> Result<(), InterpreterError> {
        let (script, interpreter) = (script.to_owned(), quoted(&named.to_string_lossy()));
        let unshown = || {
            let at = self.unshown(path)?;
            if self.is_hidden_workspace(&at) {
                // A guest that guesses the path is not told that it is right.
                tracing::warn!(
                    interpreter,
                    "a script names the workspace's own path, which is not shown because it is \
                     below a home folder and tells its name; the operator's file shows it with, \
                     in [sandbox]: own-path = true"
                );
            }
            Some(at)
        };
        match self.walk(path) {
            Err(Lost::NotShown) => Err(match unshown() {
                Some(at) => InterpreterError::NotShown {
                    script,
                    interpreter,
                    show: to_show(&at),
                    at,
                },
                None => InterpreterError::Missing {
                    script,
                    interpreter,
                },
            }),
            Err(Lost::Missing | Lost::NotADirectory) => Err(InterpreterError::Missing {
                script,
                interpreter,
            }),
            // What is there and does not run is the kernel's to tell.
            Err(Lost::Open(_)) | Ok(_) => Ok(()),
        }
    }

    /// The first line of a file that is a script.
    fn first_line(&self, program: &JudgedPath) -> Option<String> {
        use std::os::unix::ffi::OsStrExt as _;
        let path = Path::new(std::ffi::OsStr::from_bytes(&program.path));
        let file = match &program.judged {
            Some(file) => file.clone(),
            None => self.walk(path).ok()?.file,
        };
        let stat = rustix::fs::fstat(&file).ok()?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return None;
        }
        let fd = file.as_fd().as_raw_fd();
        let mut text = Vec::new();
        let file = File::open(format!("/proc/self/fd/{fd}")).ok()?;
        file.take(LOOKED_AT).read_to_end(&mut text).ok()?;
        let is_whole = (text.len() as u64) < LOOKED_AT || text.contains(&b'\n');
        let line = text.strip_prefix(b"#!").filter(|_| is_whole)?;
        let line = line.split(|byte| *byte == b'\n').next()?;
        String::from_utf8(line.into()).ok()
    }
}

/// The interpreter and its argument, as the kernel takes a first line apart.
fn parse(line: &str) -> Option<(&str, Option<&str>)> {
    const BLANK: [char; 2] = [' ', '\t'];
    let line = line.trim_matches(BLANK);
    let (interpreter, argument) = line.split_once(BLANK).unwrap_or((line, ""));
    let argument = Some(argument.trim_start_matches(BLANK)).filter(|text| !text.is_empty());
    (!interpreter.is_empty()).then_some((interpreter, argument))
}

/// The program that `env` looks up, where its argument says that plainly.
fn looked_up(argument: &str) -> Option<&str> {
    let words = argument.strip_prefix("-S").unwrap_or(argument);
    let mut words = words.split_ascii_whitespace();
    let plain = |word: &&str| {
        let mut bytes = word.bytes();
        bytes.all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
    };
    words
        .next()
        .filter(plain)
        .filter(|word| !word.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_is_taken_apart_as_the_kernel_does() {
        for (line, expected) in [
            ("/bin/sh", Some(("/bin/sh", None))),
            (" /bin/sh -e x ", Some(("/bin/sh", Some("-e x")))),
            ("\t/usr/bin/env\tnode", Some(("/usr/bin/env", Some("node")))),
            ("", None),
            ("  ", None),
        ] {
            assert_eq!(parse(line), expected, "{line:?}");
        }
    }

    #[test]
    fn what_env_looks_up_is_known_where_it_is_plain() {
        for (argument, expected) in [
            ("python3", Some("python3")),
            ("-S node --flag", Some("node")),
            ("-Sdeno run", Some("deno")),
            ("-i python3", None),
            ("A=B python3", None),
            ("-S A=B x", None),
            ("$X", None),
        ] {
            assert_eq!(looked_up(argument), expected, "{argument}");
        }
    }
}
