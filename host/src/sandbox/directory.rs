//! Finds the directory that a command starts in.

use std::path::{Component, Path, PathBuf};

use rustix::fs::FileType;
use rustix::io::Errno;

use super::inside::WORKSPACE;
use super::order::JudgedPath;
use super::view::{Lost, View};

/// Why a process cannot start in a directory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DirectoryError {
    #[error("`{0}` is outside of the workspace")]
    Outside(String),
    #[error("there is no directory `{0}` in the workspace")]
    Missing(String),
    #[error("`{0}` is not a directory")]
    NotADirectory(String),
    #[error("cannot open `{path}` in the workspace: {error}")]
    Open { path: String, error: Errno },
}

impl View {
    /// A working directory that exists, where the init finds the workspace at `inside`.
    pub(super) fn working_directory(
        &self,
        cwd: Option<&str>,
        inside: &str,
    ) -> Result<JudgedPath, DirectoryError> {
        let Some(cwd) = cwd else {
            return Ok(inside.into());
        };
        let outside = || DirectoryError::Outside(cwd.into());
        let relative = relative(cwd).ok_or_else(outside)?;
        let found = self.walk(&self.workspace_inside().join(relative));
        let found = found.map_err(|lost| match lost {
            Lost::NotShown | Lost::Open(Errno::LOOP) => outside(),
            Lost::Missing => DirectoryError::Missing(cwd.into()),
            Lost::NotADirectory => DirectoryError::NotADirectory(cwd.into()),
            Lost::Open(error) => DirectoryError::Open {
                path: cwd.into(),
                error,
            },
        })?;
        let below = found.real.strip_prefix(self.workspace_inside());
        let below = below.map_err(|_| outside())?;
        if FileType::from_raw_mode(found.stat.st_mode) != FileType::Directory {
            return Err(DirectoryError::NotADirectory(cwd.into()));
        }
        if below.as_os_str().is_empty() {
            return Ok(inside.into());
        }
        Ok(JudgedPath {
            path: Path::new(inside)
                .join(below)
                .into_os_string()
                .into_encoded_bytes(),
            judged: Some(found.file),
        })
    }
}

/// The path below the workspace that a capsule means; `None` when it is not below.
fn relative(cwd: &str) -> Option<PathBuf> {
    let path = Path::new(cwd);
    let path = if path.is_absolute() {
        path.strip_prefix(WORKSPACE).ok()?
    } else {
        path
    };
    let mut relative = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            // `..` stays in the path: what it means behind a link the walk finds.
            Component::Normal(_) | Component::ParentDir => relative.push(component),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(relative)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_path_stays_as_it_is() {
        assert_eq!(relative("a/./b"), Some("a/b".into()));
        assert_eq!(relative("."), Some("".into()));
        assert_eq!(relative("../x"), Some("../x".into()));
    }

    #[test]
    fn an_absolute_path_must_name_the_workspace() {
        assert_eq!(relative("/workspace/a"), Some("a".into()));
        assert_eq!(relative("/workspace"), Some("".into()));
        assert_eq!(relative("/workspaces"), None);
        assert_eq!(relative("/etc"), None);
    }
}
