//! From the component's export to a capsule's action.

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

/// The component's side of the export.
#[cfg(target_family = "wasm")]
pub(crate) mod component {
    use std::io::Write as _;

    use crate::bindings::exports::boll::hook::handler;
    use crate::{Capsule, Event, Failure, Reply};

    /// Answers one call of the host.
    pub fn handle<C: Capsule>(
        action: String,
        event: handler::Event,
    ) -> Result<handler::Reply, handler::Failure> {
        #[cfg(feature = "log")]
        crate::log::facade::install();
        let event = Event {
            topic: event.topic,
            payload: event.payload,
        };
        let answer = C::handle(&action, event);
        // The instance is gone after the call, and with it what a `print!`
        // without a line end left in the buffer.
        let _ = std::io::stdout().flush();
        match answer {
            Ok(Reply::Continue(payload)) => Ok(handler::Reply::Continue(payload)),
            Ok(Reply::Final(payload)) => Ok(handler::Reply::Final(payload)),
            Ok(Reply::Deny(reason)) => Ok(handler::Reply::Deny(reason)),
            Err(Failure::UnknownAction(name)) => Err(handler::Failure::UnknownAction(name)),
            Err(Failure::InvalidPayload(text)) => Err(handler::Failure::InvalidPayload(text)),
            Err(Failure::Failed(text)) => Err(handler::Failure::Failed(text)),
        }
    }
}
