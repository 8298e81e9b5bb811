//! Behaviour behind the interfaces that outlives a single call.

pub mod audit;
pub mod config;
pub mod hook;
pub mod log;
