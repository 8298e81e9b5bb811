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

/// Folders in which everything of a machine or of a user lies. A toolchain is never all of one.
const PLACES: [&str; 12] = [
    "/", "/boot", "/etc", "/home", "/media", "/mnt", "/opt", "/root", "/run", "/srv", "/tmp",
    "/var",
];

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
            Tool::Node => self.managed(tool, ("NVM_DIR", ".nvm"), "versions/node", nvm_default),
            Tool::Python => self.managed(tool, ("PYENV_ROOT", ".pyenv"), "versions", |root| {
                self.chosen("PYENV_VERSION", &root.join("version"))
            }),
            Tool::Ruby => self.managed(tool, ("RBENV_ROOT", ".rbenv"), "versions", |root| {
                self.chosen("RBENV_VERSION", &root.join("version"))
            }),
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
    /// manager has by default. The manager's folder is what a variable names, or one of the home.
    ///
    /// Another manager's shim stands for a version that is not known here. Nothing else is taken
    /// in its place.
    fn managed(
        &self,
        tool: Tool,
        (variable, of_home): (&str, &str),
        versions: &str,
        default: impl Fn(&Path) -> Option<String>,
    ) -> Result<Found, String> {
        let root = (self.variable)(variable).map(PathBuf::from);
        let root = root.or_else(|| Some(self.home.as_ref()?.join(of_home)));
        let Some(root) = root else {
            return self.in_path(tool);
        };
        let is_own = |path: &Path| path.starts_with(&root);
        let first = self.programs(tool).next();
        let of_path = first.as_deref().map(|path| of_prefix(&real(path)?, tool));
        match of_path {
            Some(Ok(found)) if !found.shows.is_empty() => return Ok(found),
            Some(Err(error)) if !first.as_deref().is_some_and(is_own) => return Err(error),
            Some(_) | None => {}
        }
        let wanted = default(&root).filter(|wanted| wanted != "system");
        let Some(wanted) = wanted else {
            // The manager leaves the choice to the search path.
            let mut others = self.programs(tool).filter(|path| !is_own(path));
            return match others.next() {
                Some(path) => of_prefix(&real(&path)?, tool),
                None => Err(absent(tool)),
            };
        };
        let versions = root.join(versions);
        match newest(&versions, |entry| is_version(entry, &wanted)) {
            Some(folder) => of_prefix(&real(&folder.join("bin").join(program(tool)))?, tool),
            None if wanted.is_empty() => self.in_path(tool),
            None => Err(format!(
                "{} has no version `{wanted}`, which is the default",
                versions.display()
            )),
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

    /// The toolchain whose program the search path finds first, as a shell does.
    fn in_path(&self, tool: Tool) -> Result<Found, String> {
        let first = self.programs(tool).next();
        let first = first.ok_or_else(|| absent(tool))?;
        of_prefix(&real(&first)?, tool)
    }

    /// The files in the search path that have the name of its program.
    fn programs(&self, tool: Tool) -> impl Iterator<Item = PathBuf> {
        let path = (self.variable)("PATH").unwrap_or_default();
        let folders: Vec<_> = env::split_paths(&path).collect();
        let folders = folders.into_iter().filter(|folder| folder.is_absolute());
        let programs = folders.map(move |folder| folder.join(program(tool)));
        programs.filter(|path| path.is_file())
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

fn absent(tool: Tool) -> String {
    format!("no `{}` is in PATH", program(tool))
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
    if program_path.starts_with(STORE) {
        return Ok(Found {
            shows: vec![STORE.into()],
            path: vec![bin.to_owned()],
            ..Found::default()
        });
    }
    let prefix = bin.parent().unwrap_or(bin);
    if PLACES.iter().any(|place| prefix == Path::new(place)) {
        return Err(format!(
            "{shown} would show all of {}, which holds more than the toolchain",
            prefix.display()
        ));
    }
    for path in [prefix, bin, program_path] {
        if is_writable_by_all(path)? {
            return Err(format!(
                "every user can change {}; to keep it yours: chmod o-w {}",
                path.display(),
                path.display()
            ));
        }
    }
    Ok(Found {
        shows: vec![prefix.to_owned()],
        path: vec![bin.to_owned()],
        ..Found::default()
    })
}

fn is_writable_by_all(path: &Path) -> Result<bool, String> {
    use std::os::unix::fs::PermissionsExt as _;
    const BY_ALL: u32 = 0o002;
    let metadata = fs::metadata(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(metadata.permissions().mode() & BY_ALL != 0)
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

/// The version that nvm uses in a new shell, as its alias says; the newest where it has none.
fn nvm_default(root: &Path) -> Option<String> {
    let mut name = "default".to_owned();
    for _ in 0..8 {
        let alias = root.join("alias").join(&name);
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
