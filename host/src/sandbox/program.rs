//! Finds a program the way the sandbox will: in its PATH, in its view of the machine.

use std::path::{Path, PathBuf};

use rustix::fs::FileType;
use rustix::io::Errno;

use super::view::{Changeable, Found, Lost, View};
use crate::plain::{quoted, toml_string};
use crate::policy::{Execution, FileAccess, ResolvedProgram, Surroundings};

/// Why there is nothing to execute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// No such program in the sandbox's PATH, or no such path in the sandbox.
    #[error("no program `{}` in the sandbox", quoted(.0))]
    NotFound(String),
    /// The path leads to something that cannot be executed.
    #[error("`{}` is not an executable file", quoted(.0))]
    NotExecutable(String),
    /// The path leads to what the sandbox does not show. Whether there is something is not
    /// told: who asks may be a guest.
    #[error(
        "no program `{}` in the sandbox: {}, which is not shown; the operator's file shows \
         it with, in [sandbox]: {}",
        quoted(name),
        led(name, at),
        showing(show)
    )]
    NotShown {
        /// As it was asked for.
        name: String,
        /// Where it leads.
        at: PathBuf,
        /// What has to be shown.
        show: PathBuf,
    },
}

/// How a name leads to a path, for a sentence that goes on with `which`.
fn led(name: &str, at: &Path) -> String {
    match at.to_str() == Some(name) {
        true => "it is a path".to_owned(),
        false => format!("it leads to {}", quoted(&at.to_string_lossy())),
    }
}

/// Returns the line of the operator's file that shows a path. A link to it may be a stranger's.
pub(super) fn showing(path: &Path) -> String {
    format!("read-only = [{}]", toml_string(&path.to_string_lossy()))
}

impl View {
    /// Finds `name`: a bare name in the PATH, an absolute path as it is.
    pub(super) fn resolve(&self, name: &str) -> Result<ResolvedProgram, ProgramError> {
        if name.starts_with('/') {
            return self.executable(Path::new(name), name);
        }
        let not_found = ProgramError::NotFound(name.into());
        if matches!(name, "" | "." | "..") || name.contains('/') {
            return Err(not_found);
        }
        // As a shell does: a file that cannot be executed counts only when
        // there is no better one further on.
        let mut result = Err(not_found);
        for directory in self.path() {
            let path = directory.join(name);
            match (self.executable(&path, name), &result) {
                (Ok(program), _) => return Ok(program),
                (Err(ProgramError::NotFound(_)), _) => {}
                // There is no such directory.
                (Err(ProgramError::NotShown { at, .. }), _) if at == path => {}
                // What can be shown says more than what cannot be executed.
                (Err(ProgramError::NotExecutable(_)), Err(ProgramError::NotShown { .. })) => {}
                (Err(error), _) => result = Err(error),
            }
        }
        result
    }

    fn executable(&self, path: &Path, name: &str) -> Result<ResolvedProgram, ProgramError> {
        const ANY_EXECUTE: u32 = 0o111;
        let found = self.walk(path).map_err(|lost| match lost {
            Lost::Open(Errno::ACCESS) => ProgramError::NotExecutable(name.into()),
            Lost::NotShown => self.not_shown(path, name),
            Lost::Missing | Lost::NotADirectory | Lost::Open(_) => {
                ProgramError::NotFound(name.into())
            }
        })?;
        let Found {
            real,
            file,
            stat,
            changeable,
        } = found;
        let is_file = FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile;
        if !is_file || stat.st_mode & ANY_EXECUTE == 0 {
            return Err(ProgramError::NotExecutable(name.into()));
        }
        Ok(ResolvedProgram {
            execution: match changeable {
                Changeable::Nothing => Execution::Named,
                Changeable::Links => Execution::Real,
                Changeable::Real => Execution::Judged(file),
            },
            ..ResolvedProgram::new(path, real)
        })
    }

    /// Why a path that is not shown to its end has no program.
    fn not_shown(&self, path: &Path, name: &str) -> ProgramError {
        match self.unshown(path) {
            Some(at) => ProgramError::NotShown {
                name: name.into(),
                show: to_show(&at),
                at,
            },
            None => ProgramError::NotFound(name.into()),
        }
    }
}

/// Returns what an operator would show for a program to run: the folder that its `bin` lies
/// in, since it hardly runs without what is beside, or itself, where that folder is not
/// its own or would expose too much.
#[must_use]
pub fn to_show(program: &Path) -> PathBuf {
    const OF_PROGRAMS: [&str; 3] = ["bin", "sbin", "libexec"];
    let folder = program.parent().filter(|folder| {
        let name = folder.file_name();
        name.is_some_and(|name| OF_PROGRAMS.iter().any(|known| name == *known))
    });
    let prefix = folder.and_then(Path::parent);
    let own = prefix.filter(|prefix| {
        let judged = Surroundings::default().judge(prefix, FileAccess::Read);
        // `/opt` and the like have something of many in them.
        prefix.components().count() > 2 && judged.is_ok()
    });
    own.unwrap_or(program).to_owned()
}

#[cfg(test)]
mod tests;
