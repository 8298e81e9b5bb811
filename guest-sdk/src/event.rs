//! What an action is given.

use crate::Failure;
use serde::de::DeserializeOwned;

/// What an action is given: a payload, and the topic it came by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The topic that was published to; `None` when the host called the action
    /// by name.
    pub topic: Option<String>,
    /// The bytes that the caller sent, UTF-8 JSON unless agreed otherwise.
    pub payload: Vec<u8>,
}

impl Event {
    /// An event as the host makes it when it calls an action by name.
    pub fn new(payload: impl Into<Vec<u8>>) -> Self {
        Self {
            topic: None,
            payload: payload.into(),
        }
    }

    /// The payload, read as JSON.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidPayload`] with the place where it is not JSON of that
    /// shape.
    ///
    /// ```
    /// # use boll_sdk::{Event, Failure};
    /// let event = Event::new(r#"["a", "b"]"#);
    /// assert_eq!(event.json::<Vec<String>>()?, ["a", "b"]);
    /// # Ok::<(), Failure>(())
    /// ```
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.payload)
            .map_err(|error| Failure::InvalidPayload(error.to_string()))
    }

    /// The payload as text.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidPayload`] when it is not UTF-8.
    pub fn text(&self) -> Result<&str, Failure> {
        std::str::from_utf8(&self.payload)
            .map_err(|error| Failure::InvalidPayload(error.to_string()))
    }
}

/// What an action may take: an [`Event`] or a [`Json<T>`](crate::Json).
#[diagnostic::on_unimplemented(
    message = "an action cannot take `{Self}`",
    label = "not something that an event can be read as",
    note = "an action takes `Event`, `Json<T>` where `T: serde::Deserialize`, or nothing"
)]
pub trait FromEvent: Sized {
    /// Reads the event.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidPayload`] when the payload is something else.
    fn from_event(event: Event) -> Result<Self, Failure>;
}

impl FromEvent for Event {
    fn from_event(event: Event) -> Result<Self, Failure> {
        Ok(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_json_is_an_invalid_payload() {
        let failure = Event::new("{").json::<()>().unwrap_err();
        assert!(matches!(failure, Failure::InvalidPayload(_)), "{failure}");
    }

    #[test]
    fn text_must_be_utf8() {
        assert_eq!(Event::new("ü").text().unwrap(), "ü");
        assert!(Event::new([0xff]).text().is_err());
    }
}
