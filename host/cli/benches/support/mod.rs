//! What the benchmarks share.

#![allow(dead_code, reason = "each benchmark is a program and uses a part")]

pub(crate) mod boll;
pub(crate) mod guest;
pub(crate) mod hooks;
pub(crate) mod raw;
pub(crate) mod sink;

use std::time::Duration;

use criterion::Criterion;
use tokio::runtime::{Builder, Runtime};

/// The scheduler that every side of a comparison runs on.
pub(crate) fn tokio() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a tokio runtime")
}

/// Short enough that both sides of a ratio are measured within seconds.
pub(crate) fn criterion() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .sample_size(50)
        .configure_from_args()
}
