//! Processes: what a manifest asks for, and what of it is granted.

mod args;
mod decide;
mod program_name;
mod request;
mod variable_name;

pub use args::{ArgsPattern, PatternError};
pub use program_name::{InvalidProgram, ProgramName};
pub use request::ProcessRequest;
pub use variable_name::{InvalidVariable, VariableName};
