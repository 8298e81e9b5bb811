//! `boll check --strict`: whether a capsule would run as it is.

use boll_host::sandbox::SandboxBackend;

use super::Overview;
use crate::failure::{Code, Done, Failure};

/// Fails with everything that a run would lack. `starts` says whether the capsule starts
/// processes, and `how` how to grant what is missing.
pub(super) fn require(
    overview: &Overview,
    starts: bool,
    backend: SandboxBackend,
    how: impl FnOnce() -> Vec<String>,
) -> Done {
    let mut lacks = Vec::new();
    if !overview.missing.is_empty() {
        lacks.push(format!("it is not granted {}", overview.missing.join(", ")));
    }
    if let Some(refused) = &overview.refused {
        lacks.push(format!("the workspace {refused}"));
    }
    if overview.state == "stale" {
        lacks.push("a source is newer than the component".to_owned());
    }
    if starts && backend != SandboxBackend::Bubblewrap {
        lacks.push(format!("the sandbox `{backend}` is weaker than bubblewrap"));
    }
    if !overview.not_asked_for.is_empty() {
        let useless = overview.not_asked_for.join(", ");
        lacks.push(format!(
            "the manifest asks for nothing that {useless} allows"
        ));
    }
    if lacks.is_empty() {
        return Ok(());
    }
    let text = format!(
        "{} would not run as it is: {}",
        overview.id,
        lacks.join("; ")
    );
    let failure = Failure::new(Code::NotGranted, text);
    let hints = match overview.missing.is_empty() {
        true => Vec::new(),
        false => how(),
    };
    Err(hints.into_iter().fold(failure, Failure::hint))
}
