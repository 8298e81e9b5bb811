//! A child's end as a pollable.

use wasmtime_wasi::p2::Pollable;

use crate::process::Exited;

/// Ready when the child has ended and its exit is known.
pub(super) struct Exit(pub(super) Exited);

#[wasmtime_wasi::async_trait]
impl Pollable for Exit {
    async fn ready(&mut self) {
        self.0.wait().await;
    }
}
