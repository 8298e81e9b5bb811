//! The library, driven through its public entry with real guests and real
//! processes.

mod audit;
mod bench;
mod cache;
mod callers;
mod calls;
mod cancelling;
mod capabilities;
mod children;
mod config;
mod embedder;
mod embedding;
mod engine;
mod files;
mod files_git;
mod files_open;
mod hooks;
mod host_memory;
mod interface;
mod limits;
mod loading;
mod log_files;
mod log_rate;
mod logging;
mod network;
mod output;
mod process;
mod resident;
mod revoking;
mod scripted;
mod services;
#[path = "../support/mod.rs"]
mod support;
mod wasi_logging;
mod workspace;
