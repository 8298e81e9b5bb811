//! `tools` of `[sandbox]`: what named toolchains of this machine consist of, wherever their
//! installers put them. They are found by looking at files; nothing is executed.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::foreign;

/// A toolchain that the operator can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Tool {
    Rust,
    Node,
    Python,
    Ruby,
    Go,
    Java,
    Nix,
}

/// All of them, with their programs. The first program is the one that is looked for.
const TOOLS: [(Tool, &str, &[&str]); 7] = [
    (
        Tool::Rust,
        "rust",
        &[
            "rustc",
            "cargo",
            "rustdoc",
            "rustfmt",
            "cargo-clippy",
            "cargo-fmt",
            "clippy-driver",
        ],
    ),
    (Tool::Node, "node", &["node", "npm", "npx", "corepack"]),
    (
        Tool::Python,
        "python",
        &["python3", "python", "pip", "pip3"],
    ),
    (
        Tool::Ruby,
        "ruby",
        &["ruby", "gem", "bundle", "irb", "rake"],
    ),
    (Tool::Go, "go", &["go", "gofmt"]),
    (Tool::Java, "java", &["java", "javac", "jar", "jshell"]),
    (Tool::Nix, "nix", &[]),
];

/// The folders of the system, which processes see without being told to.
const SHOWN: [&str; 5] = ["/usr", "/bin", "/sbin", "/lib", "/lib64"];

/// The store of Nix. What is in it needs the rest of it.
const STORE: &str = "/nix/store";

/// What a toolchain consists of on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct Found {
    /// Folders that processes have to see.
    pub(crate) shows: Vec<PathBuf>,
    /// Folders of programs.
    pub(crate) path: Vec<PathBuf>,
    /// Variables that its programs need.
    #[serde(skip)]
    pub(crate) variables: Vec<(&'static str, String)>,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.shows {
            [] => f.write_str("the system's"),
            shows => {
                let shows: Vec<_> = shows
                    .iter()
                    .map(|path| path.display().to_string())
                    .collect();
                f.write_str(&shows.join(", "))
            }
        }
    }
}

/// What is known of the machine and of who runs the program.
pub(super) struct Machine {
    home: Option<PathBuf>,
    variable: fn(&str) -> Option<OsString>,
}

impl Machine {
    pub(super) fn of_user() -> Self {
        Self {
            home: etcetera::home_dir().ok(),
            variable: |name| env::var_os(name).filter(|value| !value.is_empty()),
        }
    }

    /// Returns what a toolchain consists of; empty where it belongs to the system.
    ///
    /// # Errors
    ///
    /// The places where it was looked for.
    pub(super) fn find(&self, tool: Tool) -> Result<Found, String> {
        match tool {
            Tool::Rust => self.rust(),
            Tool::Node => self.managed(tool, |home| home.join(".nvm/versions/node"), nvm_default),
            Tool::Python => self.managed(
                tool,
                |home| home.join(".pyenv/versions"),
                |home| self.chosen("PYENV_VERSION", &home.join(".pyenv/version")),
            ),
            Tool::Ruby => self.managed(
                tool,
                |home| home.join(".rbenv/versions"),
                |home| self.chosen("RBENV_VERSION", &home.join(".rbenv/version")),
            ),
            Tool::Go => self.in_path(tool),
            Tool::Java => self.java(),
            Tool::Nix => self.nix(),
        }
    }

    /// The toolchain of rustup that is the default. Its proxies in `~/.cargo/bin` would look
    /// for it in the home that processes do not see; so its own programs are taken. `cargo`
    /// keeps what it downloads in the process's home.
    fn rust(&self) -> Result<Found, String> {
        let home = (self.variable)("RUSTUP_HOME").map(PathBuf::from);
        let home = home.or_else(|| Some(self.home.as_ref()?.join(".rustup")));
        let Some(home) = home.filter(|home| home.join("toolchains").is_dir()) else {
            return self.in_path(Tool::Rust);
        };
        let settings = foreign::text(&home.join("settings.toml")).unwrap_or_default();
        let settings: toml::Table = settings.parse().unwrap_or_default();
        let default = settings
            .get("default_toolchain")
            .and_then(toml::Value::as_str);
        let set = (self.variable)("RUSTUP_TOOLCHAIN").and_then(|name| name.into_string().ok());
        let Some(name) = set.or_else(|| default.map(str::to_owned)) else {
            return Err(format!(
                "rustup in {} has no default toolchain",
                home.display()
            ));
        };
        let toolchains = home.join("toolchains");
        // A name may leave out the host.
        let exact = toolchains.join(&name);
        let folder = match exact.is_dir() {
            true => exact,
            false => newest(&toolchains, |entry| {
                entry
                    .strip_prefix(&*name)
                    .is_some_and(|rest| rest.starts_with('-'))
            })
            .ok_or_else(|| format!("{} has no toolchain `{name}`", toolchains.display()))?,
        };
        of_prefix(&real(&folder.join("bin/rustc"))?, Tool::Rust)
    }

    /// A toolchain of a version manager: what the search path finds, or the version that the
    /// manager has by default.
    fn managed(
        &self,
        tool: Tool,
        versions: impl Fn(&Path) -> PathBuf,
        default: impl Fn(&Path) -> Option<String>,
    ) -> Result<Found, String> {
        let of_path = self.in_path(tool);
        if of_path.as_ref().is_ok_and(|found| !found.shows.is_empty()) {
            return of_path;
        }
        let Some(home) = &self.home else {
            return of_path;
        };
        let versions = versions(home);
        let wanted = default(home);
        let chosen =
            wanted.and_then(|wanted| newest(&versions, |entry| is_version(entry, &wanted)));
        match chosen {
            Some(folder) => of_prefix(&real(&folder.join("bin").join(program(tool)))?, tool),
            None => of_path,
        }
    }

    /// What a variable or a file chooses, in its first line.
    fn chosen(&self, variable: &str, file: &Path) -> Option<String> {
        let set = (self.variable)(variable).and_then(|value| value.into_string().ok());
        let text = set.or_else(|| foreign::text(file).ok())?;
        let line = text.lines().next()?.trim();
        Some(line.to_owned()).filter(|line| !line.is_empty())
    }

    fn java(&self) -> Result<Found, String> {
        let home = (self.variable)("JAVA_HOME").map(PathBuf::from);
        let program = home
            .map(|home| home.join("bin/java"))
            .filter(|java| java.is_file());
        let mut found = match program {
            Some(java) => of_prefix(&real(&java)?, Tool::Java)?,
            None => self.in_path(Tool::Java)?,
        };
        let prefix = found.shows.first().and_then(|prefix| prefix.to_str());
        found.variables = prefix
            .map(|prefix| ("JAVA_HOME", prefix.to_owned()))
            .into_iter()
            .collect();
        Ok(found)
    }

    /// The store, with the programs of the user's and of the system's profile.
    fn nix(&self) -> Result<Found, String> {
        if !Path::new(STORE).is_dir() {
            return Err(format!("there is no {STORE}"));
        }
        let user = self.home.iter().map(|home| home.join(".nix-profile/bin"));
        let system = PathBuf::from("/run/current-system/sw/bin");
        let profiles = user
            .chain([system])
            .filter_map(|folder| folder.canonicalize().ok());
        Ok(Found {
            shows: vec![STORE.into()],
            path: profiles
                .filter(|folder| folder.starts_with(STORE))
                .collect(),
            ..Found::default()
        })
    }

    /// The toolchain whose program the search path finds.
    fn in_path(&self, tool: Tool) -> Result<Found, String> {
        let program = program(tool);
        let path = (self.variable)("PATH").unwrap_or_default();
        let folders = env::split_paths(&path).filter(|folder| folder.is_absolute());
        let mut programs = folders.map(|folder| folder.join(program));
        let mut missed = None;
        let found = programs.find_map(|path| {
            let path = path.canonicalize().ok().filter(|path| path.is_file())?;
            match of_prefix(&path, tool) {
                Ok(found) => Some(found),
                Err(error) => {
                    missed.get_or_insert(error);
                    None
                }
            }
        });
        found.ok_or_else(|| missed.unwrap_or_else(|| format!("no `{program}` is in PATH")))
    }
}

impl Tool {
    /// Returns the toolchain of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let mut tools = TOOLS.iter();
        tools.find_map(|(tool, known, _)| (*known == name).then_some(*tool))
    }

    /// Returns the toolchain that a program belongs to.
    pub(crate) fn of_program(name: &str) -> Option<Self> {
        let mut tools = TOOLS.iter();
        tools.find_map(|(tool, _, programs)| programs.contains(&name).then_some(*tool))
    }

    /// Returns its name in the operator's file.
    pub(crate) fn name(self) -> &'static str {
        let mut tools = TOOLS.iter();
        tools
            .find_map(|(tool, name, _)| (*tool == self).then_some(*name))
            .unwrap_or_default()
    }

    /// Returns the names that there are, with commas.
    pub(super) fn names() -> String {
        TOOLS.map(|(_, name, _)| name).join(", ")
    }
}

fn program(tool: Tool) -> &'static str {
    let mut tools = TOOLS.iter();
    let programs = tools.find_map(|(known, _, programs)| (*known == tool).then_some(*programs));
    programs
        .and_then(|programs| programs.first().copied())
        .unwrap_or_default()
}

fn real(path: &Path) -> Result<PathBuf, String> {
    path.canonicalize()
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// What belongs to a program, whose path has no links: the folder that its `bin` lies in.
fn of_prefix(program_path: &Path, tool: Tool) -> Result<Found, String> {
    let shown = program_path.display();
    if SHOWN.iter().any(|shown| program_path.starts_with(shown)) {
        return Ok(Found::default());
    }
    let bin = program_path
        .parent()
        .filter(|folder| folder.ends_with("bin"));
    let name = program_path.file_name().and_then(|name| name.to_str());
    // A proxy, such as rustup's, is another program, and a shim is a script.
    let is_it = name.is_some_and(|name| is_variant(name, program(tool)));
    let (Some(bin), true, false) = (bin, is_it, is_script(program_path)) else {
        return Err(format!(
            "{shown} stands for the real `{}`, which cannot be found from it",
            program(tool)
        ));
    };
    let prefix = bin.parent().unwrap_or(bin);
    let shows = match program_path.starts_with(STORE) {
        true => Path::new(STORE),
        false => prefix,
    };
    Ok(Found {
        shows: vec![shows.to_owned()],
        path: vec![bin.to_owned()],
        ..Found::default()
    })
}

/// Whether a file name is a program's, perhaps with its version: `python3.12`.
fn is_variant(name: &str, program: &str) -> bool {
    name.strip_prefix(program).is_some_and(|rest| {
        let mut rest = rest.bytes();
        rest.all(|byte| byte.is_ascii_digit() || byte == b'.')
    })
}

fn is_script(path: &Path) -> bool {
    use std::io::Read as _;
    let mut start = [0; 2];
    let read = fs::File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == *b"#!"
}

/// The version that nvm uses in a new shell, as its alias says.
fn nvm_default(home: &Path) -> Option<String> {
    let mut name = "default".to_owned();
    for _ in 0..8 {
        let alias = home.join(".nvm/alias").join(&name);
        match foreign::text(&alias) {
            Ok(text) => name = text.trim().to_owned(),
            Err(_) => break,
        }
    }
    match &*name {
        "node" | "stable" | "default" => Some(String::new()),
        _ => Some(name),
    }
}

/// Whether a folder's name is that of a version, or of one below it: `v20.1.0` of `20`.
fn is_version(entry: &str, wanted: &str) -> bool {
    let plain = |text: &str| text.trim_start_matches('v').to_owned();
    let (entry, wanted) = (plain(entry), plain(wanted));
    let Some(rest) = entry.strip_prefix(&*wanted) else {
        return false;
    };
    rest.is_empty() || wanted.is_empty() || rest.starts_with('.')
}

/// The folder with the highest version among those whose name fits.
fn newest(folder: &Path, fits: impl Fn(&str) -> bool) -> Option<PathBuf> {
    let version = |name: &str| -> Vec<u64> {
        let numbers = name.split(|byte: char| !byte.is_ascii_digit());
        numbers.filter_map(|number| number.parse().ok()).collect()
    };
    let entries = fs::read_dir(folder).ok()?;
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let names = names.filter(|name| fits(name) && folder.join(name).is_dir());
    names
        .max_by_key(|name| version(name))
        .map(|name| folder.join(name))
}

#[cfg(test)]
mod tests;
