//! The languages that capsules are written in.

use std::fmt::{self, Display, Formatter};

use clap::ValueEnum;

/// A language with a template and a toolchain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Language {
    /// Rust, built by cargo.
    Rust,
    /// JavaScript, built by npm.
    Js,
    /// Python, built by componentize-py.
    Python,
    /// C, built by make and clang.
    C,
    /// Go, built by go.
    Go,
}

impl Display for Language {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Rust => "Rust",
            Self::Js => "JavaScript",
            Self::Python => "Python",
            Self::C => "C",
            Self::Go => "Go",
        })
    }
}
