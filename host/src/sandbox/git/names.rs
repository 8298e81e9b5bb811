//! Which paths git obeys: those that a configuration, a `.git` file or a
//! `commondir` names.
//!
//! Pure. Paths come out as they are meant, not as they are on disk.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use super::config::Entry;
pub(crate) use super::named::{Computed, Named};
use super::remotes::{self, Remote};
use super::shapes::PATH_MAX;
use super::word::Word;
use super::words;

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

/// Programs that execute the file that is their first argument.
const INTERPRETERS: [&str; 9] = [
    "bash", "dash", "env", "exec", "node", "perl", "python", "ruby", "sh",
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
        return base(
            entry.subsection.as_deref().unwrap_or_default(),
            homes,
            depth,
        );
    }
    if value.is_empty() || value.len() >= ARGUMENT_MAX {
        return Vec::new();
    }
    let whole = || expand(value, homes).into_iter();
    let paths = |named: fn(PathBuf) -> Named| {
        let known = whole().map(named);
        known.chain(unknown(value, homes)).collect()
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
    let command = is_command(entry, value);
    let word = |path| Named::Word { path, runs: false };
    let mut found: Vec<Named> = whole().map(word).collect();
    let text = value.strip_prefix(b"!").unwrap_or(value);
    let words = text.split(|byte| byte.is_ascii_whitespace() || b"'\"`;|&()<>{}=$".contains(byte));
    let mut executed = command;
    for word in words.filter(|word| !word.is_empty()) {
        let Some(path) = expand(word, homes) else {
            continue;
        };
        // A bare name is looked up in PATH.
        let runs = command && word.starts_with(b"./") || executed && word.contains(&b'/');
        // Its options are not what an interpreter executes.
        executed = executed && !runs && (is_interpreter(&path) || word.starts_with(b"-"));
        if let Ok(below) = path.strip_prefix("/")
            && !below.as_os_str().is_empty()
        {
            // What was before it may have been a variable for the work tree.
            let path = below.to_owned();
            found.push(Named::Word { path, runs: false });
        }
        found.push(Named::Word { path, runs });
    }
    let alias = entry.section == "alias" && !command;
    if command || alias {
        if command && (entry.key.ends_with("program") || entry.key.ends_with("path")) {
            // It is no shell that takes it apart.
            found.extend(whole().filter(|_| value.contains(&b'/')).map(runs_from));
            found.extend(unknown(value, homes));
        }
        let home_text = homes.own.map(|home| home.as_os_str().as_bytes());
        let words = match alias {
            true => words::of_alias(value, home_text),
            false => words::of(text, home_text),
        };
        found.extend(of_words(words, homes, depth));
        let mut seen = BTreeSet::new();
        found.retain(|named| seen.insert(named.clone()));
    }
    found
}

/// What the words of a command name.
fn of_words(words: Vec<Word>, homes: Homes<'_>, depth: usize) -> Vec<Named> {
    let (mut found, mut folders, mut settings) = (Vec::new(), Vec::new(), BTreeSet::new());
    for word in words {
        let (text, named): (_, fn(PathBuf) -> Named) = match word {
            Word::Path { text, runs: true } => (text, runs_from),
            Word::Path { text, runs: false } => {
                let word = |path| Named::Word { path, runs: false };
                found.extend(expand(&text, homes).map(word));
                continue;
            }
            Word::Within { folder, text } => {
                let paths = expand(&folder, homes).zip(expand(&text, homes));
                found.extend(paths.map(|(folder, path)| Named::Within { folder, path }));
                continue;
            }
            Word::Programs(text) => (text, Named::Programs),
            Word::Folder(text) => {
                folders.extend(expand(&text, homes));
                (text, Named::Folder)
            }
            Word::Remote(url) => {
                found.extend(remote_within(&url, homes, depth + 1));
                continue;
            }
            Word::Setting(entry) => {
                settings.insert(entry);
                continue;
            }
            Word::Computed(computed) => {
                let paths = |texts: &BTreeSet<Vec<u8>>| {
                    let texts = texts.iter();
                    texts.filter_map(|text| expand(text, homes)).collect()
                };
                found.push(Named::Computed(Computed {
                    folders: paths(&computed.folders),
                    paths: paths(&computed.paths),
                    lost: computed.lost,
                }));
                continue;
            }
            Word::TooMuch => {
                found.push(Named::TooMuch);
                continue;
            }
        };
        found.extend(unknown(&text, homes));
        found.extend(expand(&text, homes).map(named));
    }
    if settings.len() > SETTINGS_MAX {
        found.push(Named::TooMuch);
    }
    for entry in settings.iter().take(SETTINGS_MAX) {
        for named in named_within(entry, homes, depth + 1) {
            let named = match named {
                // It is not read, but stays as it is.
                Named::Include(path) => runs_from(path),
                Named::WorkTree(path) => Named::Folder(path),
                other => other,
            };
            let below = folders.iter().filter_map(|folder| named.below(folder));
            found.extend(below);
            found.push(named);
        }
    }
    found
}

fn runs_from(path: PathBuf) -> Named {
    Named::Word { path, runs: true }
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
        Some(Remote::Command(command)) => executed(command, homes, depth),
    }
}

/// What the beginning of urls names: whatever lies below is a repository.
fn base(base: &str, homes: Homes<'_>, depth: usize) -> Vec<Named> {
    match remotes::of(base.as_bytes()) {
        None => Vec::new(),
        Some(Remote::Repository(path)) => {
            let known = expand(&path, homes).map(runs_from);
            known.into_iter().chain(unknown(&path, homes)).collect()
        }
        Some(Remote::Command(command)) => executed(command, homes, depth),
    }
}

/// What a command names that stands elsewhere than as a value.
fn executed(command: Vec<u8>, homes: Homes<'_>, depth: usize) -> Vec<Named> {
    let entry = Entry {
        section: "core".into(),
        subsection: None,
        key: "command".into(),
        value: command,
    };
    named_within(&entry, homes, depth)
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

fn is_interpreter(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let name = name.trim_end_matches(|end: char| end.is_ascii_digit() || end == '.');
    INTERPRETERS.contains(&name)
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
