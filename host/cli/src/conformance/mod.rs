//! The conformance suite: what it is, how it is run on a host, and what is said
//! of that.
//!
//! A host is a program that speaks the [`protocol`], Boll itself too ([`serve`]):
//! the runner measures every host in the same way. Start at [`runner`].

pub(crate) mod archive;
pub(crate) mod build;
pub(crate) mod case;
mod effects;
pub(crate) mod expectations;
mod ground;
pub(crate) mod host;
pub(crate) mod list;
pub(crate) mod mutants;
pub(crate) mod protocol;
pub(crate) mod report;
pub(crate) mod runner;
pub(crate) mod sentences;
pub(crate) mod serve;
pub(crate) mod suite;
mod trial;
