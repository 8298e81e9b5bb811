//! The tools that build capsules: finds and runs them, and has rustup, npm and pip install the
//! packages that this user may install.
//!
//! Start at [`build`] for building a capsule and at [`tools`] for the programs. No module here
//! knows how capsules are run.

pub(crate) mod artifact;
pub(crate) mod bindings;
pub(crate) mod build;
mod built_from;
mod busy;
mod cargo;
pub(crate) mod clang;
pub(crate) mod componentize;
pub(crate) mod error;
mod file_error;
mod freshness;
mod go;
pub(crate) mod guest_rust;
mod infer;
pub(crate) mod install;
mod lock;
mod make;
mod npm;
pub(crate) mod packages;
mod pyproject;
mod python;
pub(crate) mod run;
pub(crate) mod rust_target;
pub(crate) mod there;
pub(crate) mod tools;
mod tree;
mod unfinished;
