//! Where the tools of builds take code from, by this program's own variables and by
//! what is in the folders that these name.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

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

/// Settings of tools by how their names begin and end: each absolute path in them
/// counts. Some are no paths, and look like relative ones.
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

/// The project that `npm run` runs in, which npm takes nothing from by it.
const NOT_A_SETTING: &str = "npm_config_local_prefix";

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

/// How many entries of folders are looked at for links.
const ENTRIES: usize = 100_000;

/// The most of a file that names folders to Python, in bytes.
const NAMING: u64 = 1 << 20;

/// All of them, with what decides where they lead.
pub(super) fn places() -> Vec<PathBuf> {
    let mut paths = set_by(env::vars_os());
    if env::var_os("PATH").is_none() {
        // Without a value, a search path is the current folder.
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

/// The paths that variables name.
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

/// Where links in the folders of programs and toolchains lead, and what Python's
/// folders of packages name elsewhere. Nothing when there is too much to look at.
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

/// The same for these folders of programs, and these in which Python has its `lib`.
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
                found.extend(named_to_python(folder, &entry));
            }
        }
    }
    Some(found)
}

/// What is in a folder; nothing in one that cannot be read.
fn listed(folder: &Path, left: &mut usize) -> Option<Vec<PathBuf>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        *left = left.checked_sub(1)?;
        all.push(entry.path());
    }
    Some(all)
}

/// The folders that a file of a folder of packages has Python import from.
fn named_to_python(site: &Path, file: &Path) -> Vec<PathBuf> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let finder = name.starts_with("__editable__") && name.ends_with(".py");
    if !(name.ends_with(".pth") || name.ends_with(".egg-link") || finder) {
        return Vec::new();
    }
    // A pipe would be waited for.
    let file = file.is_file().then(|| fs::File::open(file).ok()).flatten();
    let mut text = Vec::new();
    if let Some(file) = file {
        // What was read before an error counts.
        let _ = file.take(NAMING).read_to_end(&mut text);
    }
    let mut found = Vec::new();
    for line in text.split(|byte| *byte == b'\n') {
        let line = OsStr::from_bytes(line.trim_ascii());
        let names_one = !finder && !line.is_empty() && !line.as_bytes().starts_with(b"import");
        let whole = names_one.then(|| PathBuf::from(line));
        for path in whole.into_iter().chain(named(line)) {
            found.extend(Way::from(site, &path).places());
        }
    }
    found
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

    #[test]
    fn variables_of_tools_name_paths_and_others_do_not() {
        let of = |name: &str, value: &str| set_by([(name.into(), value.into())].into_iter());
        for (name, value) in [
            ("RUSTUP_TOOLCHAIN", "/ws"),
            ("CARGO_TARGET_WASM32_WASIP2_LINKER", "/ws"),
            ("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER", "sh /ws"),
            ("CARGO_TARGET_WASM32_WASIP2_RUSTFLAGS", "-Clinker=/ws"),
            ("CARGO_BUILD_BUILD_DIR", "/ws"),
            ("HOST_CC", "/ws"),
            ("CC_wasm32_wasip2", "/ws"),
            ("COMPILER_PATH", "/usr/lib:/ws"),
            ("LIBRARY_PATH", "/ws"),
            ("C_INCLUDE_PATH", "/ws"),
            ("CPLUS_INCLUDE_PATH", "/ws"),
            ("PKG_CONFIG_PATH", "/ws"),
            ("LD_AUDIT", "/a.so:/ws"),
            ("OPENSSL_CONF", "/ws"),
            ("PERL5LIB", "/ws"),
            ("PYTHONPYCACHEPREFIX", "/ws"),
            ("PIP_INDEX_URL", "file:///ws"),
            ("PIP_EXTRA_INDEX_URL", "https://a.b/c file:///ws"),
            ("PIP_TARGET", "/ws"),
            ("npm_config_registry", "file:///ws"),
            ("NPM_CONFIG_NODE_GYP", "/ws"),
            ("GOPROXY", "file:///ws,direct"),
            ("GOTMPDIR", "/ws"),
            ("GIT_EXEC_PATH", "/ws"),
            ("GIT_TEMPLATE_DIR", "/ws"),
            ("GIT_EXTERNAL_DIFF", "/ws"),
        ] {
            let found = of(name, value);
            let found = found.iter().flat_map(|path| Way::of(path).places());
            assert!(
                found.into_iter().any(|path| path == Path::new("/ws")),
                "{name}"
            );
        }
        for (name, value) in [
            ("PWD", "/ws"),
            ("OLDPWD", "/ws"),
            ("GITHUB_WORKSPACE", "/ws"),
            ("INIT_CWD", "/ws"),
            ("npm_config_local_prefix", "/ws"),
            ("npm_config_user_agent", "npm/10 node/v20 workspaces/false"),
            ("RUSTUP_TOOLCHAIN", "stable-x86_64-unknown-linux-gnu"),
            ("CARGO_MANIFEST_DIR", "/ws"),
            ("LIBRARY_PATH", ""),
        ] {
            assert_eq!(of(name, value), Vec::<PathBuf>::new(), "{name}");
        }
    }

    #[test]
    fn links_and_lists_of_packages_lead_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path().canonicalize().expect("a path");
        let site = root.join("local/lib/python3.11/site-packages");
        for folder in [
            "bin",
            "toolchains",
            "ws/tool",
            "pth",
            "egg",
            "finder",
            "spaced name",
        ] {
            fs::create_dir_all(root.join(folder)).expect("folders");
        }
        fs::create_dir_all(&site).expect("folders");
        let link = std::os::unix::fs::symlink::<PathBuf, PathBuf>;
        link("../ws/tool".into(), root.join("bin/cargo")).expect("a link");
        link(root.join("missing"), root.join("toolchains/mine")).expect("a link");
        link(root.join("linked"), site.join("package")).expect("a link");
        let shown = root.display();
        for (name, text) in [
            (
                "a.pth",
                format!("# none\n{shown}/pth\n../../../../relative\n"),
            ),
            (
                "b.pth",
                format!("{shown}/spaced name\nimport sys; sys.path.append('{shown}/code')\n"),
            ),
            ("c.egg-link", format!("{shown}/egg\n.")),
            (
                "__editable___d_finder.py",
                format!("MAPPING = {{'d': '{shown}/finder'}}\n"),
            ),
            ("e.py", format!("'{shown}/not'\n")),
        ] {
            fs::write(site.join(name), text).expect("written");
        }
        let programs = [root.join("bin"), root.join("toolchains"), root.join("none")];
        let python = [root.join("local")];
        let found = linked_from(&programs, &python, 100).expect("few entries");
        for name in [
            "ws/tool",
            "missing",
            "linked",
            "pth",
            "relative",
            "spaced name",
            "code",
            "egg",
            "finder",
        ] {
            assert!(found.contains(&root.join(name)), "{name}: {found:?}");
        }
        assert!(!found.contains(&root.join("not")));
        assert!(!found.contains(&root));
        assert_eq!(linked_from(&programs, &python, 3), None);
    }
}
