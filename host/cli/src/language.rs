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
    /// TypeScript, built by npm.
    Ts,
    /// Python, built by componentize-py.
    Python,
    /// C, built by make and clang.
    C,
    /// Go, built by go.
    Go,
}

impl Language {
    /// Returns the language that is built with the same tools.
    pub(crate) fn of_tools(self) -> Self {
        match self {
            Self::Ts => Self::Js,
            other => other,
        }
    }
}

impl Display for Language {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Rust => "Rust",
            Self::Js => "JavaScript",
            Self::Ts => "TypeScript",
            Self::Python => "Python",
            Self::C => "C",
            Self::Go => "Go",
        })
    }
}
