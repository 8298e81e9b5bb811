//! Git repositories with known authors and dates, and what git itself says of
//! them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

/// A repository in a folder of its own.
pub(crate) struct Repository(TempDir);

impl Repository {
    /// One without any commit.
    pub(crate) fn empty() -> Self {
        let repository = Self(tempfile::tempdir().expect("a folder"));
        repository.git(&["init", "--quiet", "--initial-branch=main"]);
        repository
    }

    /// One with several authors, of whom some have odd names.
    pub(crate) fn with_commits() -> Self {
        let repository = Self::empty();
        let commits = [
            ("Ann", "ann@example.org", "2020-01-01T00:00:00+00:00"),
            ("Ann", "ann@example.org", "2021-03-04T05:06:07+02:00"),
            (
                "Bé \"the\" O'Neil",
                "b@example.org",
                "2021-03-05T05:06:07-11:30",
            ),
            ("Ünï 名前 🦀", "u@example.org", "2022-01-01T12:00:00+00:00"),
            ("Ann", "other@example.org", "2022-01-02T12:00:00+00:00"),
            ("ann\tTab\\n", "t@example.org", "2022-01-03T12:00:00+00:00"),
            ("ﬀ ligature", "l@example.org", "2022-01-04T12:00:00+00:00"),
            ("$(touch x); `y` %aN", "", "2023-06-07T08:09:10+05:45"),
        ];
        for (name, email, date) in commits {
            repository.commit(name, email, date);
        }
        repository
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path as text.
    pub(crate) fn name(&self) -> &str {
        self.path().to_str().expect("UTF-8")
    }

    pub(crate) fn commit(&self, name: &str, email: &str, date: &str) {
        let mut git = self.command(&["commit", "--quiet", "--allow-empty", "--message", "change"]);
        git.env("GIT_AUTHOR_NAME", name)
            .env("GIT_AUTHOR_EMAIL", email)
            .env("GIT_AUTHOR_DATE", date)
            .env("GIT_COMMITTER_NAME", "Committer")
            .env("GIT_COMMITTER_EMAIL", "committer@example.org")
            .env("GIT_COMMITTER_DATE", date);
        output_of(&mut git);
    }

    /// Runs git on it and gives its output.
    pub(crate) fn git(&self, args: &[&str]) -> String {
        output_of(&mut self.command(args))
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .args(args)
            .current_dir(self.path());
        git
    }

    /// The report that is right, by what git says of each commit.
    pub(crate) fn expected_report(&self, limit: usize) -> Value {
        let log = self.git(&["log", "--format=%aI%n%aN%n%aE"]);
        let fields: Vec<&str> = log.lines().collect();
        let all: Vec<&[&str]> = fields.chunks(3).collect();
        let commits = &all[..limit.min(all.len())];
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for commit in commits {
            *counts.entry((commit[1], commit[2])).or_default() += 1;
        }
        let mut authors: Vec<_> = counts.into_iter().collect();
        authors.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        json!({
            "repository": "/workspace",
            "commits": commits.len(),
            "authors": authors.iter().map(|((name, email), commits)| json!({
                "name": name, "email": email, "commits": commits,
            })).collect::<Vec<_>>(),
            "first": commits.last().map(|commit| commit[0]),
            "last": commits.first().map(|commit| commit[0]),
            "truncated": all.len() > limit,
        })
    }
}

fn output_of(command: &mut Command) -> String {
    let output = command.output().expect("git starts");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}
