//! Finds a program the way the sandbox will: in its PATH, in its view of the machine.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};

use super::plan::PATH;
use crate::policy::ResolvedProgram;

/// As many links on one path as the kernel follows.
const MOST_LINKS: u32 = 40;

/// Why there is nothing to execute.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// No such program in the sandbox's PATH, or no such path in the sandbox.
    #[error("no program `{0}` in the sandbox")]
    NotFound(String),
    /// The path leads to something that cannot be executed.
    #[error("`{0}` is not an executable file")]
    NotExecutable(String),
}

/// The sandbox's view: which of its paths exist, and where they are on the host.
#[derive(Debug)]
pub(super) struct View {
    /// Paths that are the same inside and outside.
    pub(super) shared: Vec<PathBuf>,
    /// Where the workspace is on the host.
    pub(super) workspace: PathBuf,
    /// Where the sandbox has it.
    pub(super) workspace_inside: PathBuf,
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
        let not_found = || ProgramError::NotFound(name.into());
        let real = self.real(path).ok_or_else(not_found)?;
        let host = self.on_host(&real).ok_or_else(not_found)?;
        let metadata = match fs::symlink_metadata(host) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                return Err(ProgramError::NotExecutable(name.into()));
            }
            Err(_) => return Err(not_found()),
        };
        if !metadata.is_file() || metadata.permissions().mode() & 0o111 == 0 {
            return Err(ProgramError::NotExecutable(name.into()));
        }
        Ok(ResolvedProgram {
            path: path.into(),
            real,
        })
    }

    /// The path with every link resolved as the sandbox would, which may not be
    /// as the host would: an absolute link in the workspace leads to the
    /// sandbox's root.
    fn real(&self, path: &Path) -> Option<PathBuf> {
        let mut real = PathBuf::from("/");
        let mut rest = parts(path);
        let mut links = 0;
        while let Some(part) = rest.pop_front() {
            if part == ".." {
                real.pop();
                continue;
            }
            real.push(part);
            let Some(target) = self.link(&real) else {
                continue;
            };
            links += 1;
            if links > MOST_LINKS {
                return None;
            }
            real.pop();
            if target.is_absolute() {
                real = PathBuf::from("/");
            }
            for part in parts(&target).into_iter().rev() {
                rest.push_front(part);
            }
        }
        Some(real)
    }

    /// Where a path leads when it is a link that the sandbox has.
    fn link(&self, path: &Path) -> Option<PathBuf> {
        fs::read_link(self.on_host(path)?).ok()
    }

    /// Where a path of the sandbox lies on the host.
    fn on_host(&self, path: &Path) -> Option<PathBuf> {
        if let Ok(below) = path.strip_prefix(&self.workspace_inside) {
            return Some(self.workspace.join(below));
        }
        let shown = self.shared.iter().any(|shared| path.starts_with(shared));
        shown.then(|| path.into())
    }
}

fn parts(path: &Path) -> VecDeque<OsString> {
    path.components()
        .filter_map(|component| match component {
            Component::Normal(part) => Some(part.to_owned()),
            Component::ParentDir => Some("..".into()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => None,
        })
        .collect()
}

#[cfg(test)]
mod tests;
