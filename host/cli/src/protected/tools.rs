//! Where the tools of builds take code from, by this program's own variables.

use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::way::Way;

/// Lists of folders, and single ones.
const FOLDERS: [&str; 20] = [
    "CARGO_HOME",
    "CARGO_TARGET_DIR",
    "GOBIN",
    "GOCACHE",
    "GOMODCACHE",
    "GOPATH",
    "GOROOT",
    "LD_LIBRARY_PATH",
    "NODE_PATH",
    "NPM_CONFIG_CACHE",
    "NPM_CONFIG_PREFIX",
    "PATH",
    "PIP_CACHE_DIR",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONUSERBASE",
    "RUSTUP_HOME",
    "VIRTUAL_ENV",
    "WASI_SDK_PATH",
    "npm_config_cache",
];

/// Files, programs with arguments, and flags: any path in them counts.
const COMMANDS: [&str; 36] = [
    "AR",
    "BASH_ENV",
    "CC",
    "CFLAGS",
    "CXX",
    "CARGO",
    "CARGO_BUILD_RUSTC",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_ENCODED_RUSTFLAGS",
    "CPATH",
    "ENV",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GOENV",
    "GOFLAGS",
    "GOTOOLDIR",
    "GOWORK",
    "LD_PRELOAD",
    "MAKEFILES",
    "MAKEFLAGS",
    "NODE_OPTIONS",
    "NPM_CONFIG_GLOBALCONFIG",
    "NPM_CONFIG_SCRIPT_SHELL",
    "NPM_CONFIG_USERCONFIG",
    "PIP_CONFIG_FILE",
    "PIP_CONSTRAINT",
    "PIP_FIND_LINKS",
    "PIP_REQUIREMENT",
    "PYTHONSTARTUP",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "WASI_CC",
    "npm_config_userconfig",
];

/// What tools use where no variable says otherwise, in the home folder.
const IN_HOME: [&str; 7] = [
    ".cargo",
    ".npmrc",
    ".pip",
    ".rustup",
    ".config/go",
    ".config/pip",
    ".local/lib",
];

/// Files in the home folder that name others.
const SETTINGS: [&str; 4] = [
    ".npmrc",
    ".yarnrc.yml",
    ".config/go/env",
    ".config/pip/pip.conf",
];

/// All of them, with what decides where they lead.
pub(super) fn places() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for name in FOLDERS {
        // Without a value, a search path is the current folder.
        let value = env::var_os(name).or((name == "PATH").then(OsString::new));
        let value = value.filter(|value| name == "PATH" || !value.is_empty());
        paths.extend(value.iter().flat_map(|value| folders(value)));
    }
    for name in COMMANDS {
        paths.extend(env::var_os(name).iter().flat_map(|value| named(value)));
    }
    let home = etcetera::home_dir().ok();
    let in_home = home
        .iter()
        .flat_map(|home| IN_HOME.map(|name| home.join(name)));
    paths.extend(in_home);
    paths
        .iter()
        .flat_map(|path| Way::of(path).places())
        .collect()
}

/// The files in which their user has set something for every build.
pub(super) fn settings() -> Vec<PathBuf> {
    let home = etcetera::home_dir().ok();
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(home.as_ref()?.join(".cargo")));
    let cargo = cargo
        .iter()
        .flat_map(|folder| ["config", "config.toml"].map(|name| folder.join(name)));
    let home = home
        .iter()
        .flat_map(|home| SETTINGS.map(|name| home.join(name)));
    let named = [
        "NPM_CONFIG_USERCONFIG",
        "PIP_CONFIG_FILE",
        "npm_config_userconfig",
    ];
    let named = named.iter().filter_map(env::var_os).map(PathBuf::from);
    let all = cargo.chain(home).chain(named);
    all.map(|path| Way::of(&path).end).collect()
}

/// A list as a shell reads it: an empty entry is the current folder.
fn folders(value: &OsStr) -> impl Iterator<Item = PathBuf> {
    env::split_paths(value).map(|entry| match entry.as_os_str().is_empty() {
        true => ".".into(),
        false => entry,
    })
}

/// The paths in a command or a list of flags.
fn named(value: &OsStr) -> impl Iterator<Item = PathBuf> {
    let apart = |byte: &u8| byte.is_ascii_whitespace() || b"\"'=,:;\x1f".contains(byte);
    value.as_bytes().split(apart).filter_map(|word| {
        let at = word.iter().position(|byte| *byte == b'/')?;
        let begins = word[..at].iter().rposition(|byte| *byte != b'.');
        // A flag, such as -I, may be in front of it.
        let from = match word.starts_with(b"-") {
            true => begins.map_or(0, |last| last + 1),
            false => 0,
        };
        Some(Path::new(OsStr::from_bytes(&word[from..])).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_that_are_not_absolute_are_folders_too() {
        let found: Vec<PathBuf> = folders(OsStr::new("/bin::bin:.")).collect();
        assert_eq!(found, ["/bin", ".", "bin", "."].map(PathBuf::from));
        assert_eq!(
            folders(OsStr::new("")).collect::<Vec<_>>(),
            [PathBuf::from(".")]
        );
    }

    #[test]
    fn paths_are_found_in_commands() {
        let found: Vec<PathBuf> = named(OsStr::new("x/run -I../i --c=/b/c -L./d word")).collect();
        assert_eq!(found, ["x/run", "../i", "/b/c", "./d"].map(PathBuf::from));
    }
}
