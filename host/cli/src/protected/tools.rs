//! Where build tools take code from: according to this program's own variables, and to
//! the content of the folders that these name.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use crate::foreign;
use crate::users::{User, is_missing};
use crate::way::Way;

/// Lists of folders, and single ones.
const FOLDERS: &[&str] = &[
    "CARGO_BUILD_BUILD_DIR",
    "CARGO_HOME",
    "CARGO_INSTALL_ROOT",
    "CARGO_TARGET_DIR",
    "COMPILER_PATH",
    "CPLUS_INCLUDE_PATH",
    "C_INCLUDE_PATH",
    "GIT_EXEC_PATH",
    "GIT_TEMPLATE_DIR",
    "GOBIN",
    "GOCACHE",
    "GOMODCACHE",
    "GOPATH",
    "GOROOT",
    "GOTMPDIR",
    "LD_LIBRARY_PATH",
    "LIBRARY_PATH",
    "NODE_PATH",
    "NPM_CONFIG_CACHE",
    "NPM_CONFIG_PREFIX",
    "PATH",
    "PERL5LIB",
    "PIP_CACHE_DIR",
    "PKG_CONFIG_LIBDIR",
    "PKG_CONFIG_PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONPYCACHEPREFIX",
    "PYTHONUSERBASE",
    "RUSTUP_HOME",
    "VIRTUAL_ENV",
    "WASI_SDK_PATH",
    "npm_config_cache",
];

/// Files, programs with arguments, and flags: any path in them counts.
const COMMANDS: &[&str] = &[
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
    "CPPFLAGS",
    "CXXFLAGS",
    "ENV",
    "GIT_ASKPASS",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_EDITOR",
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "GIT_PROXY_COMMAND",
    "GIT_SEQUENCE_EDITOR",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GOENV",
    "GOFLAGS",
    "GOPROXY",
    "GOTOOLDIR",
    "GOWORK",
    "HOST_CC",
    "HOST_CXX",
    "LD",
    "LDFLAGS",
    "LD_AUDIT",
    "LD_PRELOAD",
    "MAKEFILES",
    "MAKEFLAGS",
    "NODE_OPTIONS",
    "NPM_CONFIG_GLOBALCONFIG",
    "NPM_CONFIG_SCRIPT_SHELL",
    "NPM_CONFIG_USERCONFIG",
    "OPENSSL_CONF",
    "OPENSSL_MODULES",
    "PERL5OPT",
    "PIP_CONFIG_FILE",
    "PIP_CONSTRAINT",
    "PIP_FIND_LINKS",
    "PIP_REQUIREMENT",
    "PYTHONSTARTUP",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTFLAGS",
    "RUSTUP_TOOLCHAIN",
    "TARGET_CC",
    "TARGET_CXX",
    "WASI_CC",
    "npm_config_userconfig",
];

/// Settings of tools, by the first and last parts of their names: each absolute path in
/// them counts. Some values are not paths, but look like relative ones.
const FAMILIES: &[(&str, &str)] = &[
    ("AR_", ""),
    ("CARGO_TARGET_", "_LINKER"),
    ("CARGO_TARGET_", "_RUNNER"),
    ("CARGO_TARGET_", "_RUSTFLAGS"),
    ("CC_", ""),
    ("CFLAGS_", ""),
    ("CXXFLAGS_", ""),
    ("CXX_", ""),
    ("NPM_CONFIG_", ""),
    ("PIP_", ""),
    ("npm_config_", ""),
];

/// The project that `npm run` runs in. npm takes nothing from there because of this
/// variable.
const NOT_A_SETTING: &str = "npm_config_local_prefix";

/// The defaults of tools in the home folder, if no variable says otherwise.
const IN_HOME: [&str; 9] = [
    ".cargo",
    "go/bin",
    "go/pkg",
    ".npmrc",
    ".pip",
    ".rustup",
    ".config/go",
    ".config/pip",
    ".local/lib",
];

/// The folders of programs in the home folder that shells of many systems search.
const PROGRAMS: [&str; 4] = [".local/bin", "bin", ".cargo/bin", ".rustup/toolchains"];

/// Files in the home folder that name others.
const SETTINGS: [&str; 4] = [
    ".npmrc",
    ".yarnrc.yml",
    ".config/go/env",
    ".config/pip/pip.conf",
];

/// How many entries of folders are searched for links.
const ENTRIES: usize = 100_000;

/// The largest file that names folders to Python, in bytes.
const NAMING: u64 = 1 << 20;

/// Returns all of them, with everything that decides where they lead.
pub(super) fn places() -> Vec<PathBuf> {
    let mut paths = set_by(env::vars_os());
    if env::var_os("PATH").is_none() {
        // Without a value, a search path means the current folder.
        paths.push(".".into());
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

/// Returns the same for another user, whose variables are unknown. For a user who has not
/// run Boll, only existing paths count.
pub(super) fn places_of(user: &User) -> Vec<PathBuf> {
    let names = IN_HOME.iter().chain(&PROGRAMS).chain(&SETTINGS);
    let paths = names.map(|name| user.home.join(name));
    let all = user.uses_boll();
    let paths = paths.filter(|path| all || !is_missing(path));
    paths.flat_map(|path| Way::of(&path).places()).collect()
}

/// Returns where links of another user lead, as [`linked`] does.
pub(super) fn linked_of(user: &User) -> Option<Vec<PathBuf>> {
    let programs = PROGRAMS.map(|name| user.home.join(name));
    linked_from(&programs, &[user.home.join(".local")], ENTRIES)
}

/// Returns the files in which another user has settings for every build.
pub(super) fn settings_of(user: &User) -> Vec<PathBuf> {
    let cargo = [".cargo/config", ".cargo/config.toml"];
    let all = cargo.iter().chain(&SETTINGS);
    all.map(|name| Way::of(&user.home.join(name)).end).collect()
}

/// Returns the paths that variables name.
fn set_by(variables: impl Iterator<Item = (OsString, OsString)>) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = Vec::new();
    for (name, value) in variables {
        let Some(name) = name.to_str() else { continue };
        if FOLDERS.contains(&name) && (name == "PATH" || !value.is_empty()) {
            paths.extend(folders(&value));
        }
        if COMMANDS.contains(&name) {
            paths.extend(named(&value));
        }
        let mut families = FAMILIES.iter();
        if name != NOT_A_SETTING
            && families.any(|(begin, end)| name.starts_with(begin) && name.ends_with(end))
        {
            paths.extend(named(&value).filter(|path| path.is_absolute()));
        }
    }
    paths
}

/// Returns where links in the folders of programs and toolchains lead, and the paths
/// elsewhere that Python's package folders name. Nothing if there is too much to search.
pub(super) fn linked() -> Option<Vec<PathBuf>> {
    let home = etcetera::home_dir().ok();
    let of_home = |name: &str| home.as_ref().map(|home| home.join(name));
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    let cargo = set("CARGO_HOME").map(PathBuf::from);
    let rustup = set("RUSTUP_HOME").map(PathBuf::from);
    let programs = set("PATH");
    let mut looked: Vec<PathBuf> = programs.iter().flat_map(|list| folders(list)).collect();
    looked.extend(cargo.or(of_home(".cargo")).map(|folder| folder.join("bin")));
    looked.extend(
        rustup
            .or(of_home(".rustup"))
            .map(|folder| folder.join("toolchains")),
    );
    let python = ["PYTHONUSERBASE", "VIRTUAL_ENV"].map(|name| set(name).map(PathBuf::from));
    let python = python.into_iter().chain([of_home(".local")]).flatten();
    linked_from(&looked, &python.collect::<Vec<_>>(), ENTRIES)
}

/// Returns the same for these folders of programs, and for these folders in which Python
/// has its `lib`.
fn linked_from(programs: &[PathBuf], python: &[PathBuf], entries: usize) -> Option<Vec<PathBuf>> {
    let mut left = entries;
    let mut found = Vec::new();
    let mut sites = Vec::new();
    for base in python {
        for version in listed(&base.join("lib"), &mut left)? {
            sites.push(version.join("site-packages"));
        }
    }
    for folder in programs.iter().chain(&sites) {
        for entry in listed(folder, &mut left)? {
            if entry.is_symlink() {
                found.extend(Way::of(&entry).places());
            }
            if sites.contains(folder) {
                found.extend(named_to_python(folder, &entry)?);
            }
        }
    }
    Some(found)
}

/// Returns the content of a folder; nothing for one that cannot be read.
fn listed(folder: &Path, left: &mut usize) -> Option<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        *left = left.checked_sub(1)?;
        all.push(entry.path());
    }
    Some(all)
}

/// Returns the folders that a file in a package folder makes Python import from; nothing
/// if the file is too large to find all of them.
fn named_to_python(site: &Path, file: &Path) -> Option<Vec<PathBuf>> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let finder = name.starts_with("__editable__") && name.ends_with(".py");
    if !(name.ends_with(".pth") || name.ends_with(".egg-link") || finder) {
        return Some(Vec::new());
    }
    let text = match foreign::bytes(file, NAMING) {
        Ok(text) => text,
        Err(_) if file.metadata().is_ok_and(|data| data.len() > NAMING) => return None,
        // Python cannot read it either.
        Err(_) => Vec::new(),
    };
    let mut found = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let line = OsStr::from_bytes(line.trim_ascii());
        let names_one = !finder && !line.is_empty() && !line.as_bytes().starts_with(b"import");
        let whole = names_one.then(|| PathBuf::from(line));
        for path in whole.into_iter().chain(named(line)) {
            found.extend(Way::from(site, &path).places());
        }
    }
    Some(found)
}

/// Returns the files in which this user has settings for every build.
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

/// Splits a list as a shell does: an empty entry means the current folder.
fn folders(value: &OsStr) -> impl Iterator<Item = PathBuf> {
    env::split_paths(value).map(|entry| match entry.as_os_str().is_empty() {
        true => ".".into(),
        false => entry,
    })
}

/// Returns the paths in a command or a list of flags.
fn named(value: &OsStr) -> impl Iterator<Item = PathBuf> {
    let apart = |byte: &u8| byte.is_ascii_whitespace() || b"\"'=,:;\x1f".contains(byte);
    value.as_bytes().split(apart).filter_map(|word| {
        let at = word.iter().position(|byte| *byte == b'/')?;
        let begins = word[..at].iter().rposition(|byte| *byte != b'.');
        // A flag such as -I may precede it.
        let from = match word.starts_with(b"-") {
            true => begins.map_or(0, |last| last + 1),
            false => 0,
        };
        Some(Path::new(OsStr::from_bytes(&word[from..])).to_owned())
    })
}

#[cfg(test)]
mod tests;
