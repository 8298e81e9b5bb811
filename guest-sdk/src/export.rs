//! From the component's exports to a capsule's functions.

use crate::{Event, Failure, FromEvent, IntoReply, Reply};

/// A capsule: a set of actions. `#[boll_sdk::capsule]` implements it.
pub trait Capsule {
    /// The names of the actions, in the order in which they are written.
    const ACTIONS: &'static [&'static str];

    /// Calls an action by its name. This is what the host calls, and a test
    /// may.
    ///
    /// # Errors
    ///
    /// [`Failure::UnknownAction`] when there is no action of this name; else
    /// whatever the action answers.
    fn handle(action: &str, event: Event) -> Result<Reply, Failure>;
}

/// What an action returns: a `Result` of something that
/// [makes a reply](IntoReply) and a [`Failure`].
#[diagnostic::on_unimplemented(
    message = "an action cannot return `{Self}`",
    label = "not the result of an action",
    note = "an action returns `Result<R, Failure>` where `R` is `Reply`, `Json<T>`, or `()`"
)]
pub trait ActionResult {
    /// Makes the answer.
    ///
    /// # Errors
    ///
    /// The action's own, or that its value cannot be put into a payload.
    fn into_answer(self) -> Result<Reply, Failure>;
}

impl<R: IntoReply> ActionResult for Result<R, Failure> {
    fn into_answer(self) -> Result<Reply, Failure> {
        self?.into_reply()
    }
}

/// Reads an action's argument.
pub fn argument<T: FromEvent>(event: Event) -> Result<T, Failure> {
    T::from_event(event)
}

/// Makes the answer from what an action returned.
pub fn answer<T: ActionResult>(result: T) -> Result<Reply, Failure> {
    result.into_answer()
}

/// A capsule with a run loop. `#[boll_sdk::capsule]` implements it, as the
/// other two.
pub trait Run {
    /// Runs until the service is done.
    fn run() -> Result<(), Failure>;
}

/// A capsule that is told when it is loaded for the first time.
pub trait Install {
    /// Does what has to be done once.
    fn install() -> Result<(), Failure>;
}

/// A capsule that is told when its version rises.
pub trait Upgrade {
    /// Does what has to be done after `previous`.
    fn upgrade(previous: String) -> Result<(), Failure>;
}

/// What `#[run]`, `#[install]` and `#[upgrade]` return.
#[diagnostic::on_unimplemented(
    message = "`#[run]`, `#[install]` and `#[upgrade]` cannot return `{Self}`",
    label = "not how a step of a capsule's life ends",
    note = "these return `Result<(), Failure>`"
)]
pub trait Ended {
    /// How it ended.
    fn ended(self) -> Result<(), Failure>;
}

impl Ended for Result<(), Failure> {
    fn ended(self) -> Result<(), Failure> {
        self
    }
}

/// How a step of a capsule's life ended.
pub fn ended<T: Ended>(result: T) -> Result<(), Failure> {
    result.ended()
}

#[cfg(target_family = "wasm")]
pub(crate) mod component;
