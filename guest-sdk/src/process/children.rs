//! Finding children again.

use super::{Child, ChildError, Phase};
use crate::host;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::time::SystemTime;

/// Names a child, for this capsule and principal only. Its text may be kept
/// and given back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChildId(String);

impl ChildId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for ChildId {
    fn from(id: String) -> Self {
        Self(id)
    }
}

impl From<&str> for ChildId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for ChildId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a listing tells of a child.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Its id.
    pub id: ChildId,
    /// The name that its command gave it.
    pub label: Option<String>,
    /// The program, as its command named it.
    pub program: String,
    /// Where it is in its life.
    pub phase: Phase,
    /// Whether it was detached.
    pub detached: bool,
    /// When it was started.
    pub started_at: SystemTime,
}

/// A child that this capsule [detached](Child::detach) for the same principal.
///
/// How its streams are kept is not told: all three ends of the [`Child`] are
/// there, and using one that the child keeps in another way is
/// [`ChildError::WrongStream`]. Dropping the `Child` changes nothing.
///
/// # Errors
///
/// [`ChildError::UnknownChild`] when there is no such child, for whatever
/// reason.
///
/// ```
/// # use boll_sdk::fake;
/// # let _host = fake::Host::new().children(|_| Ok(fake::cat())).install();
/// use boll_sdk::process::{self, Command, Stdio};
/// use std::time::Duration;
///
/// let id = Command::new("server").stdin(Stdio::piped()).spawn()?.detach()?;
///
/// // In a later call:
/// let mut server = process::attach(&id)?;
/// server.stop(None)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn attach(id: &ChildId) -> Result<Child, ChildError> {
    host::attach(id.as_str()).map(Child::attached)
}

/// The children of this capsule and principal, oldest first: those that run,
/// and those that have ended and are held or detached.
pub fn children() -> Vec<Summary> {
    host::children()
}
