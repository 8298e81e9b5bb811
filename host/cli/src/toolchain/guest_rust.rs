//! The Rust compiler and cargo that build capsules, and the environment they are run in.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::run::{answer, find_program};

/// The target that capsules in Rust are built for.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// Settings of an outer build that would break a build for another target, or choose another one.
const REMOVED: [&str; 13] = [
    "CARGO_BIN_NAME",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_CRATE_NAME",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "CARGO_PRIMARY_PACKAGE",
    "OUT_DIR",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTFLAGS",
];

/// A Rust that can build capsules.
#[derive(Clone, Debug)]
pub(crate) struct GuestRust {
    /// The cargo that builds with it.
    pub(crate) cargo: PathBuf,
    /// The compiler's version, for example `rustc 1.96.0 (...)`.
    pub(crate) version: String,
}

impl GuestRust {
    /// Returns a cargo command in `directory` that uses this Rust and nothing of an outer build.
    pub(crate) fn cargo_command(&self, directory: &Path) -> Command {
        let mut command = Command::new(&self.cargo);
        command.current_dir(directory);
        remove_outer_build(&mut command);
        command
    }
}

/// The compiler in use: the one that `RUSTC` names, else the one in the search path. Asked in
/// `directory`, because rustup chooses by folder (and by `RUSTUP_TOOLCHAIN`, which `cargo run` sets).
pub(crate) fn active_rustc(directory: &Path) -> Command {
    let name = std::env::var_os("RUSTC").filter(|name| !name.is_empty());
    let mut command = Command::new(name.as_deref().unwrap_or(OsStr::new("rustc")));
    command.current_dir(directory);
    command
}

/// The cargo in use: the one that runs this program under `cargo run`, else the one in the search path.
pub(crate) fn active_cargo() -> Option<PathBuf> {
    std::env::var_os("CARGO")
        .map(PathBuf::from)
        .filter(|cargo| cargo.is_file())
        .or_else(|| find_program("cargo"))
}

/// Returns whether the compiler that `rustc` runs has a standard library for [`TARGET`].
pub(crate) fn has_target(mut rustc: Command) -> bool {
    answer(rustc.args(["--print", "target-libdir", "--target", TARGET]))
        .is_some_and(|folder| has_std(Path::new(&folder)))
}

/// Returns whether a target's library folder holds a standard library.
fn has_std(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries.flatten().any(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("libstd-") && name.ends_with(".rlib")
        })
    })
}

/// Takes from `command`'s environment what an outer cargo or its user set for another target.
fn remove_outer_build(command: &mut Command) {
    for name in REMOVED {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if [
            "CARGO_PKG_",
            "CARGO_FEATURE_",
            "CARGO_CFG_",
            "CARGO_BIN_EXE_",
        ]
        .iter()
        .any(|prefix| text.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_folder_without_std_is_not_enough() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_std(folder.path()));
        std::fs::write(folder.path().join("libcore-1.rlib"), "").unwrap();
        assert!(!has_std(folder.path()));
        std::fs::write(folder.path().join("libstd-1.rlib"), "").unwrap();
        assert!(has_std(folder.path()));
    }

    #[test]
    fn the_command_drops_flags_and_keeps_the_target_folder() {
        let rust = GuestRust {
            cargo: "cargo".into(),
            version: String::new(),
        };
        let command = rust.cargo_command(Path::new("/"));
        let set: Vec<_> = command.get_envs().collect();
        assert!(set.contains(&(OsStr::new("RUSTFLAGS"), None)));
        assert!(
            set.iter()
                .all(|(name, _)| *name != OsStr::new("CARGO_TARGET_DIR"))
        );
    }
}
