//! A capsule that counts a repository's commits by author.

mod git;

use boll_sdk::{Failure, Json, config, log};
use git::Commit;
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The capsule.
pub struct GitReport;

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

#[boll_sdk::capsule]
impl GitReport {
    /// Reports who made how many of the newest commits.
    pub fn report() -> Result<Json<Report>, Failure> {
        let limit: u32 = config::require("limit")?;
        let label: Option<String> = config::get("label")?;

        // One more than the limit shows whether there are more.
        let mut commits = git::newest_commits(u64::from(limit) + 1)?;
        let truncated = commits.len() > limit as usize;
        commits.truncate(limit as usize);
        log::info!(commits = commits.len(), truncated = truncated; "read the commits");

        Ok(Json(Report {
            repository: label.unwrap_or_else(|| "/workspace".to_owned()),
            commits: commits.len(),
            authors: count_authors(&commits),
            first: commits.last().map(|commit| commit.date.clone()),
            last: commits.first().map(|commit| commit.date.clone()),
            truncated,
        }))
    }
}

/// The authors, the busiest first, then by name and address.
fn count_authors(commits: &[Commit]) -> Vec<Author> {
    let mut counts = BTreeMap::new();
    for commit in commits {
        *counts.entry((&commit.name, &commit.email)).or_default() += 1;
    }
    let counted = counts.into_iter();
    let mut authors: Vec<_> = counted
        .map(|((name, email), commits)| Author {
            name: name.clone(),
            email: email.clone(),
            commits,
        })
        .collect();
    authors.sort_by_key(|author| Reverse(author.commits));
    authors
}

#[cfg(test)]
mod tests;
