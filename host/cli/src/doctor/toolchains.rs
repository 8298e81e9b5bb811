//! Looks for the tools that build capsules.

use std::path::Path;
use std::process::Command;

use super::debian;
use super::findings::{Finding, Fix, Packages, Status};
use crate::language::Language;
use crate::toolchain::clang;
use crate::toolchain::guest_rust::{TARGET, active_cargo};
use crate::toolchain::packages::Manager;
use crate::toolchain::run::{NEUTRAL, answer, find_program};
use crate::toolchain::rust_target::{INSTALL_RUST, RustError, find};
use crate::toolchain::tools::{self, MissingTool};

/// A tool that only capsules in one language need.
struct OfLanguage {
    name: &'static str,
    language: Language,
    /// Returns its version.
    find: fn() -> Result<String, MissingTool>,
    /// The packages of Debian that bring it; none if Debian's own is too old.
    packages: &'static [&'static str],
    /// How to get it without them.
    by_hand: &'static str,
}

const OF_LANGUAGES: [OfLanguage; 4] = [
    OfLanguage {
        name: "node",
        language: Language::Js,
        find: tools::node,
        packages: &debian::NODE,
        by_hand: "install what is missing",
    },
    OfLanguage {
        name: "python",
        language: Language::Python,
        find: tools::python,
        packages: &debian::PYTHON,
        by_hand: "install what is missing",
    },
    OfLanguage {
        name: "c compiler",
        language: Language::C,
        find: || {
            tools::make()?;
            Ok(clang::find()?.version)
        },
        packages: &debian::C,
        by_hand: "install what is missing",
    },
    OfLanguage {
        name: "go",
        language: Language::Go,
        find: tools::go,
        packages: &[],
        by_hand: "download it from https://go.dev/dl",
    },
];

/// Returns findings about the tools for capsules. Tools that only one language needs may be
/// missing, unless that language is `needed`. Nothing in the current folder chooses a tool.
pub(crate) fn toolchain_findings(needed: &[Language]) -> Vec<Finding> {
    let cargo = program(
        "cargo",
        active_cargo().map(Command::new),
        "with rustup, choose a Rust: `rustup default stable`",
        Finding::new(
            "cargo",
            Status::Weak,
            "not found; needed for capsules in Rust",
            Some(Fix::Manual(INSTALL_RUST.to_owned())),
        ),
    );
    let git = program(
        "git",
        Some(Command::new("git")),
        "reinstall git",
        Finding::new(
            "git",
            Status::Missing,
            "not found; the example capsules run it",
            Some(Fix::Install(Packages::new(&debian::GIT))),
        ),
    );
    let of_languages = OF_LANGUAGES.iter().map(|tool| tool.finding(needed));
    [rust_target(), cargo, git]
        .into_iter()
        .chain(of_languages)
        .collect()
}

fn rust_target() -> Finding {
    let error = match find(Path::new(NEUTRAL)) {
        Ok(rust) => {
            let detail = format!("{} builds for {TARGET}", rust.version);
            return Finding::ok("rust target", detail);
        }
        Err(error) => error,
    };
    let lacks = |rustc| format!("{rustc} has no standard library for {TARGET}");
    let install = Fix::Manual(INSTALL_RUST.to_owned());
    let (detail, fix) = match error {
        RustError::NoTarget { rustc } => (lacks(rustc), Fix::RustTarget),
        RustError::NotOfRustup { rustc } => {
            (lacks(rustc) + ", and rustup does not manage it", install)
        }
        _ => (
            "there is no Rust to build capsules with".to_owned(),
            install,
        ),
    };
    Finding::new("rust target", Status::Missing, detail, Some(fix))
}

/// Returns the finding for a program that only has to run.
fn program(name: &str, command: Option<Command>, broken: &str, absent: Finding) -> Finding {
    let version = command.and_then(|mut command| answer(command.arg("--version")));
    match version {
        Some(version) => Finding::ok(name, version),
        None if find_program(name).is_some() => {
            let fix = Some(Fix::Manual(broken.to_owned()));
            Finding::new(name, Status::Broken, "found, but does not run", fix)
        }
        None => absent,
    }
}

impl OfLanguage {
    fn finding(&self, needed: &[Language]) -> Finding {
        let language = self.language;
        let error = match (self.find)() {
            Ok(version) => {
                return Finding::ok(self.name, format!("{version}, for capsules in {language}"));
            }
            Err(error) => error,
        };
        if !needed.contains(&language) {
            let detail = format!("not needed unless capsules are in {language} ({error})");
            return Finding::ok(self.name, detail);
        }
        // Other systems call the packages by other names.
        let debian = Manager::find() == Some(Manager::APT_GET) && !self.packages.is_empty();
        let fix = match debian {
            true => Fix::Install(Packages::new(self.packages)),
            false => Fix::Manual(self.by_hand.to_owned()),
        };
        Finding::new(self.name, Status::Missing, error.to_string(), Some(fix))
    }
}
