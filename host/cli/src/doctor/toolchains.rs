//! Looks for the tools that build capsules.

use std::path::Path;
use std::process::Command;

use clap::ValueEnum as _;

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
    /// Gets its version.
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
        by_hand: "install Node.js 18 or newer, with npm",
    },
    OfLanguage {
        name: "python",
        language: Language::Python,
        find: tools::python,
        packages: &debian::PYTHON,
        by_hand: "install Python 3.9 or newer, with its module venv",
    },
    OfLanguage {
        name: "c compiler",
        language: Language::C,
        find: || {
            tools::make()?;
            Ok(clang::find()?.version)
        },
        packages: &debian::C,
        by_hand: "install clang with a C library for WASI, lld and make",
    },
    OfLanguage {
        name: "go",
        language: Language::Go,
        find: tools::go,
        packages: &[],
        by_hand: "download it from https://go.dev/dl",
    },
];

/// Returns findings about the tools for capsules in the languages that are `needed`, and in no
/// others; if none is named, the tools of one suffice. `examples` need git, too. Nothing in the
/// current folder chooses a tool.
pub(crate) fn toolchain_findings(needed: &[Language], examples: bool) -> Vec<Finding> {
    let of_rust = [rust_target(), cargo()].map(|finding| (Language::Rust, finding));
    let of_others = OF_LANGUAGES
        .iter()
        .map(|tool| (tool.language, tool.finding()));
    let tools: Vec<_> = of_rust.into_iter().chain(of_others).collect();
    let is_lacking = |language: &Language| {
        let mut own = tools.iter().filter(|(of, _)| *of == language.of_tools());
        own.any(|(_, finding)| finding.status != Status::Ok)
    };
    let chosen = !needed.is_empty();
    let needed: Vec<Language> = needed.iter().map(|language| language.of_tools()).collect();
    let needed = match needed.as_slice() {
        [] if Language::value_variants().iter().all(is_lacking) => &[Language::Rust],
        needed => needed,
    };
    let findings = tools.into_iter().map(|(language, finding)| {
        match needed.contains(&language) || (!chosen && finding.status == Status::Ok) {
            true => finding,
            false => not_needed(finding, language),
        }
    });
    let mut findings: Vec<Finding> = findings.collect();
    findings.insert(2, git(examples));
    findings
}

/// Returns the same finding about a tool of a language that is not needed.
fn not_needed(finding: Finding, language: Language) -> Finding {
    let Finding { name, detail, .. } = finding;
    let detail = format!("only for capsules in {language} ({detail})");
    Finding::new(name, Status::NotNeeded, detail, None)
}

fn cargo() -> Finding {
    program(
        "cargo",
        active_cargo().map(Command::new),
        broken_rust(chosen_toolchain().as_deref(), has_rustup()),
        Finding::new(
            "cargo",
            Status::Missing,
            "not found; needed for capsules in Rust",
            Some(Fix::Line(INSTALL_RUST.to_owned())),
        ),
    )
}

/// Only the examples need it.
fn git(examples: bool) -> Finding {
    let install = || Fix::Install(Packages::new(&debian::GIT));
    let finding = program(
        "git",
        Some(Command::new("git")),
        install(),
        Finding::new(
            "git",
            Status::Missing,
            "not found; the example capsules run it",
            Some(install()),
        ),
    );
    if examples {
        return finding;
    }
    let detail = format!("only for the examples ({})", finding.detail);
    Finding::new("git", Status::NotNeeded, detail, None)
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
    let install = Fix::Line(INSTALL_RUST.to_owned());
    let (detail, fix) = match error {
        RustError::NoTarget { rustc } => (lacks(rustc), Fix::rust_target()),
        RustError::NotOfRustup { rustc } => {
            (lacks(rustc) + ", and rustup does not manage it", install)
        }
        RustError::Broken { said, .. } => (
            format!("the Rust in use does not run: {}", said.trim()),
            broken_rust(chosen_toolchain().as_deref(), has_rustup()),
        ),
        RustError::NoRust => (
            "there is no Rust to build capsules with".to_owned(),
            install,
        ),
    };
    Finding::new("rust target", Status::Missing, detail, Some(fix))
}

/// The toolchain that the environment asks rustup for, before its default.
fn chosen_toolchain() -> Option<String> {
    let set = std::env::var("RUSTUP_TOOLCHAIN").ok();
    set.filter(|name| !name.is_empty())
}

fn has_rustup() -> bool {
    find_program("rustup").is_some()
}

/// Returns what mends a Rust that is there and does not run.
fn broken_rust(chosen: Option<&str>, has_rustup: bool) -> Fix {
    // It becomes a part of a line for a shell.
    let is_plain = |name: &str| {
        let mut bytes = name.bytes();
        !name.starts_with('-')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
    };
    match (has_rustup, chosen) {
        (false, _) => Fix::Line(INSTALL_RUST.to_owned()),
        (true, None) => Fix::Line("rustup default stable".to_owned()),
        (true, Some(name)) if is_plain(name) => {
            Fix::Line(format!("rustup toolchain install {name}"))
        }
        (true, Some(_)) => Fix::Manual(
            "unset RUSTUP_TOOLCHAIN, or name a toolchain that `rustup toolchain list` shows"
                .to_owned(),
        ),
    }
}

/// Returns the finding for a program that only has to run.
fn program(name: &str, command: Option<Command>, broken: Fix, absent: Finding) -> Finding {
    let version = command.and_then(|mut command| answer(command.arg("--version")));
    match version {
        Some(version) => Finding::ok(name, version),
        None if find_program(name).is_some() => Finding::new(
            name,
            Status::Broken,
            "found, but does not run",
            Some(broken),
        ),
        None => absent,
    }
}

impl OfLanguage {
    fn finding(&self) -> Finding {
        let error = match (self.find)() {
            Ok(version) => {
                let detail = format!("{version}, for capsules in {}", self.language);
                return Finding::ok(self.name, detail);
            }
            Err(error) => error,
        };
        // Other systems call the packages by other names.
        let debian = Manager::find() == Some(Manager::APT_GET) && !self.packages.is_empty();
        let fix = match (self.language, go_line()) {
            _ if debian => Fix::Install(Packages::new(self.packages)),
            (Language::Go, Some(line)) => Fix::as_root(&line),
            _ => Fix::Manual(self.by_hand.to_owned()),
        };
        Finding::new(self.name, Status::Missing, error.to_string(), Some(fix))
    }
}

/// Returns the line that installs the newest Go as its authors say, before an older one in the
/// search path.
fn go_line() -> Option<String> {
    let machine = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        _ => return None,
    };
    find_program("curl")?;
    Some(format!(
        "curl -fsSL \"https://go.dev/dl/$(curl -fsSL 'https://go.dev/VERSION?m=text' | \
         head -n 1).linux-{machine}.tar.gz\" | tar -C /usr/local -xz && \
         ln -sf /usr/local/go/bin/go /usr/local/bin/go"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mends_a_broken_rust_is_a_line_that_works_here() {
        let line = |chosen, has_rustup| match broken_rust(chosen, has_rustup) {
            Fix::Line(line) => Some(line),
            _ => None,
        };
        assert_eq!(line(None, true).as_deref(), Some("rustup default stable"));
        let install = line(Some("1.80.0"), true);
        assert_eq!(install.as_deref(), Some("rustup toolchain install 1.80.0"));
        assert_eq!(line(None, false).as_deref(), Some(INSTALL_RUST));
        for odd in ["/a folder/x", "x; y", "--help"] {
            assert_eq!(line(Some(odd), true), None, "{odd}");
        }
    }
}
