//! Commands.

#[path = "../../../host/src/process/command.rs"]
pub mod command;
