//! Looks for the tools that build capsules.

use std::path::Path;
use std::process::Command;

use super::debian;
use super::findings::{Finding, Fix, Packages, Status};
use crate::language::Language;
use crate::toolchain::guest_rust::{TARGET, active_cargo};
use crate::toolchain::packages::Manager;
use crate::toolchain::run::{NEUTRAL, answer, find_program};
use crate::toolchain::rust_target::{INSTALL_RUST, RustError, find};
use crate::toolchain::{clang, go, npm, python};

/// Findings about the tools for capsules. What only one language takes may be missing, unless that language is among
/// those that are `needed`. Nothing of the current folder chooses a tool.
pub(crate) fn toolchain_findings(needed: &[Language]) -> Vec<Finding> {
    vec![
        rust_target(),
        cargo(),
        git(),
        node(needed),
        python(needed),
        c(needed),
        go(needed),
    ]
}

fn rust_target() -> Finding {
    let missing = |detail, fix| Finding::new("rust target", Status::Missing, detail, Some(fix));
    let install = || Fix::Manual(INSTALL_RUST.to_owned());
    match find(Path::new(NEUTRAL)) {
        Ok(rust) => Finding::ok(
            "rust target",
            format!("{} builds for {TARGET}", rust.version),
        ),
        Err(RustError::NoTarget { rustc }) => missing(
            format!("{rustc} has no standard library for {TARGET}"),
            Fix::RustTarget,
        ),
        Err(RustError::NotOfRustup { rustc }) => missing(
            format!("{rustc} has no standard library for {TARGET}, and rustup does not manage it"),
            install(),
        ),
        Err(_) => missing(
            "there is no Rust to build capsules with".to_owned(),
            install(),
        ),
    }
}

fn cargo() -> Finding {
    let name = "cargo";
    let version = active_cargo().and_then(|cargo| answer(Command::new(cargo).arg("--version")));
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
            Some(Fix::Manual(INSTALL_RUST.to_owned())),
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
            Some(Fix::Install(Packages::new(&debian::GIT))),
        ),
    }
}

fn node(needed: &[Language]) -> Finding {
    let name = "node";
    match npm::node() {
        Ok(version) => Finding::ok(name, format!("{version}, for capsules in JavaScript")),
        Err(error) => absent(name, Language::Js, needed, &error.to_string(), || {
            on_debian(&debian::NODE)
        }),
    }
}

fn python(needed: &[Language]) -> Finding {
    let name = "python";
    match python::python() {
        Ok(version) => Finding::ok(name, format!("{version}, for capsules in Python")),
        Err(error) => absent(name, Language::Python, needed, &error.to_string(), || {
            on_debian(&debian::PYTHON)
        }),
    }
}

fn c(needed: &[Language]) -> Finding {
    let name = "c compiler";
    let error = if find_program("make").is_none() {
        "`make` is missing".to_owned()
    } else {
        match clang::find() {
            Ok(compiler) => {
                return Finding::ok(name, format!("{}, for capsules in C", compiler.version));
            }
            Err(error) => error.to_string(),
        }
    };
    absent(name, Language::C, needed, &error, || on_debian(&debian::C))
}

fn go(needed: &[Language]) -> Finding {
    let name = "go";
    match go::go() {
        Ok(version) => Finding::ok(name, format!("{version}, for capsules in Go")),
        // Debian's own is older.
        Err(error) => absent(name, Language::Go, needed, &error.to_string(), || {
            Fix::Manual("download it from https://go.dev/dl".to_owned())
        }),
    }
}

/// What only capsules in one language need is no fault where it is absent, unless they are to be built here.
fn absent(
    name: &str,
    language: Language,
    needed: &[Language],
    error: &str,
    fix: impl FnOnce() -> Fix,
) -> Finding {
    if !needed.contains(&language) {
        let detail = format!("not needed unless capsules are in {language} ({error})");
        return Finding::new(name, Status::Ok, detail, None);
    }
    Finding::new(name, Status::Missing, error, Some(fix()))
}

/// These packages where the system is Debian; other systems call them by other names.
fn on_debian(packages: &[&'static str]) -> Fix {
    if Manager::find() == Some(Manager::AptGet) {
        Fix::Install(Packages::new(packages))
    } else {
        Fix::Manual("install what is missing".to_owned())
    }
}
