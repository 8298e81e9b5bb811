//! A capsule with a run loop and nothing else: nothing can be asked of it.

use boll_sdk::{Failure, lifecycle, log};
use std::thread;
use std::time::Duration;

/// The capsule.
pub struct RunOnly;

#[boll_sdk::capsule]
impl RunOnly {
    /// Says that it is ready, and sleeps until it is stopped.
    #[run]
    pub fn watch() -> Result<(), Failure> {
        log::info!("running");
        lifecycle::ready();
        loop {
            thread::sleep(Duration::from_secs(3_600));
        }
    }
}
