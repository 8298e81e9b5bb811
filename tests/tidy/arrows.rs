//! Which files of a crate name which others, by the paths in their code.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::sources;

/// The files of a crate, called by their modules (`operator::file`), and the files that
/// each names by `crate::`, by `super::`, or by what it imports. A name that comes
/// through an import or a re-export of another file is the file's that defines it.
/// Re-exports themselves are not counted: a file is the face of its folder.
#[derive(Clone)]
pub(crate) struct Arrows(BTreeMap<String, BTreeSet<String>>);

/// The files of a crate by their modules.
struct Modules(BTreeMap<String, Module>);

struct Module {
    code: String,
    /// What its names of other modules stand for; `None` for those of other crates.
    imports: BTreeMap<String, Option<String>>,
    /// The modules of which it imports everything.
    globs: Vec<String>,
}

impl Arrows {
    /// Reads the sources in a folder, unit tests left out.
    pub(crate) fn of(folder: &str) -> Self {
        let mut sources = sources(folder);
        sources.retain(|source| !source.is_tests());
        let codes = sources.iter().map(|source| {
            let lines: Vec<&str> = source.code().collect();
            (module(folder, &source.path), lines.join("\n"))
        });
        Self::of_code(codes.collect())
    }

    fn of_code(codes: BTreeMap<String, String>) -> Self {
        let modules = Modules::of(codes);
        let named = |(from, module): (&String, &Module)| {
            let paths = paths(&module.code, from).into_iter();
            let files = paths.chain(modules.used(module, from));
            let files = files.filter_map(|path| modules.file_of(&path));
            (from.clone(), files.filter(|to| to != from).collect())
        };
        Self(modules.0.iter().map(named).collect())
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

    /// The same arrows without those of one file.
    pub(crate) fn without(&self, file: &str) -> Self {
        let mut arrows = self.0.clone();
        arrows.entry(file.to_owned()).or_default().clear();
        Self(arrows)
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

impl Modules {
    fn of(codes: BTreeMap<String, String>) -> Self {
        let modules = codes.iter().map(|(name, code)| {
            let mut found = Vec::new();
            for (at, end) in uses(code) {
                branches(&code[at..end], "", &mut found);
            }
            let (mut imports, mut globs) = (BTreeMap::new(), Vec::new());
            for (path, name_here) in found {
                let (first, rest) = path.split_once("::").unwrap_or((&path, ""));
                let below = join(inside(name), first);
                let path = match start(first, rest, name) {
                    Some((above, rest)) => Some(join(above, rest)),
                    None if codes.contains_key(&below) => Some(join(&below, rest)),
                    None => None,
                };
                if name_here == "*" {
                    globs.extend(path);
                } else {
                    imports.insert(name_here, path);
                }
            }
            let code = code.clone();
            let module = Module {
                code,
                imports,
                globs,
            };
            (name.clone(), module)
        });
        Self(modules.collect())
    }

    /// The paths that a file's code names by what it imports, and by the modules below
    /// it. What it only passes on is not among them.
    fn used(&self, module: &Module, name: &str) -> Vec<String> {
        let (mut body, mut at) = (String::new(), 0);
        for (start, end) in uses(&module.code) {
            body.push_str(&module.code[at..start]);
            at = end;
        }
        body.push_str(&module.code[at..]);
        let mut found = Vec::new();
        let mut rest = body.as_str();
        while let Some(at) = rest.find(is_of_name) {
            let first = !rest[..at].ends_with(['.', ':']) || rest[..at].ends_with("..");
            let (word, after) = word_of(&rest[at..]);
            let below = join(inside(name), word);
            if first && let Some(path) = self.imported(module, word) {
                let mut paths = Vec::new();
                match after.strip_prefix("::") {
                    Some(after) => drop(branches(after, &path, &mut paths)),
                    None => paths.push((path, String::new())),
                }
                found.extend(paths.into_iter().map(|(path, _)| path));
            } else if first && after.starts_with("::") && self.0.contains_key(&below) {
                let mut paths = Vec::new();
                branches(&after[2..], &below, &mut paths);
                found.extend(paths.into_iter().map(|(path, _)| path));
            }
            rest = after;
        }
        found
    }

    /// What a name stands for that a file imports.
    fn imported(&self, module: &Module, name: &str) -> Option<String> {
        if let Some(import) = module.imports.get(name) {
            return import.clone();
        }
        let mut globs = module.globs.iter();
        let glob = globs.find(|glob| self.0.get(*glob).is_some_and(|file| file.defines(name)));
        glob.map(|glob| join(glob, name))
    }

    /// The file that defines what a path from the crate's root names. What the root
    /// itself has is nobody's.
    fn file_of(&self, path: &str) -> Option<String> {
        let mut path = path.to_owned();
        // An import may lead to another one.
        for _ in 0..16 {
            let (mut file, mut rest) = (String::new(), path.as_str());
            while !rest.is_empty() {
                let (first, more) = rest.split_once("::").unwrap_or((rest, ""));
                let below = join(&file, first);
                if !self.0.contains_key(&below) {
                    break;
                }
                (file, rest) = (below, more);
            }
            let (first, more) = rest.split_once("::").unwrap_or((rest, ""));
            let root = || ROOTS.iter().find_map(|root| self.0.get(*root));
            let module = self.0.get(&file).or_else(root)?;
            match self.imported(module, first) {
                Some(import) => path = join(&import, more),
                // A name of another crate.
                None if module.imports.contains_key(first) => return None,
                None => return (!file.is_empty()).then_some(file),
            }
        }
        panic!("imports in a circle: {path}");
    }
}

impl Module {
    fn defines(&self, name: &str) -> bool {
        let kinds = ["struct", "enum", "trait", "type", "fn", "const", "static"];
        kinds.iter().any(|kind| {
            let start = format!("{kind} {name}");
            let mut after = self.code.split(start.as_str()).skip(1);
            after.any(|after| !after.starts_with(is_of_name))
        })
    }
}

/// The files that are the crate's root.
const ROOTS: [&str; 2] = ["lib", "main"];

/// The module that holds what a file has.
fn inside(file: &str) -> &str {
    if ROOTS.contains(&file) { "" } else { file }
}

fn join(before: &str, after: &str) -> String {
    match (before, after) {
        (before, "") => before.to_owned(),
        ("", after) => after.to_owned(),
        (before, after) => format!("{before}::{after}"),
    }
}

/// Where the declarations of a module's imports begin, after `use`, and end.
fn uses(code: &str) -> impl Iterator<Item = (usize, usize)> {
    let words = code.match_indices("use ").map(|(at, _)| at);
    words.filter_map(|at| {
        let line = code[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = code[line..at].trim_end();
        let visible = before.is_empty() || before == "pub" || before.starts_with("pub(");
        let end = at + code[at..].find(';')?;
        (visible && !code[line..].starts_with(' ')).then_some((at + 4, end))
    })
}

/// The module at which a path starts, and what is left of it; `None` where it starts
/// with no word for one.
fn start<'p>(first: &str, mut rest: &'p str, module: &'p str) -> Option<(&'p str, &'p str)> {
    match first {
        "crate" => Some(("", rest)),
        "self" => Some((inside(module), rest)),
        "super" => {
            let mut above = parent(module);
            while let Some(more) = rest.strip_prefix("super::") {
                (above, rest) = (parent(above), more);
            }
            Some((above, rest))
        }
        _ => None,
    }
}

/// The paths that code of a module names by `crate::` and `super::`, from the crate's
/// root on.
fn paths(code: &str, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in code.match_indices("::") {
        let before = &code[..at];
        let word = before.rfind(|one| !is_of_name(one));
        let (before, word) = before.split_at(word.map_or(0, |at| at + 1));
        // The rest of a longer path, or whom something is visible to.
        if before.ends_with(':') || before.ends_with("(in ") || word == "self" {
            continue;
        }
        if let Some((above, rest)) = start(word, &code[at + 2..], name) {
            branches(rest, above, &mut found);
        }
    }
    found.into_iter().map(|(path, _)| path).collect()
}

fn parent(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(parent, _)| parent)
}

fn is_of_name(one: char) -> bool {
    one.is_ascii_alphanumeric() || one == '_'
}

/// Follows a path to its end, each of its branches where it has some, and finds the
/// paths with the names that they are given; returns what comes after it.
fn branches<'t>(text: &'t str, before: &str, found: &mut Vec<(String, String)>) -> &'t str {
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            rest = rest.trim_start_matches(|one: char| one.is_whitespace() || one == ',');
            if rest.is_empty() || rest.starts_with('}') {
                return rest.strip_prefix('}').unwrap_or(rest);
            }
            let after = branches(rest, before, found);
            rest = after.find([',', '}']).map_or("", |at| &after[at..]);
        }
    }
    let (word, rest) = word_of(text);
    let path = match word {
        "self" if !before.is_empty() => before.to_owned(),
        word => join(before, word),
    };
    if let Some(rest) = text.strip_prefix('*') {
        found.push((before.to_owned(), "*".to_owned()));
        return rest;
    }
    let goes_on = |rest: &&str| rest.starts_with(['{', '*']) || rest.starts_with(is_of_name);
    match rest.strip_prefix("::").filter(goes_on) {
        Some(rest) => branches(rest, &path, found),
        None => {
            let name = match rest.strip_prefix(" as ") {
                Some(other) => word_of(other).0,
                None => path.rsplit("::").next().unwrap_or(word),
            };
            found.push((path.clone(), name.to_owned()));
            rest
        }
    }
}

fn word_of(text: &str) -> (&str, &str) {
    let end = text.find(|one| !is_of_name(one)).unwrap_or(text.len());
    text.split_at(end)
}

#[test]
fn paths_are_read_with_their_branches() {
    let code = "\
        use crate::operator::{self, Given as Gift, config::{File, Values}};\n\
        pub(in crate::toolchain) use super::super::text::*;\n\
        let one = $crate::plain::escaped(super::name);\n\
        let other = wasm::crate_::x::<crate::Digest>();\n";
    let name = "conformance::report::tap";
    assert_eq!(
        paths(code, name),
        [
            "operator",
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

#[test]
fn names_are_of_the_file_that_defines_them() {
    let arrows = arrows(&[
        ("lib", "mod policy;\npub use policy::Grant;\n"),
        (
            "policy",
            "mod grant;\nmod words;\nmod all;\nuse std::fmt;\npub use all::*;\n\
             pub(crate) use grant::{Given as Gift, Grant};\n",
        ),
        ("policy::all", "pub struct One;\n"),
        ("policy::grant", "use super::words::Word;\n"),
        (
            "policy::words",
            "use super::{Gift, fmt};\nuse super::One;\n",
        ),
        ("other", "fn x() { crate::Grant::new(); }\n"),
    ]);
    assert_eq!(arrows.circles(), [["policy::grant", "policy::words"]]);
    let named = |file: &str| arrows.0[file].iter().cloned().collect::<Vec<_>>();
    assert!(named("policy").is_empty());
    assert_eq!(named("policy::words"), ["policy::all", "policy::grant"]);
    assert_eq!(named("other"), ["policy::grant"]);
}

#[test]
fn a_file_that_uses_what_is_below_it_is_more_than_a_face() {
    let below = ("engine::pool", "use super::Settings;\nfn size() {}\n");
    for (code, circles) in [
        ("mod pool;\npub use pool::size;\n", 0),
        ("mod pool;\nuse pool::size;\nfn x() { size() }\n", 1),
        ("mod pool;\nfn x() { pool::size() }\n", 1),
        ("mod pool;\nfn x() { self.pool.size() }\n", 0),
    ] {
        assert_eq!(arrows(&[("engine", code), below]).circles().len(), circles);
    }
}

fn arrows(code: &[(&str, &str)]) -> Arrows {
    let code = code.iter();
    let code = code.map(|(name, code)| ((*name).to_owned(), (*code).to_owned()));
    Arrows::of_code(code.collect())
}
