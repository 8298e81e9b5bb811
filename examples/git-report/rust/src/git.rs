//! Asks git for the newest commits.

use boll_sdk::process::Command;
use boll_sdk::{Failure, log};

/// One commit, as far as the report needs it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Commit {
    /// When its author made it, in ISO 8601.
    pub(crate) date: String,
    pub(crate) name: String,
    pub(crate) email: String,
}

/// The newest commits, the newest first; none in a repository that is still
/// empty.
pub(crate) fn newest_commits(at_most: u64) -> Result<Vec<Commit>, Failure> {
    let mut git = Command::new("git");
    git.args(["-c", "safe.directory=/workspace", "log", "-z"])
        .arg(format!("--max-count={at_most}"))
        .arg("--format=%aI%x00%aN%x00%aE")
        .capture_limit(16 << 20);
    log::info!(arguments = git.get_args().join(" "); "running git");
    let output = git.output()?;
    log::info!(status = output.status.to_string(); "git ended");

    let complaint = output.stderr_lossy();
    if complaint.contains("does not have any commits yet") {
        Ok(Vec::new())
    } else if !output.status.success() {
        let complaint = complaint.trim_end();
        Err(Failure::new(format!("git: {}: {complaint}", output.status)))
    } else if output.stdout_dropped > 0 {
        Err(Failure::new(
            "the commits take too much space: lower `limit`",
        ))
    } else {
        Ok(parse(&output.stdout_lossy()))
    }
}

/// Reads the fields of the commits. Each ends with NUL, which none can contain.
pub(crate) fn parse(text: &str) -> Vec<Commit> {
    let fields: Vec<_> = text.split_terminator('\0').map(str::to_owned).collect();
    let (commits, _) = fields.as_chunks();
    commits
        .iter()
        .cloned()
        .map(|[date, name, email]| Commit { date, name, email })
        .collect()
}
