//! Values that travel as JSON.

use crate::{Event, Failure, FromEvent, IntoReply, Reply};
use serde::{Serialize, de::DeserializeOwned};
use std::str::FromStr;

/// A value that travels as JSON: as an action's argument, as its reply, and as
/// a configuration value.
///
/// ```
/// use boll_sdk::{Failure, Json};
///
/// /// A capsule that adds.
/// pub struct Adder;
///
/// #[boll_sdk::capsule]
/// impl Adder {
///     /// Adds up a list of numbers.
///     pub fn add(Json(numbers): Json<Vec<i64>>) -> Result<Json<i64>, Failure> {
///         Ok(Json(numbers.iter().sum()))
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromEvent for Json<T> {
    fn from_event(event: Event) -> Result<Self, Failure> {
        event.json().map(Self)
    }
}

impl<T: Serialize> IntoReply for Json<T> {
    fn into_reply(self) -> Result<Reply, Failure> {
        Reply::json(&self.0)
    }
}

/// Lets [`config::get`](crate::config::get) read values of type `json`.
impl<T: DeserializeOwned> FromStr for Json<T> {
    type Err = serde_json::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        serde_json::from_str(text).map(Self)
    }
}
