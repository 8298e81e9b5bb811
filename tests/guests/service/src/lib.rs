//! A capsule whose life goes as its configuration says. Keys that are not
//! declared or not set have the first value.
//!
//! | key | values |
//! |---|---|
//! | `run` | `ready-and-sleep`, `ready-and-spin`, `ready-then-end`, `ready-then-fail`, `ready-then-trap`; without saying that it is ready: `never-ready`, which sleeps, `spin`, `end`, `fail`, `trap` |
//! | `install`, `upgrade` | `ok`, `refuse`, `trap`, `spin` |
//!
//! It logs `running`, `ready`, `installed` and `upgraded from X` when it comes to
//! these, and fails with "it rains".

mod life;

use boll_sdk::{Event, Failure, Json, Reply};
use serde_json::Value;

/// The capsule.
pub struct Service;

#[boll_sdk::capsule]
impl Service {
    /// The run loop.
    #[run]
    pub fn watch() -> Result<(), Failure> {
        life::run()
    }

    /// What is called once.
    #[install]
    pub fn first() -> Result<(), Failure> {
        life::install()
    }

    /// What is called when the version has risen.
    #[upgrade]
    pub fn newer(previous: &str) -> Result<(), Failure> {
        life::upgrade(previous)
    }

    /// Answers with the payload.
    pub fn echo(event: Event) -> Result<Reply, Failure> {
        Ok(Reply::bytes(event.payload))
    }

    /// Answers with what this instance has seen: whether its run loop was
    /// started and it was installed, and what it was upgraded from.
    pub fn state() -> Result<Json<Value>, Failure> {
        Ok(Json(life::state()))
    }
}
