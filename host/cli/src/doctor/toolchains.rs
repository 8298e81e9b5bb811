//! Looks for the tools that build capsules.

use std::path::Path;
use std::process::Command;

use super::findings::{Finding, Fix, Status};
use crate::language::Language;
use crate::toolchain::guest_rust::{TARGET, active_cargo};
use crate::toolchain::packages::{Manager, apt_has_lists};
use crate::toolchain::run::{NEUTRAL, answer, find_program};
use crate::toolchain::rust_target::{Detected, detect};
use crate::toolchain::{clang, go, npm, python};

/// Findings about the tools for capsules; `cache` may hold a Rust made earlier. What only one language takes may be
/// missing, unless that language is among those that are `needed`. Nothing of the current folder chooses a tool.
pub(crate) fn toolchain_findings(cache: &Path, needed: &[Language]) -> Vec<Finding> {
    vec![
        rust_target(cache),
        cargo(),
        git(),
        node(needed),
        python(needed),
        c(needed),
        go(needed),
    ]
}

fn rust_target(cache: &Path) -> Finding {
    let name = "rust target";
    match detect(Path::new(NEUTRAL), cache) {
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

fn node(needed: &[Language]) -> Finding {
    let name = "node";
    match npm::node() {
        Ok(version) => Finding::ok(name, format!("{version}, for capsules in JavaScript")),
        Err(error) => absent(name, Language::Js, needed, &error.to_string(), || {
            debian(|| Some(vec!["nodejs".to_owned(), "npm".to_owned()]))
        }),
    }
}

fn python(needed: &[Language]) -> Finding {
    let name = "python";
    match python::python() {
        Ok(version) => Finding::ok(name, format!("{version}, for capsules in Python")),
        Err(error) => absent(name, Language::Python, needed, &error.to_string(), || {
            debian(|| Some(vec!["python3".to_owned(), "python3-venv".to_owned()]))
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
    absent(name, Language::C, needed, &error, || {
        debian(clang::packages)
    })
}

fn go(needed: &[Language]) -> Finding {
    let name = "go";
    match go::go() {
        Ok(version) => Finding::ok(name, format!("{version}, for capsules in Go")),
        // Debian's own is older.
        Err(error) => absent(name, Language::Go, needed, &error.to_string(), by_hand),
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
fn debian(packages: impl FnOnce() -> Option<Vec<String>>) -> Fix {
    if Manager::find() != Some(Manager::AptGet) {
        return by_hand();
    }
    match packages() {
        Some(packages) => Fix::Install { packages },
        None if !apt_has_lists() => Fix::PackageLists,
        None => by_hand(),
    }
}

fn by_hand() -> Fix {
    Fix::Manual("install what is missing".to_owned())
}
