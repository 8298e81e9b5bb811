//! Behaviour behind the interfaces that outlives a single call.

pub mod audit;
pub mod config;
pub(crate) mod file_threads;
pub mod hook;
pub mod log;
