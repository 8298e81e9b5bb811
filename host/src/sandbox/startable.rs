//! A command for which everything is made, and which only has to be started.

use std::fmt;
use std::pin::Pin;

use super::control::Ends;
use super::error::LaunchError;
use super::held::Held;
use super::launcher::Child;

type Started = Pin<Box<dyn Future<Output = Result<(Child, Ends), LaunchError>> + Send>>;

/// A command that only has to be started.
pub(crate) struct Startable(Box<dyn FnOnce(Held) -> Started + Send>);

impl Startable {
    /// One that is started so: a dropped future ends its sandbox, and what is held is
    /// dropped when nothing of the sandbox is left.
    pub(super) fn new<S>(start: impl FnOnce(Held) -> S + Send + 'static) -> Self
    where
        S: Future<Output = Result<(Child, Ends), LaunchError>> + Send + 'static,
    {
        Self(Box::new(|held| Box::pin(start(held))))
    }

    /// Starts it.
    pub(super) async fn launch(self, held: Held) -> Result<(Child, Ends), LaunchError> {
        (self.0)(held).await
    }
}

impl fmt::Debug for Startable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Startable").finish_non_exhaustive()
    }
}
