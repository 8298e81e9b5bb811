//! Which files of a crate name which others, by the paths in their code.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::sources;

/// The files of a crate, called by their modules (`operator::file`), and the files that
/// each names by `crate::` or `super::`. What a file has of the modules below it is not
/// counted: it is the face of its folder.
pub(crate) struct Arrows(BTreeMap<String, BTreeSet<String>>);

impl Arrows {
    /// Reads the sources in a folder, unit tests left out.
    pub(crate) fn of(folder: &str) -> Self {
        let mut sources = sources(folder);
        sources.retain(|source| !source.is_tests());
        let codes: BTreeMap<String, String> = sources
            .iter()
            .map(|source| {
                let lines: Vec<&str> = source.code().collect();
                (module(folder, &source.path), lines.join("\n"))
            })
            .collect();
        let named = |(from, code): (&String, &String)| {
            let files = paths(code, from).into_iter();
            let files = files.filter_map(|path| file_of(&path, &codes));
            (from.clone(), files.filter(|to| to != from).collect())
        };
        Self(codes.iter().map(named).collect())
    }

    /// The files, and what each of them names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &BTreeSet<String>)> {
        self.0.iter().map(|(from, to)| (from.as_str(), to))
    }

    /// The files that name each other, directly or by way of others: a list for each
    /// circle.
    pub(crate) fn circles(&self) -> Vec<Vec<&str>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> = self
            .0
            .keys()
            .map(|from| (from.as_str(), self.reached(from)))
            .collect();
        let circles: BTreeSet<Vec<&str>> = reached
            .iter()
            .filter(|(from, to)| to.contains(*from))
            .map(|(from, to)| {
                let back = |to: &&&str| reached[**to].contains(from);
                to.iter().filter(back).copied().collect()
            })
            .collect();
        circles.into_iter().collect()
    }

    /// Every file that one names, directly or by way of others.
    fn reached<'a>(&'a self, from: &'a str) -> BTreeSet<&'a str> {
        let mut reached = BTreeSet::new();
        let mut next = vec![from];
        while let Some(file) = next.pop() {
            let named = self.0[file].iter().map(String::as_str);
            next.extend(named.filter(|file| reached.insert(*file)));
        }
        reached
    }
}

/// The module that a file is: `operator/file.rs` and `operator/file/mod.rs` are
/// `operator::file`.
fn module(folder: &str, path: &str) -> String {
    let inside = path.strip_prefix(folder).expect("a file of the folder");
    let inside = inside.trim_start_matches('/').trim_end_matches(".rs");
    inside.trim_end_matches("/mod").replace('/', "::")
}

/// The file that has what a path names. What the crate's root has is nobody's.
fn file_of(path: &str, files: &BTreeMap<String, String>) -> Option<String> {
    let mut path = path;
    while !files.contains_key(path) {
        path = path.rsplit_once("::")?.0;
    }
    Some(path.to_owned())
}

/// The paths that code of a module names, from the crate's root on.
fn paths(code: &str, module: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::") {
        let before = &code[..at];
        let start = before.rfind(|one| !is_of_name(one));
        let start = start.map_or(0, |at| at + 1);
        let (before, word) = before.split_at(start);
        // The rest of a longer path, or whom something is visible to.
        if before.ends_with(':') || before.ends_with("(in ") {
            continue;
        }
        let rest = &code[at + 2..];
        match word {
            "crate" => drop(branches(rest, "", &mut found)),
            "super" => {
                let (mut above, mut rest) = (parent(module), rest);
                while let Some(more) = rest.strip_prefix("super::") {
                    (above, rest) = (parent(above), more);
                }
                branches(rest, above, &mut found);
            }
            _ => {}
        }
    }
    found
}

fn parent(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(parent, _)| parent)
}

fn is_of_name(one: char) -> bool {
    one.is_ascii_alphanumeric() || one == '_'
}

/// Follows a path to its end, each of its branches where it has some; gives what comes
/// after it.
fn branches<'t>(text: &'t str, before: &str, found: &mut Vec<String>) -> &'t str {
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches(|one: char| one.is_whitespace() || one == ',');
            if rest.is_empty() || rest.starts_with('}') {
                return rest.strip_prefix('}').unwrap_or(rest);
            }
            let after = branches(rest, before, found);
            // Another name for it may come first.
            rest = after.find([',', '}']).map_or("", |at| &after[at..]);
        }
    }
    let end = text.find(|one| !is_of_name(one)).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let path = match before {
        "" => word.to_owned(),
        before => format!("{before}::{word}"),
    };
    let goes_on = |rest: &&str| rest.starts_with('{') || rest.starts_with(is_of_name);
    match rest.strip_prefix("::").filter(goes_on) {
        Some(rest) => branches(rest, &path, found),
        None => {
            found.push(path);
            rest
        }
    }
}

#[test]
fn paths_are_read_with_their_branches() {
    let code = "\
        use crate::operator::{self, Given as Gift, config::{File, Values}};\n\
        pub(in crate::toolchain) use super::super::text::*;\n\
        let one = $crate::plain::escaped(super::name);\n\
        let other = wasm::crate_::x::<crate::Digest>();\n";
    assert_eq!(
        paths(code, "conformance::report::tap"),
        [
            "operator::self",
            "operator::Given",
            "operator::config::File",
            "operator::config::Values",
            "conformance::text",
            "plain::escaped",
            "conformance::report::name",
            "Digest",
        ]
    );
}
