//! Commands as a capsule asks for them, and as they look once checked.
//!
//! Pure: a [`CommandSpec`] is [`Checked`] by [`CommandSpec::check`], which judges
//! form and size only. Whether it may run is for
//! [`super::Permissions`]; how it runs, for [`crate::sandbox`].

use std::ops::Deref;
use std::time::Duration;

/// A command as a capsule asks for it. Nothing about it is checked, unless it is in a
/// [`Checked`].
#[derive(Debug, Clone, Default)]
pub struct CommandSpec {
    /// A program's name, or an absolute path.
    pub program: String,
    /// The arguments after the program's name.
    pub args: Vec<String>,
    /// The directory to start in; `None` is the workspace.
    pub cwd: Option<String>,
    /// Variables to add to the sandbox's environment.
    pub env: Vec<(String, String)>,
    /// What the program reads.
    pub stdin: Input,
    /// How stdout is kept.
    pub stdout: Keep,
    /// How stderr is kept.
    pub stderr: Keep,
    /// Limits that the capsule asks for.
    pub limits: Limits,
    /// How long the process tree may run.
    pub deadline: Option<Duration>,
    /// A name for logs and listings.
    pub label: Option<String>,
}

/// What a program reads on its standard input.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Input {
    /// End of file at once.
    #[default]
    Null,
    /// These bytes, then end of file.
    Bytes(Vec<u8>),
    /// What the capsule writes later.
    Pipe,
}

/// How the host keeps an output stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Keep {
    /// Discarded.
    #[default]
    Null,
    /// Each line becomes a log line.
    Log,
    /// The newest bytes, as many as given.
    Ring(u64),
    /// A byte stream with backpressure.
    Stream,
}

/// Limits on one command; `None` is the host's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    /// Memory of the process tree, in bytes.
    pub memory: Option<u64>,
    /// Processor time, in seconds.
    pub cpu_seconds: Option<u64>,
    /// Processes and threads at the same time.
    pub pids: Option<u32>,
    /// Open files of each process.
    pub open_files: Option<u32>,
    /// The largest file that may be written, in bytes.
    pub file_size: Option<u64>,
}

/// The sizes that [`CommandSpec::check`] holds a command to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommandSizes {
    /// The bytes of standard input.
    pub stdin: u64,
    /// The bytes of one ring.
    pub ring: u64,
    /// The bytes of a label.
    pub label: u64,
}

impl Default for CommandSizes {
    fn default() -> Self {
        Self {
            stdin: 10 << 20,
            ring: 64 << 20,
            label: 128,
        }
    }
}

/// Something whose form is right: only its own check makes one, and nothing changes
/// it afterwards. A command that was checked still needs permission to run.
///
/// ```compile_fail
/// use boll_host::policy::command::{Checked, CommandSpec};
///
/// let unchecked = Checked(CommandSpec::default());
/// ```
#[derive(Debug, Clone)]
pub struct Checked<T>(T);

impl<T> Deref for Checked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// What is wrong with a command's form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The program's name is empty.
    #[error("the program's name is empty")]
    EmptyProgram,
    /// The program is a relative path.
    #[error("`{0}` is a relative path: name a program, or give an absolute path")]
    RelativeProgram(String),
    /// A NUL byte cannot be handed to a program.
    #[error("{what} has a NUL byte")]
    Nul {
        /// Where it stands.
        what: String,
    },
    /// A variable's name is empty or has `=` in it.
    #[error("`{0}` is not the name of an environment variable")]
    VariableName(String),
    /// Something is over its size limit.
    #[error("{what} has {actual} bytes; the limit is {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit, in bytes.
        limit: u64,
        /// What was given, in bytes.
        actual: u64,
    },
    /// A ring that holds nothing.
    #[error("{what} is kept in a ring of 0 bytes")]
    EmptyRing {
        /// Which stream.
        what: &'static str,
    },
}

impl CommandSpec {
    /// Checks form and sizes.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong, as a [`CommandError`].
    pub fn check(self, sizes: &CommandSizes) -> Result<Checked<Self>, CommandError> {
        if self.program.is_empty() {
            return Err(CommandError::EmptyProgram);
        }
        if self.program.contains('/') && !self.program.starts_with('/') {
            return Err(CommandError::RelativeProgram(self.program));
        }
        no_nul("the program's name", &self.program)?;
        for (index, arg) in self.args.iter().enumerate() {
            if arg.contains('\0') {
                return Err(CommandError::Nul {
                    what: format!("argument {}", index + 1),
                });
            }
        }
        for (name, value) in &self.env {
            if name.is_empty() || name.contains(['=', '\0']) {
                return Err(CommandError::VariableName(name.clone()));
            }
            if value.contains('\0') {
                return Err(CommandError::Nul {
                    what: format!("the variable {name}"),
                });
            }
        }
        if let Some(cwd) = &self.cwd {
            no_nul("the working directory", cwd)?;
        }
        if let Some(label) = &self.label {
            within("the label", label.len() as u64, sizes.label)?;
        }
        if let Input::Bytes(bytes) = &self.stdin {
            within("stdin", bytes.len() as u64, sizes.stdin)?;
        }
        ring_size("stdout", self.stdout, sizes.ring)?;
        ring_size("stderr", self.stderr, sizes.ring)?;
        Ok(Checked(self))
    }
}

fn no_nul(what: &str, text: &str) -> Result<(), CommandError> {
    if text.contains('\0') {
        return Err(CommandError::Nul { what: what.into() });
    }
    Ok(())
}

fn within(what: &'static str, actual: u64, limit: u64) -> Result<(), CommandError> {
    if actual > limit {
        return Err(CommandError::TooLarge {
            what,
            limit,
            actual,
        });
    }
    Ok(())
}

fn ring_size(what: &'static str, keep: Keep, limit: u64) -> Result<(), CommandError> {
    match keep {
        Keep::Ring(0) => Err(CommandError::EmptyRing { what }),
        Keep::Ring(size) => within(what, size, limit),
        Keep::Null | Keep::Log | Keep::Stream => Ok(()),
    }
}

#[cfg(test)]
mod tests;
