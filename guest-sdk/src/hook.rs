//! Hooks: publishing to topics, and what the subscribers say.
//!
//! A topic is made of segments joined by dots, each of `a-z 0-9 -`. Who is asked
//! are the capsules whose manifest subscribes to it and that were granted it,
//! but never the publishing capsule itself. A capsule publishes to the topics
//! that its manifest asks for and the operator grants.
//!
//! [`trigger`] asks all subscribers at once and gives every answer:
//!
//! ```
//! # use boll_sdk::fake;
//! # use boll_sdk::hook::{Answer, Outcome};
//! # let _host = fake::Host::new()
//! #     .trigger(|_| Ok(vec![Answer::new("mail", "tell", Outcome::Continue(None))]))
//! #     .install();
//! use boll_sdk::hook;
//!
//! for answer in hook::trigger("git.commit", "9fccf8c")? {
//!     boll_sdk::log::info!("{answer}");
//! }
//! # Ok::<(), hook::Error>(())
//! ```
//!
//! [`intercept`] asks one after the other, each of which may change the payload,
//! end the chain or deny:
//!
//! ```
//! # use boll_sdk::hook::Verdict;
//! # use boll_sdk::{Failure, fake};
//! # let _host = fake::Host::new()
//! #     .intercept(|publish| Ok(Verdict::Passed(publish.get_payload().to_vec())))
//! #     .install();
//! # fn send() -> Result<(), Failure> {
//! use boll_sdk::hook;
//!
//! // An error when somebody denied, with who and why.
//! let text: String = hook::intercept("mail.send", "Good morning")?.json()?;
//! assert_eq!(text, "Good morning");
//! # Ok(())
//! # }
//! # send().unwrap();
//! ```
//!
//! Both send a value as JSON; [`Publish`] sends any bytes, and limits the time
//! of each subscriber. Being asked is an ordinary action: its
//! [`Event`](crate::Event) has the topic, and its [`Reply`](crate::Reply) says
//! how to go on.

mod answer;
mod error;
mod publish;
mod verdict;

pub use answer::{Answer, Outcome};
pub use error::Error;
pub use publish::Publish;
pub use verdict::Verdict;

use serde::Serialize;

/// Publishes a value as JSON to all subscribers at once, and gives every answer,
/// sorted by the subscriptions' priority and the capsules' ids.
///
/// # Errors
///
/// Why nobody was asked. That a subscriber failed is no error but its answer.
pub fn trigger<T: Serialize + ?Sized>(
    topic: impl Into<String>,
    value: &T,
) -> Result<Vec<Answer>, Error> {
    Publish::to(topic).json(value)?.trigger()
}

/// Passes a value as JSON through all subscribers, one after the other by the
/// subscriptions' priority and the capsules' ids, each receiving what the one
/// before it left.
///
/// # Errors
///
/// Why nobody was asked. That a subscriber denied or failed is no error but the
/// verdict, and becomes one in [`Verdict::json`].
pub fn intercept<T: Serialize + ?Sized>(
    topic: impl Into<String>,
    value: &T,
) -> Result<Verdict, Error> {
    Publish::to(topic).json(value)?.intercept()
}

#[cfg(test)]
mod tests;
