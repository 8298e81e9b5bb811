//! The component's side of the exports: what the host calls.

use super::{Install, Run, Upgrade};
use crate::bindings::exports::boll::hook::handler;
use crate::{Capsule, Event, Failure, Reply};
use std::io::Write as _;

/// Answers one call of the host.
pub fn handle<C: Capsule>(
    action: String,
    event: handler::Event,
) -> Result<handler::Reply, handler::Failure> {
    let event = Event {
        topic: event.topic,
        payload: event.payload,
    };
    match entered(|| C::handle(&action, event)) {
        Ok(Reply::Continue(payload)) => Ok(handler::Reply::Continue(payload)),
        Ok(Reply::Final(payload)) => Ok(handler::Reply::Final(payload)),
        Ok(Reply::Deny(reason)) => Ok(handler::Reply::Deny(reason)),
        Err(Failure::UnknownAction(name)) => Err(handler::Failure::UnknownAction(name)),
        Err(Failure::InvalidPayload(text)) => Err(handler::Failure::InvalidPayload(text)),
        Err(Failure::Failed(text)) => Err(handler::Failure::Failed(text)),
    }
}

/// Runs the run loop.
pub fn run<C: Run>() -> Result<(), String> {
    entered(C::run).map_err(|failure| failure.to_string())
}

/// Tells the capsule that it is loaded for the first time.
pub fn install<C: Install>() -> Result<(), String> {
    entered(C::install).map_err(|failure| failure.to_string())
}

/// Tells the capsule that its version has risen.
pub fn upgrade<C: Upgrade>(previous: String) -> Result<(), String> {
    entered(|| C::upgrade(previous)).map_err(|failure| failure.to_string())
}

/// What surrounds every call of the host.
fn entered<T>(work: impl FnOnce() -> T) -> T {
    #[cfg(feature = "log")]
    crate::log::facade::install();
    let answer = work();
    // The instance may be gone after the call, and with it what a `print!`
    // without a line end left in the buffer.
    let _ = std::io::stdout().flush();
    answer
}
