//! A small git repository for `boll demo`, where there is none to report on.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::report::reporter::Reporter;
use crate::toolchain::run::quietly;

/// Author, address and time of each commit.
const COMMITS: [(&str, &str, &str); 3] = [
    ("Ann", "ann@example.org", "2024-05-01T10:00:00+02:00"),
    ("Bea", "bea@example.org", "2024-05-02T10:00:00+02:00"),
    ("Ann", "ann@example.org", "2024-05-03T10:00:00+02:00"),
];

/// A folder for the repository, which goes with this.
pub(crate) struct SampleRepository {
    _folder: TempDir,
    path: PathBuf,
}

impl SampleRepository {
    /// Makes the folder. It is no repository yet: git may be missing.
    pub(crate) fn new() -> Done<Self> {
        let failed = || "cannot make a folder for a repository".to_owned();
        let folder = tempfile::Builder::new().prefix("boll-demo-").tempdir();
        let folder = folder.or_fail(Code::Machine, failed)?;
        let path = folder
            .path()
            .canonicalize()
            .or_fail(Code::Machine, failed)?;
        Ok(Self {
            _folder: folder,
            path,
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the repository with its commits.
    pub(crate) fn fill(&self, reporter: &Reporter) -> Done {
        self.git(&["init", "--quiet", "--template="], None, reporter)?;
        for (number, commit) in COMMITS.iter().enumerate() {
            let file = self.path.join("notes.txt");
            fs::write(&file, format!("note {number}\n"))
                .or_fail(Code::Machine, || format!("cannot write {}", file.display()))?;
            self.git(&["add", "notes.txt"], None, reporter)?;
            let message = format!("--message=note {number}");
            self.git(&["commit", "--quiet", &message], Some(*commit), reporter)?;
        }
        Ok(())
    }

    /// Runs git without anybody's settings.
    fn git(
        &self,
        arguments: &[&str],
        commit: Option<(&str, &str, &str)>,
        reporter: &Reporter,
    ) -> Done {
        let mut git = Command::new("git");
        git.args(arguments)
            .current_dir(&self.path)
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("LC_ALL", "C.UTF-8")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null");
        if let Some((name, address, time)) = commit {
            git.env("GIT_AUTHOR_NAME", name)
                .env("GIT_AUTHOR_EMAIL", address)
                .env("GIT_AUTHOR_DATE", time)
                .env("GIT_COMMITTER_NAME", name)
                .env("GIT_COMMITTER_EMAIL", address)
                .env("GIT_COMMITTER_DATE", time);
        }
        let finished = quietly(&mut git, None, reporter).or_code(Code::Machine)?;
        if finished.status.success() {
            return Ok(());
        }
        let text = format!("`git {}` failed:\n{}", arguments.join(" "), finished.output);
        Err(Failure::new(Code::Machine, text))
    }
}
