//! Looks for the tools that build capsules.

use std::path::Path;
use std::process::Command;

use super::findings::{Finding, Fix, Status};
use crate::toolchain::guest_rust::{TARGET, active_cargo};
use crate::toolchain::npm;
use crate::toolchain::python;
use crate::toolchain::run::{answer, find_program};
use crate::toolchain::rust_target::{Detected, detect};

/// Findings about the tools for capsules that are built in `directory`; `cache` may hold a Rust made earlier.
pub(crate) fn toolchain_findings(directory: &Path, cache: &Path) -> Vec<Finding> {
    vec![
        rust_target(directory, cache),
        cargo(directory),
        git(),
        node(),
        python(),
    ]
}

fn rust_target(directory: &Path, cache: &Path) -> Finding {
    let name = "rust target";
    match detect(directory, cache) {
        Detected::Ready(rust) => {
            let place = match &rust.rustc {
                None => String::new(),
                Some(rustc) => format!(", with {}", rustc.display()),
            };
            Finding::ok(name, format!("{} builds for {TARGET}{place}", rust.version))
        }
        Detected::NoTarget { rustc } => Finding::new(
            name,
            Status::Missing,
            format!("{rustc} has no standard library for {TARGET}"),
            Some(Fix::RustTarget),
        ),
        Detected::NoRust => Finding::new(
            name,
            Status::Missing,
            "there is no Rust to build capsules with",
            Some(Fix::RustTarget),
        ),
    }
}

fn cargo(directory: &Path) -> Finding {
    let name = "cargo";
    let version = active_cargo()
        .and_then(|cargo| answer(Command::new(cargo).arg("--version").current_dir(directory)));
    match version {
        Some(version) => Finding::ok(name, version),
        None if find_program(name).is_some() => Finding::new(
            name,
            Status::Broken,
            "found, but does not run",
            Some(Fix::Manual(
                "with rustup, choose a Rust: `rustup default stable`".to_owned(),
            )),
        ),
        None => Finding::new(
            name,
            Status::Weak,
            "not found; needed for capsules in Rust",
            Some(Fix::Manual("install Rust with rustup".to_owned())),
        ),
    }
}

fn git() -> Finding {
    let name = "git";
    match answer(Command::new(name).arg("--version")) {
        Some(version) => Finding::ok(name, version),
        None if find_program(name).is_some() => Finding::new(
            name,
            Status::Broken,
            "found, but does not run",
            Some(Fix::Manual("reinstall git".to_owned())),
        ),
        None => Finding::new(
            name,
            Status::Missing,
            "not found; the example capsules run it",
            Some(Fix::Install {
                packages: vec![name.to_owned()],
            }),
        ),
    }
}

/// Only capsules in JavaScript need it, so its absence is no fault.
fn node() -> Finding {
    let name = "node";
    match npm::node() {
        Ok(version) => Finding::ok(name, format!("{version}, for capsules in JavaScript")),
        Err(error) => Finding::new(
            name,
            Status::Ok,
            format!("not needed unless capsules are in JavaScript ({error})"),
            None,
        ),
    }
}

/// Only capsules in Python need it.
fn python() -> Finding {
    let name = "python";
    match python::python() {
        Ok(version) => Finding::ok(name, format!("{version}, for capsules in Python")),
        Err(error) => Finding::new(
            name,
            Status::Ok,
            format!("not needed unless capsules are in Python ({error})"),
            None,
        ),
    }
}
