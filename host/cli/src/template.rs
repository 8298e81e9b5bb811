//! New projects: the templates that the program carries, with the contract and the libraries for capsules.
//!
//! A template is a folder of ordinary files. `{{id}}` in one stands for the capsule's id. Some have another name
//! until they are written, so that neither cargo nor git takes them for its own.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use boll_host::capsule::CapsuleId;
use include_dir::{Dir, DirEntry, include_dir};

use crate::beneath::Beneath;
use crate::language::Language;
use crate::schema::Schema;

static RUST: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/rust");
static JS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/js");
static TS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/ts");
static PYTHON: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/python");
static C: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/c");
static GO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates/go");

static DEMO: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/demo");

static RUST_SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sdk/rust");
static JS_SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sdk/js");
static PYTHON_SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sdk/python");
static C_SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sdk/c");
static GO_SDK: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/sdk/go");
static WIT: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/wit");

/// What editors complete the project's TOML files with, and where it comes.
const SCHEMAS: [(Schema, &str); 2] = [
    (Schema::Capsule, "schema/capsule.json"),
    (Schema::Cases, "schema/cases.json"),
];

/// What stands for the capsule's id.
const ID: &str = "{{id}}";

/// What stands for the name of the package in the project file of its language.
const PACKAGE: &str = "{{package}}";

/// Names that a language's tools refuse for a package, or that a template's own packages
/// have.
const TAKEN: [&str; 35] = [
    "alloc",
    "as",
    "async",
    "await",
    "bindings",
    "boll",
    "boll-sdk",
    "break",
    "cmd",
    "componentize-py",
    "componentize-qjs",
    "const",
    "core",
    "core-js",
    "crate",
    "dyn",
    "else",
    "enum",
    "esbuild",
    "fn",
    "for",
    "go",
    "if",
    "impl",
    "main",
    "mod",
    "node-modules",
    "proc-macro",
    "self",
    "std",
    "super",
    "test",
    "type",
    "typescript",
    "wit-world",
];

/// The folders of Go's own library. A module with the name of one is ambiguous.
const OF_GO: [&str; 51] = [
    "archive",
    "arena",
    "bufio",
    "builtin",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "hash",
    "html",
    "image",
    "index",
    "internal",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "unsafe",
    "vendor",
    "weak",
];

/// Returns the name of the package of a capsule: its id, where every language takes that.
fn package(id: &CapsuleId) -> String {
    let id = id.as_str();
    let is_taken = TAKEN.contains(&id)
        || OF_GO.contains(&id)
        || id.starts_with(|first: char| first.is_ascii_digit());
    match is_taken {
        true => format!("capsule-{id}"),
        false => id.to_owned(),
    }
}

/// The folder in which Python caches compiled modules.
const CACHE: &str = "__pycache__";

/// Names that files have until they are written.
const RENAMED: [(&str, &str); 2] = [("Cargo.toml.in", "Cargo.toml"), ("gitignore", ".gitignore")];

/// Returns what a project in `language` is made of: folders, and where in the project
/// they come.
fn parts(language: Language) -> Vec<(&'static Dir<'static>, &'static str)> {
    match language {
        Language::Rust => in_rust(&RUST),
        Language::Js => vec![(&JS, ""), (&JS_SDK, "sdk"), (&WIT, "wit")],
        Language::Ts => vec![(&TS, ""), (&JS_SDK, "sdk"), (&WIT, "wit")],
        Language::Python => vec![(&PYTHON, ""), (&PYTHON_SDK, "sdk"), (&WIT, "wit")],
        Language::C => vec![(&C, ""), (&C_SDK, "sdk"), (&WIT, "wit")],
        Language::Go => vec![(&GO, ""), (&GO_SDK, "sdk"), (&WIT, "wit")],
    }
}

/// Returns the parts of a project in Rust. The SDK's bindings are made from the contract beside it.
fn in_rust(project: &'static Dir<'static>) -> Vec<(&'static Dir<'static>, &'static str)> {
    vec![
        (project, ""),
        (&RUST_SDK, "sdk/boll-sdk"),
        (&WIT, "sdk/boll-sdk/wit"),
    ]
}

/// Returns the files of the example that `boll demo` runs, by their paths in its folder.
pub(crate) fn demo(id: &CapsuleId) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (part, place) in in_rust(&DEMO) {
        let Ok(()) = write_folder(part, id, Path::new(place), &mut |path, content| {
            files.insert(path.to_owned(), content.to_vec());
            Ok::<(), Infallible>(())
        });
    }
    files
}

/// Writes a project into `folder`, which is missing or empty. Nothing that is put there
/// meanwhile is written to. The error has the path that it is about.
pub(crate) fn write(
    language: Language,
    id: &CapsuleId,
    folder: &Path,
) -> Result<(), (PathBuf, io::Error)> {
    let project = fs::create_dir_all(folder).and_then(|()| Beneath::open(folder));
    let project = project.map_err(|error| (folder.to_owned(), error))?;
    let mut write = |path: &Path, content: &[u8]| {
        let parent = path.parent().unwrap_or(Path::new(""));
        let name = Path::new(path.file_name().unwrap_or_default());
        let written = project.make_folders(parent);
        let written = written.and_then(|parent| parent.write(name, content));
        written.map_err(|error| (folder.join(path), error))
    };
    parts(language)
        .into_iter()
        .try_for_each(|(part, place)| write_folder(part, id, Path::new(place), &mut write))?;
    let mut schemas = SCHEMAS.into_iter();
    schemas.try_for_each(|(schema, place)| write(Path::new(place), schema.text().as_bytes()))
}

fn write_folder<E>(
    from: &Dir<'_>,
    id: &CapsuleId,
    into: &Path,
    write: &mut impl FnMut(&Path, &[u8]) -> Result<(), E>,
) -> Result<(), E> {
    from.entries().iter().try_for_each(|entry| {
        let path = into.join(written_name(entry.path()));
        match entry {
            // Python's own, of whoever ran the library's tests.
            DirEntry::Dir(folder) if folder.path().ends_with(CACHE) => Ok(()),
            DirEntry::Dir(folder) => write_folder(folder, id, &path, write),
            DirEntry::File(file) => {
                let filled = file.contents_utf8().map(|text| {
                    let text = text.replace(ID, id.as_str());
                    text.replace(PACKAGE, &package(id)).into_bytes()
                });
                write(&path, filled.as_deref().unwrap_or(file.contents()))
            }
        }
    })
}

fn written_name(path: &Path) -> &str {
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.unwrap_or_default();
    RENAMED
        .iter()
        .find(|(carried, _)| *carried == name)
        .map_or(name, |(_, written)| written)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn nothing_stands_for_the_id_in_what_is_written() {
        for language in Language::value_variants() {
            let folder = tempfile::tempdir().unwrap();
            let id: CapsuleId = "my-capsule".parse().unwrap();
            write(*language, &id, folder.path()).unwrap();
            let mut files = Vec::new();
            collect(folder.path(), &mut files);
            assert!(files.iter().any(|file| file.ends_with("Capsule.toml")));
            assert!(files.iter().any(|file| file.ends_with(".gitignore")));
            assert!(
                files
                    .iter()
                    .any(|file| file.ends_with("wit/deps/hook/hook.wit"))
            );
            for file in files {
                assert!(
                    !file.to_str().unwrap().ends_with(".in"),
                    "{}",
                    file.display()
                );
                let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
                assert!(!text.contains(ID), "{}", file.display());
                assert!(!file.to_str().unwrap().contains(CACHE));
            }
            let manifest = fs::read_to_string(folder.path().join("Capsule.toml")).unwrap();
            for (named, text) in [
                ("schema/capsule.json", &manifest),
                ("schema/cases.json", &cases(folder.path())),
            ] {
                // From where the file lies.
                let line = text.lines().next().unwrap();
                let schema = line.strip_prefix("#:schema ").unwrap();
                assert!(
                    schema.ends_with(named) && schema.starts_with('.'),
                    "{schema}"
                );
                assert!(folder.path().join(named).is_file());
            }
            let manifest = boll_host::capsule::Manifest::parse("Capsule.toml", &manifest).unwrap();
            assert_eq!(manifest.id, id);
        }
    }

    fn cases(folder: &Path) -> String {
        fs::read_to_string(folder.join("cases/greet.toml")).unwrap()
    }

    #[test]
    fn a_name_that_a_language_refuses_is_not_its_packages() {
        for (id, expected) in [
            ("my-capsule", "my-capsule"),
            ("1x", "capsule-1x"),
            ("test", "capsule-test"),
            ("boll-sdk", "capsule-boll-sdk"),
            ("log", "capsule-log"),
            ("strings", "capsule-strings"),
        ] {
            let id: CapsuleId = id.parse().unwrap();
            assert_eq!(package(&id), expected);
            let folder = tempfile::tempdir().unwrap();
            write(Language::Rust, &id, folder.path()).unwrap();
            let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
            assert!(read("Cargo.toml").contains(&format!("name = \"{expected}\"")));
            assert!(read("Capsule.toml").contains(&format!("id = \"{id}\"")));
        }
    }

    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, files);
            } else {
                files.push(path);
            }
        }
    }

    /// The SDK's `Cargo.toml` that the program carries has what the SDK's own takes from
    /// the workspace.
    #[test]
    fn the_sdk_that_is_carried_has_the_dependencies_of_the_sdk() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let read = |path: &Path| -> toml::Table {
            toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
        };
        let workspace = read(&root.join("Cargo.toml"));
        for (own, carried) in [
            ("guest-sdk", "sdk/rust"),
            ("guest-sdk/macros", "sdk/rust/macros"),
        ] {
            let own = read(&root.join(own).join("Cargo.toml"));
            let carried = Path::new(env!("CARGO_MANIFEST_DIR")).join(carried);
            let carried = read(&carried.join("Cargo.toml.in"));
            let wanted = dependencies(&own, &workspace);
            assert!(!wanted.is_empty());
            assert_eq!(dependencies(&carried, &workspace), wanted);
            for key in ["name", "version", "edition", "rust-version"] {
                let inherited = &workspace["workspace"]["package"];
                let wanted = own["package"][key]
                    .as_str()
                    .or_else(|| inherited[key].as_str());
                assert_eq!(carried["package"][key].as_str(), wanted, "{key}");
            }
            assert_eq!(carried.get("features"), own.get("features"));
        }
    }

    /// Returns name, version and features of each dependency, for every target.
    fn dependencies(
        manifest: &toml::Table,
        workspace: &toml::Table,
    ) -> BTreeMap<String, (Option<String>, Vec<String>)> {
        let targets = manifest
            .get("target")
            .and_then(toml::Value::as_table)
            .into_iter()
            .flat_map(|targets| targets.values().filter_map(toml::Value::as_table));
        let mut found = BTreeMap::new();
        for table in targets.chain([manifest]) {
            let dependencies = table.get("dependencies").and_then(toml::Value::as_table);
            for (name, said) in dependencies.into_iter().flatten() {
                let inherited = said.get("workspace").is_some();
                let shared = &workspace["workspace"]["dependencies"][name];
                let version = if inherited { shared } else { said };
                let version = version
                    .as_str()
                    .or_else(|| version.get("version")?.as_str())
                    .map(str::to_owned);
                let mut features: Vec<String> = [Some(said), inherited.then_some(shared)]
                    .into_iter()
                    .flatten()
                    .filter_map(|value| value.get("features")?.as_array())
                    .flatten()
                    .filter_map(|one| one.as_str().map(str::to_owned))
                    .collect();
                features.sort();
                found.insert(name.clone(), (version, features));
            }
        }
        found
    }
}
