//! A capsule that counts a repository's commits by author.

use boll_sdk::{Failure, Json, config, log, process::Command};
use serde::Serialize;

/// What the action `report` answers.
#[derive(Serialize)]
pub struct Report {
    repository: String,
    commits: usize,
    authors: Vec<Author>,
    first: Option<String>,
    last: Option<String>,
    truncated: bool,
}

#[derive(Serialize)]
struct Author {
    name: String,
    email: String,
    commits: usize,
}

/// The capsule.
pub struct GitReport;

#[boll_sdk::capsule]
impl GitReport {
    /// Reports who made how many of the newest commits.
    pub fn report() -> Result<Json<Report>, Failure> {
        let limit: u32 = config::require("limit")?;
        // One more than the limit shows whether there are more.
        let log = newest_commits(u64::from(limit) + 1)?;
        let fields: Vec<_> = log.split_terminator('\0').map(str::to_owned).collect();
        let found = fields.as_chunks::<3>().0;
        let commits = &found[..found.len().min(limit as usize)];
        let truncated = found.len() > commits.len();
        log::info!(commits = commits.len(), truncated = truncated; "read the commits");
        let mut people: Vec<_> = commits.iter().map(|[_, who @ ..]| who).collect();
        people.sort_unstable();
        let author = |alike: &[&[String; 2]]| Author {
            name: alike[0][0].clone(),
            email: alike[0][1].clone(),
            commits: alike.len(),
        };
        let mut authors: Vec<_> = people.chunk_by(PartialEq::eq).map(author).collect();
        authors.sort_by_key(|author| std::cmp::Reverse(author.commits));
        Ok(Json(Report {
            repository: config::get("label")?.unwrap_or_else(|| "/workspace".to_owned()),
            commits: commits.len(),
            authors,
            first: commits.last().map(|[date, ..]| date.clone()),
            last: commits.first().map(|[date, ..]| date.clone()),
            truncated,
        }))
    }
}

/// Asks git for the newest commits: date, name and address, each ended by a NUL.
fn newest_commits(at_most: u64) -> Result<String, Failure> {
    let max = format!("--max-count={at_most}");
    let mut git = Command::new("git");
    git.args(["log", "-z", &max])
        .arg("--format=%aI%x00%aN%x00%aE");
    log::info!(arguments = git.get_args().join(" "); "running git");
    let output = git.capture_limit(16 << 20).output()?;
    log::info!(status = output.status.to_string(); "git ended");
    let complaint = output.stderr_lossy();
    let is_empty = complaint.contains("does not have any commits yet");
    let reason = match output.stdout_dropped {
        0 if is_empty || output.status.success() => return Ok(output.stdout_lossy().into_owned()),
        0 => format!("git: {}: {}", output.status, complaint.trim_end()),
        _ => "the commits take too much space: lower `limit`".to_owned(),
    };
    Err(Failure::new(reason))
}

#[cfg(test)]
mod tests;
