//! Where the urls of remotes lead on this machine: to repositories, whose hooks
//! git runs when it pushes, and to commands.
//!
//! Pure.

use std::collections::BTreeSet;

use super::config::Entry;

/// What a url leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Remote {
    /// The path of a repository.
    Repository(Vec<u8>),
    /// A command that speaks git's protocol.
    Command(Vec<u8>),
}

/// What a url leads to on this machine; `None` for one that leads elsewhere.
pub(super) fn of(url: &[u8]) -> Option<Remote> {
    let mut url = url;
    loop {
        let in_scheme = |byte: &&u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
        let (scheme, rest) = url.split_at(url.iter().take_while(in_scheme).count());
        if let Some(address) = rest.strip_prefix(b"::").filter(|_| !scheme.is_empty()) {
            if scheme == b"ext" {
                return Some(Remote::Command(ext(address)));
            }
            if scheme == b"fd" {
                return None;
            }
            // Most helpers take the url of what they lie over.
            url = address;
            continue;
        }
        if let Some(rest) = rest.strip_prefix(b"://") {
            let path = decoded(rest);
            // Git passes over the name of a host.
            let slash = path.iter().position(|byte| *byte == b'/')?;
            let local = scheme.eq_ignore_ascii_case(b"file");
            return local.then(|| Remote::Repository(path[slash..].into()));
        }
        let colon = url.iter().position(|byte| *byte == b':');
        let slash = url.iter().position(|byte| *byte == b'/');
        let elsewhere = colon.is_some_and(|colon| slash.is_none_or(|slash| colon < slash));
        let local = !elsewhere && !url.is_empty() && url != b".";
        return local.then(|| Remote::Repository(url.into()));
    }
}

/// The command of `ext::`, whose blanks within words are `% `.
fn ext(address: &[u8]) -> Vec<u8> {
    let mut command = Vec::new();
    let mut bytes = address.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => match bytes.next() {
                Some(b' ') => command.extend(b"\\ "),
                Some(b'%') | None => command.push(b'%'),
                Some(other) => command.extend([b'%', other]),
            },
            byte => command.push(byte),
        }
    }
    command
}

/// A url without `%2f` and the like.
fn decoded(url: &[u8]) -> Vec<u8> {
    let (mut text, mut rest) = (Vec::new(), url);
    while let [first, after @ ..] = rest {
        let digits = after.get(..2).filter(|_| *first == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if byte > 0 => {
                text.push(byte);
                rest = &after[2..];
            }
            _ => {
                text.push(*first);
                rest = after;
            }
        }
    }
    text
}

/// The urls that are none of a `remote.*.url` itself: where no remote has such a
/// name, the name is the url, and `url.*.insteadOf` makes others of all.
pub(super) fn derived(entries: &[Entry]) -> BTreeSet<Vec<u8>> {
    let (mut urls, mut names, mut known) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut bases = Vec::new();
    for entry in entries {
        let value = entry.value.trim_ascii();
        let subsection = entry.subsection.as_deref().map(str::as_bytes);
        match (entry.section.as_str(), entry.key.as_str(), subsection) {
            ("branch", "remote" | "pushremote", _) | ("remote", "pushdefault", _) => {
                names.insert(value);
            }
            ("remote", key, Some(name)) => {
                names.insert(name);
                if let "url" | "vcs" = key {
                    known.insert(name);
                }
                if let "url" | "pushurl" = key {
                    urls.insert(value);
                }
            }
            ("submodule", "url", _) => {
                urls.insert(value);
            }
            ("url", "insteadof" | "pushinsteadof", Some(base)) => bases.push((base, value)),
            _ => {}
        }
    }
    let mut derived: BTreeSet<Vec<u8>> =
        names.difference(&known).map(|name| name.to_vec()).collect();
    for url in names.union(&urls) {
        for (base, prefix) in &bases {
            if let Some(rest) = url.strip_prefix(*prefix) {
                derived.insert([base, rest].concat());
            }
        }
    }
    derived
}

/// What a file in `.git/remotes` says, or the url that one in `.git/branches` has.
pub(super) fn old(name: &str, text: &[u8]) -> Vec<Entry> {
    let url = |value: &[u8]| Entry {
        section: "remote".into(),
        subsection: Some(name.into()),
        key: "url".into(),
        value: value.trim_ascii().into(),
    };
    let mut lines = text.split(|byte| *byte == b'\n').peekable();
    let first = lines.peek().copied().unwrap_or_default();
    let branch = first.split(|byte| *byte == b'#').next().unwrap_or_default();
    let urls = lines.filter_map(|line| line.trim_ascii().strip_prefix(b"URL:"));
    let mut found: Vec<Entry> = urls.map(url).collect();
    if found.is_empty() {
        found.push(url(branch));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::git::config::entries;

    #[test]
    fn urls_lead_where_git_goes() {
        for (url, path) in [
            ("b.git", "b.git"),
            ("./a:b", "./a:b"),
            ("file:///w/b", "/w/b"),
            ("file://localhost/w/b", "/w/b"),
            ("file:///w/%62%2egit", "/w/b.git"),
            ("file:///w/%zz%00", "/w/%zz%00"),
            ("gcrypt::./b", "./b"),
            ("x::y::file:///w/b", "/w/b"),
        ] {
            assert_eq!(
                of(url.as_bytes()),
                Some(Remote::Repository(path.into())),
                "{url}"
            );
        }
        for url in [
            "https://x/y",
            "git@x:a/b",
            "ssh://localhost/w",
            "fd::17",
            ".",
            "",
        ] {
            assert_eq!(of(url.as_bytes()), None, "{url}");
        }
        let command = of(b"ext::sh my% tools/x %S 100%%");
        assert_eq!(
            command,
            Some(Remote::Command(b"sh my\\ tools/x %S 100%".into()))
        );
    }

    #[test]
    fn names_are_urls_where_no_remote_has_them() {
        let text = "[branch \"a\"]\nremote=origin\npushRemote=./b.git\n[remote]\npushDefault=c.git\n\
                    [remote \"origin\"]\nurl=gh:x\n[remote \"d/e\"]\nfetch=y\n\
                    [url \"/w/m/\"]\ninsteadOf=gh:\n[url \"n-\"]\npushInsteadOf=c.\n";
        let derived = derived(&entries(text.as_bytes()));
        let derived: Vec<_> = derived
            .iter()
            .map(|url| String::from_utf8_lossy(url))
            .collect();
        assert_eq!(derived, ["./b.git", "/w/m/x", "c.git", "d/e", "n-git"]);
    }

    #[test]
    fn old_files_of_remotes_are_read() {
        for (text, urls) in [
            ("URL: ./b\nPush: x\nURL:c\n", vec!["./b", "c"]),
            ("./b#main\n", vec!["./b"]),
        ] {
            let found = old("o", text.as_bytes());
            let found: Vec<_> = found
                .iter()
                .map(|e| String::from_utf8_lossy(&e.value))
                .collect();
            assert_eq!(found, urls);
        }
    }
}
