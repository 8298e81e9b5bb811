//! Finds a Rust that can build capsules.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::guest_rust::{GuestRust, TARGET, active_cargo, active_rustc, has_target};
use super::run::{answer, complaint, find_program};

/// The line that adds the target to a Rust of rustup's.
pub(crate) const ADD_TARGET: &str = "rustup target add wasm32-wasip2";

/// The line that installs rustup and a Rust with the target.
pub(crate) const INSTALL_RUST: &str =
    "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- --target wasm32-wasip2";

/// Why there is no Rust for capsules.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RustError {
    /// A Rust of rustup's lacks the target.
    #[error(
        "{rustc} has no standard library for {TARGET}; `boll doctor --fix` adds it, as does\n\n    {ADD_TARGET}\n"
    )]
    NoTarget { rustc: String },
    /// A Rust lacks the target, and rustup cannot add it to that one.
    #[error(
        "{rustc} has no standard library for {TARGET}, and rustup does not manage it. \
         Install Rust with rustup:\n\n    {INSTALL_RUST}\n"
    )]
    NotOfRustup { rustc: String },
    /// There is a compiler that does not run here: rustup's, for a toolchain that is not
    /// there.
    #[error(
        "the Rust that this folder asks for does not run:\n{said}\n{}",
        toolchain_file.as_ref().map_or_else(String::new, |file| format!(
            "{} names its toolchain. Install that, or name another:\n\n    rustup toolchain install\n",
            file.display()
        ))
    )]
    Broken {
        said: String,
        toolchain_file: Option<PathBuf>,
    },
    /// There is no Rust, or no cargo.
    #[error(
        "Rust is missing: there is no `rustc` and `cargo` in the search path. \
         Install it with rustup:\n\n    {INSTALL_RUST}\n"
    )]
    NoRust,
}

/// Returns the Rust in use in `directory`, if it can build capsules. Changes nothing.
pub(crate) fn find(directory: &Path) -> Result<GuestRust, RustError> {
    let version = answer(active_rustc(directory).arg("-V"));
    let (Some(rustc), Some(cargo)) = (version, active_cargo()) else {
        let rustc = active_rustc(directory);
        return Err(broken(directory, rustc).unwrap_or(RustError::NoRust));
    };
    if has_target(active_rustc(directory)) {
        return Ok(GuestRust {
            cargo,
            version: rustc,
        });
    }
    let sysroot = answer(active_rustc(directory).args(["--print", "sysroot"])).map(PathBuf::from);
    Err(if sysroot.is_some_and(|sysroot| is_of_rustup(&sysroot)) {
        RustError::NoTarget { rustc }
    } else {
        RustError::NotOfRustup { rustc }
    })
}

/// Returns what the compiler of `directory` says, `rustc`, if it is there and does not run.
fn broken(directory: &Path, mut rustc: Command) -> Option<RustError> {
    let output = complaint(rustc.arg("-V"))?;
    let files = directory
        .ancestors()
        .flat_map(|folder| ["rust-toolchain.toml", "rust-toolchain"].map(|name| folder.join(name)));
    Some(RustError::Broken {
        said: output,
        toolchain_file: files.into_iter().find(|file| file.is_file()),
    })
}

/// rustup keeps its Rusts in `toolchains/<name>`; it cannot add a target to any other.
fn is_of_rustup(sysroot: &Path) -> bool {
    let folder = sysroot.parent().and_then(Path::file_name);
    folder.is_some_and(|folder| folder == "toolchains") && find_program("rustup").is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_name_the_target() {
        for line in [ADD_TARGET, INSTALL_RUST] {
            assert!(line.ends_with(TARGET), "{line}");
        }
    }

    #[test]
    fn a_toolchain_that_is_not_there_is_told_from_no_rust() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("inner");
        std::fs::create_dir(&inner).unwrap();
        let file = folder.path().join("rust-toolchain.toml");
        std::fs::write(&file, "[toolchain]\nchannel = \"boll-has-none\"\n").unwrap();
        if find_program("rustup").is_none() {
            return;
        }
        let mut rustc = Command::new("rustc");
        // Set by the cargo that runs the tests, it names the toolchain in place of the file.
        rustc.current_dir(&inner).env_remove("RUSTUP_TOOLCHAIN");
        match broken(&inner, rustc) {
            Some(RustError::Broken {
                said,
                toolchain_file,
            }) => {
                assert!(said.contains("boll-has-none"), "{said}");
                assert_eq!(toolchain_file, Some(file));
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_a_toolchain_of_rustup_can_be_given_a_target() {
        assert!(!is_of_rustup(Path::new("/usr")));
        let of_rustup = Path::new("/home/ada/.rustup/toolchains/stable-x86_64-unknown-linux-gnu");
        assert_eq!(is_of_rustup(of_rustup), find_program("rustup").is_some());
    }
}
