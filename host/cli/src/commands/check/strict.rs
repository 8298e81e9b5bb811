//! `boll check --strict`: whether a capsule would run as it is.

use boll_host::sandbox::SandboxBackend;

use crate::failure::{Code, Done, Failure};

/// What a run of a capsule may lack.
pub(super) struct Lacking<'a> {
    pub(super) id: &'a str,
    /// The grants that are missing.
    pub(super) missing: &'a [String],
    /// Why the workspace would be refused.
    pub(super) refused: Option<&'a str>,
    /// Whether a source is newer than the component.
    pub(super) stale: bool,
    /// Where its processes would run; `None` if it starts none.
    pub(super) backend: Option<SandboxBackend>,
    /// Grants on the command line that allow nothing.
    pub(super) useless: &'a [String],
}

impl Lacking<'_> {
    /// Fails with everything that is lacking. `how` says how to grant what is missing.
    pub(super) fn require_nothing(&self, how: impl FnOnce() -> Vec<String>) -> Done {
        let mut lacks = Vec::new();
        if !self.missing.is_empty() {
            lacks.push(format!("it is not granted {}", self.missing.join(", ")));
        }
        if let Some(refused) = self.refused {
            lacks.push(format!("the workspace {refused}"));
        }
        if self.stale {
            lacks.push("a source is newer than the component".to_owned());
        }
        if let Some(backend) = self
            .backend
            .filter(|one| *one != SandboxBackend::Bubblewrap)
        {
            lacks.push(format!("the sandbox `{backend}` is weaker than bubblewrap"));
        }
        if !self.useless.is_empty() {
            let useless = self.useless.join(", ");
            lacks.push(format!(
                "the manifest asks for nothing that {useless} allows"
            ));
        }
        if lacks.is_empty() {
            return Ok(());
        }
        let text = format!("{} would not run as it is: {}", self.id, lacks.join("; "));
        let failure = Failure::new(Code::NotGranted, text);
        let hints = match self.missing.is_empty() {
            true => Vec::new(),
            false => how(),
        };
        Err(hints.into_iter().fold(failure, Failure::hint))
    }
}
