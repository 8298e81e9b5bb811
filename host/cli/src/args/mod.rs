//! The part of the command line that commands have in common. What a command takes of its
//! own is in its file.

mod app;
mod host;
mod refused;

pub(crate) use app::{App, Common};
pub(crate) use host::{Allow, CallArgs, HostArgs, SessionArgs};
pub(crate) use refused::{asked_formats, read};
