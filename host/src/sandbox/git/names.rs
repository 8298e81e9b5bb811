//! Which paths git obeys: those that a configuration, a `.git` file or a
//! `commondir` names.
//!
//! Pure. Paths come out as they are meant, not as they are on disk.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use super::command;
use super::config::Entry;
pub(crate) use super::named::{Command, Named};
use super::pieces::{Hold, Pieces};
use super::remotes::{self, Remote};
use super::shapes::PATH_MAX;
use super::substitution;

/// What `~` stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Homes<'a> {
    /// The home of the host's user.
    pub(crate) own: Option<&'a Path>,
    /// The home of the user with this name, where that is known.
    pub(crate) of: fn(&str) -> Option<PathBuf>,
}

impl Homes<'_> {
    /// No home is known.
    pub(crate) const NONE: Self = Self {
        own: None,
        of: |_| None,
    };
}

/// Sections whose values name no file that git executes, but often words that
/// a file or folder is called, too.
const HARMLESS: [&str; 12] = [
    "advice",
    "blame",
    "branch",
    "color",
    "column",
    "commit",
    "gui",
    "maintenance",
    "push",
    "safe",
    "scalar",
    "user",
];

/// Keys whose value is a command, wherever they stand.
const COMMANDS: [&str; 25] = [
    "alternaterefscommand",
    "askpass",
    "browser",
    "cccmd",
    "clean",
    "cmd",
    "command",
    "defaultkeycommand",
    "difffilter",
    "driver",
    "editor",
    "external",
    "fsmonitor",
    "gitproxy",
    "headercmd",
    "helper",
    "packobjectshook",
    "pager",
    "process",
    "program",
    "receivepack",
    "sendmailcmd",
    "smudge",
    "sshcommand",
    "textconv",
];

/// Further ones, which are commands in these sections only.
const COMMANDS_IN: [(&str, &str); 10] = [
    ("browser", "path"),
    ("difftool", "path"),
    ("imap", "tunnel"),
    ("instaweb", "httpd"),
    ("man", "path"),
    ("mergetool", "path"),
    ("remote", "uploadpack"),
    ("sendemail", "smtpserver"),
    ("sendemail", "tocmd"),
    ("submodule", "update"),
];

/// How deep commands of git set something for others.
const SET_MAX: usize = 2;
/// How many settings a command of git's has for itself.
const SETTINGS_MAX: usize = 16;

/// The kernel starts no program with an argument of this length.
const ARGUMENT_MAX: usize = 128 << 10;

/// How the keys of commands end that are not known.
const ENDINGS: [&str; 8] = [
    "cmd", "command", "driver", "helper", "hook", "path", "prog", "program",
];

/// What an entry names. `homes` is what `~` stands for.
pub(crate) fn named(entry: &Entry, homes: Homes<'_>) -> Vec<Named> {
    named_within(entry, homes, 0)
}

/// `depth` is in how many commands it is set.
fn named_within(entry: &Entry, homes: Homes<'_>, depth: usize) -> Vec<Named> {
    if depth > SET_MAX {
        return vec![Named::TooMuch];
    }
    let value = entry.value.trim_ascii();
    if let ("url", "insteadof" | "pushinsteadof") = (entry.section.as_str(), entry.key.as_str()) {
        let base = entry.subsection.as_deref().unwrap_or_default();
        return match remotes::of(base.as_bytes()) {
            // Whatever lies below is a repository.
            Some(Remote::Repository(path)) => {
                let mut pieces = Pieces::default();
                pieces.add(path, Hold::Always);
                of_pieces(&key(entry), pieces, homes, depth)
            }
            _ => remote_within(base.as_bytes(), homes, depth),
        };
    }
    if value.is_empty() || value.len() >= ARGUMENT_MAX {
        return Vec::new();
    }
    let paths = |named: fn(PathBuf) -> Named| {
        let known = expand(value, homes).map(named);
        known.into_iter().chain(unknown(value, homes)).collect()
    };
    match (entry.section.as_str(), entry.key.as_str()) {
        ("include" | "includeif", "path") => return paths(Named::Include),
        ("core", "worktree") => return paths(Named::WorkTree),
        ("core", "hookspath") | ("init", "templatedir") => {
            return paths(Named::Programs);
        }
        // Where git, or what comes with it, works unasked.
        ("maintenance" | "scalar", "repo") | ("gui", "recentrepo") => {
            return paths(Named::Repository);
        }
        ("remote", "url" | "pushurl") => return remote_within(value, homes, depth),
        // A relative one is relative to the remote's.
        ("submodule", "url") if !value.starts_with(b".") => {
            return remote_within(value, homes, depth);
        }
        ("core", "excludesfile" | "commentchar" | "bare" | "autocrlf" | "eol")
        | ("remote", "fetch" | "push" | "pushdefault")
        | ("submodule", "path" | "url" | "branch" | "active") => return Vec::new(),
        (section, _) if HARMLESS.contains(&section) => return Vec::new(),
        _ => {}
    }
    let home = homes.own.map(|home| home.as_os_str().as_bytes());
    let text = value.strip_prefix(b"!").unwrap_or(value);
    let mut pieces = match entry.section.as_str() {
        _ if is_command(entry, value) => command::of(text, home),
        "alias" => command::of_alias(value, home),
        _ => Pieces::default(),
    };
    // It is no shell that takes it apart.
    let is_program = entry.key.ends_with("program") || entry.key.ends_with("path");
    if is_command(entry, value) && is_program {
        pieces.open = None;
        if value.contains(&b'/') {
            pieces.add(value.into(), Hold::Always);
        }
    }
    pieces.add(value.into(), Hold::File);
    for piece in substitution::names(text) {
        pieces.add(piece, Hold::File);
    }
    of_pieces(&key(entry), pieces, homes, depth)
}

/// The key of an entry, as git shows it.
fn key(entry: &Entry) -> String {
    match &entry.subsection {
        Some(subsection) => format!("{}.{subsection}.{}", entry.section, entry.key),
        None => format!("{}.{}", entry.section, entry.key),
    }
}

/// What pieces name. What a command sets for git counts as they do.
fn of_pieces(key: &str, pieces: Pieces, homes: Homes<'_>, depth: usize) -> Vec<Named> {
    let mut command = Command {
        key: key.into(),
        relative: pieces.relative,
        open: pieces.open,
        ..Command::default()
    };
    let mut found = Vec::new();
    for (text, hold) in &pieces.paths {
        if let Some(path) = expand(text, homes) {
            command.add(path, *hold);
        } else if *hold == Hold::Always {
            found.extend(unknown(text, homes));
        }
    }
    let settings = pieces.settings.iter().take(SETTINGS_MAX);
    for named in settings.flat_map(|entry| named_within(entry, homes, depth + 1)) {
        match named {
            Named::Include(path) => {
                command.add(path.clone(), Hold::Always);
                found.push(Named::Include(path));
            }
            Named::WorkTree(path) | Named::Programs(path) => {
                command.relative |= path.is_relative();
                command.add(path, Hold::Always);
            }
            Named::Repository(path) => {
                let mut name = path.clone().into_os_string();
                name.push(".git");
                command.add(name.into(), Hold::Always);
                command.add(path, Hold::Always);
            }
            Named::Command(of_setting) => {
                command.open = command.open.or(of_setting.open);
                command.relative |= of_setting.relative;
                for (path, hold) in of_setting.paths {
                    command.add(path, hold);
                }
            }
            other => found.push(other),
        }
    }
    if pieces.too_much || pieces.settings.len() > SETTINGS_MAX {
        found.push(Named::TooMuch);
    }
    found.push(Named::Command(command));
    found
}

/// What the url of a remote names.
pub(super) fn remote(url: &[u8], homes: Homes<'_>) -> Vec<Named> {
    remote_within(url, homes, 0)
}

fn remote_within(url: &[u8], homes: Homes<'_>, depth: usize) -> Vec<Named> {
    match remotes::of(url) {
        None => Vec::new(),
        Some(Remote::Repository(path)) => {
            let known = expand(&path, homes).map(Named::Repository);
            known.into_iter().chain(unknown(&path, homes)).collect()
        }
        Some(Remote::Command(command)) => {
            let home = homes.own.map(|home| home.as_os_str().as_bytes());
            of_pieces("a url", command::of(&command, home), homes, depth)
        }
    }
}

fn is_command(entry: &Entry, value: &[u8]) -> bool {
    let (section, key) = (entry.section.as_str(), entry.key.as_str());
    match section {
        "pager" => true,
        "alias" => value.starts_with(b"!"),
        _ => {
            COMMANDS.contains(&key)
                || COMMANDS_IN.contains(&(section, key))
                || ENDINGS.iter().any(|end| key.ends_with(end))
        }
    }
}

/// A path as git's configuration has it. One that lies in somebody's home, or where
/// git is installed, is none where that is not known.
fn expand(value: &[u8], homes: Homes<'_>) -> Option<PathBuf> {
    let value = value.strip_prefix(b":(optional)").unwrap_or(value);
    // No file has such a path, and comparing many with it takes long.
    if value.len() > PATH_MAX {
        return None;
    }
    let path = Path::new(OsStr::from_bytes(value));
    match (path.strip_prefix("~"), user(value)) {
        (Ok(below), _) => Some(homes.own?.join(below)),
        (Err(_), Some((name, below))) => Some((homes.of)(name)?.join(below)),
        (Err(_), None) if value.starts_with(b"~") || value.starts_with(b"%(prefix)") => None,
        (Err(_), None) => Some(path.to_owned()),
    }
}

/// The name in `~name/below`, and the rest of it.
fn user(value: &[u8]) -> Option<(&str, &Path)> {
    let text = value.strip_prefix(b"~")?;
    let slash = text.iter().position(|byte| *byte == b'/');
    let (name, below) = match slash {
        Some(slash) => (&text[..slash], &text[slash + 1..]),
        None => (text, &b""[..]),
    };
    let below = below
        .iter()
        .position(|byte| *byte != b'/')
        .map_or(&b""[..], |at| &below[at..]);
    let name = std::str::from_utf8(name)
        .ok()
        .filter(|name| !name.is_empty())?;
    Some((name, Path::new(OsStr::from_bytes(below))))
}

/// Whether a path is in the home of a user who is not known.
fn unknown(value: &[u8], homes: Homes<'_>) -> Option<Named> {
    let value = value.strip_prefix(b":(optional)").unwrap_or(value);
    let is_tilde = value == b"~" || value.starts_with(b"~/") || !value.starts_with(b"~");
    let known = is_tilde || expand(value, homes).is_some();
    (!known).then(|| Named::Unknown(String::from_utf8_lossy(value).into_owned()))
}

/// Where a `.git` that is a file leads, as it says.
pub(crate) fn gitfile(text: &[u8]) -> Option<PathBuf> {
    let path = text.strip_prefix(b"gitdir:")?;
    let path = path.trim_ascii_start();
    line(path)
}

/// The path that is all of a file, as of `commondir`.
pub(crate) fn line(text: &[u8]) -> Option<PathBuf> {
    let mut text = text;
    while let [rest @ .., b'\n' | b'\r'] = text {
        text = rest;
    }
    (!text.is_empty() && !text.contains(&0)).then(|| Path::new(OsStr::from_bytes(text)).to_owned())
}

/// Whether a file `HEAD` could be a repository's.
pub(crate) fn is_head(text: &[u8]) -> bool {
    let reference = text
        .strip_prefix(b"ref:")
        .is_some_and(|name| name.trim_ascii_start().starts_with(b"refs/"));
    let digits = text.iter().take_while(|byte| byte.is_ascii_hexdigit());
    reference || digits.count() >= 40
}

/// A path without `.` and `..`, as if no part of it were a link.
pub(crate) fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::ParentDir => {
                // At the root there is no further up.
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
#[path = "names/tests.rs"] // also where the fuzz targets include this file
mod tests;
