//! The files next to a script of a build that are part of it: the script names them
//! without their extensions.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use super::called::Listed;
use super::source;
use super::text::Words;

/// Languages, by the extensions of their files.
const LANGUAGES: [&[&str]; 6] = [
    &["py"],
    &["js", "cjs", "mjs", "ts", "mts", "cts"],
    &["rb"],
    &["lua"],
    &["pl", "pm"],
    &["php"],
];

/// The file that stands for a whole folder, as a module.
const FOLDERS: [&str; 3] = ["__init__.py", "index.js", "index.ts"];

/// Returns the existing modules of a script. `listed` is the content of its folder.
pub(super) fn of(script: &Path, text: &str, words: &Words, listed: &Listed) -> BTreeSet<PathBuf> {
    let end = script.extension().and_then(|end| end.to_str());
    let (Some(end), Some(folder)) = (end, script.parent()) else {
        return BTreeSet::new();
    };
    let mut found = match end {
        "rs" => of_rust(script, folder, text),
        _ => of_words(folder, end, words, listed),
    };
    found.retain(|path| path.is_file());
    found
}

fn of_rust(script: &Path, folder: &Path, text: &str) -> BTreeSet<PathBuf> {
    let (files, around) = source::modules(text);
    let stem = script.file_stem().unwrap_or_default();
    let mut folders = vec![folder.to_owned(), folder.join(stem)];
    let below = around.iter().flat_map(|name| {
        let folders = [folder.join(name), folder.join(stem).join(name)];
        folders.into_iter()
    });
    folders.extend(below.collect::<Vec<_>>());
    let mut found = BTreeSet::new();
    for (folder, name) in folders
        .iter()
        .flat_map(|one| files.iter().map(move |name| (one, name)))
    {
        found.insert(folder.join(format!("{name}.rs")));
        found.insert(folder.join(name).join("mod.rs"));
    }
    found
}

fn of_words(folder: &Path, end: &str, words: &Words, listed: &Listed) -> BTreeSet<PathBuf> {
    let language = LANGUAGES.iter().find(|ends| ends.contains(&end));
    let mut found = BTreeSet::new();
    let Some(ends) = language else {
        return found;
    };
    // A script may have very many words.
    let may_be = |path: &str| match Path::new(path).components().next() {
        Some(Component::Normal(name)) => listed.may_have(name),
        _ => true,
    };
    for (word, _) in words {
        let word = word.trim_start_matches('/');
        if word.is_empty() || word.starts_with('-') {
            continue;
        }
        // `from tools.gen import x`
        let dotted = word.replace('.', "/");
        let names = [word, &dotted];
        let names = names.iter().filter(|name| !name.starts_with('/'));
        for name in names {
            let files = ends.iter().map(|end| format!("{name}.{end}"));
            let folders = FOLDERS.iter().map(|file| format!("{name}/{file}"));
            let there = files.chain(folders).filter(|path| may_be(path));
            found.extend(there.map(|path| folder.join(path)));
        }
    }
    found
}
