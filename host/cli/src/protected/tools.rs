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

/// Variables whose values are settings of tools, by the first parts of their names.
const SETTINGS_OF_TOOLS: [&str; 30] = [
    "AR_",
    "CARGO",
    "CC",
    "CFLAGS",
    "COMPILER_PATH",
    "CPATH",
    "CPLUS_INCLUDE_PATH",
    "CPP",
    "CXX",
    "C_INCLUDE_PATH",
    "GIT_",
    "GO",
    "HOST_CC",
    "HOST_CXX",
    "LD",
    "LIBRARY_PATH",
    "MAKE",
    "NODE_",
    "NPM_CONFIG_",
    "OPENSSL_",
    "PERL5",
    "PIP_",
    "PKG_CONFIG_",
    "PYTHON",
    "RUST",
    "TARGET_CC",
    "TARGET_CXX",
    "VIRTUAL_ENV",
    "WASI_",
    "npm_config_",
];

/// More of them, by their whole names.
const NAMED: [&str; 4] = ["AR", "BASH_ENV", "ENV", "PATH"];

/// Variables that only look like one of these. They name the project that a tool works on, or
/// git's data in it.
const NO_SETTINGS: [&str; 10] = [
    "CARGO_MANIFEST",
    "CARGO_PKG_",
    "GIT_COMMON_DIR",
    "GIT_DIR",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX",
    "GIT_WORK_TREE",
    "npm_config_local_prefix",
    "npm_config_user_agent",
];

/// The last parts of the names of variables that are lists of folders, or single ones. Other
/// values are files, programs with arguments, and flags: any path in them counts.
const FOLDERS: &str = "BASE BIN CACHE DIR ENV HOME LIB PATH PREFIX ROOT cache prefix";

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
        let begins = |table: &[&str]| table.iter().any(|begin| name.starts_with(begin));
        let is_setting = NAMED.contains(&name) || begins(&SETTINGS_OF_TOOLS);
        if !is_setting || begins(&NO_SETTINGS) {
            continue;
        }
        let folder = FOLDERS.split(' ').any(|end| name.ends_with(end));
        if folder && (name == "PATH" || !value.is_empty()) {
            paths.extend(folders(&value));
        }
        paths.extend(named(&value));
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
