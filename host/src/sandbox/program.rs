//! Finds a program the way the sandbox will: in its PATH, in its view of the machine.

use std::path::Path;

use rustix::fs::FileType;
use rustix::io::Errno;

use super::inside::PATH;
use super::view::{Changeable, Found, Lost, View};
use crate::policy::{Execution, ResolvedProgram};

/// Why there is nothing to execute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProgramError {
    /// No such program in the sandbox's PATH, or no such path in the sandbox.
    #[error("no program `{0}` in the sandbox")]
    NotFound(String),
    /// The path leads to something that cannot be executed.
    #[error("`{0}` is not an executable file")]
    NotExecutable(String),
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
        for directory in PATH {
            match self.executable(&Path::new(directory).join(name), name) {
                Ok(program) => return Ok(program),
                Err(error @ ProgramError::NotExecutable(_)) => result = Err(error),
                Err(ProgramError::NotFound(_)) => {}
            }
        }
        result
    }

    fn executable(&self, path: &Path, name: &str) -> Result<ResolvedProgram, ProgramError> {
        const ANY_EXECUTE: u32 = 0o111;
        let found = self.walk(path).map_err(|lost| match lost {
            Lost::Open(Errno::ACCESS) => ProgramError::NotExecutable(name.into()),
            Lost::NotShown | Lost::Missing | Lost::NotADirectory | Lost::Open(_) => {
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
}

#[cfg(test)]
mod tests;
