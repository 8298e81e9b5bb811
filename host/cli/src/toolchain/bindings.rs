//! Writes the bindings of a WIT world for a language that has no own tool for it: C.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use wit_bindgen_c::Opts;
use wit_parser::{Resolve, WorldId};

/// Why there are no bindings.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindingsError {
    /// The folder holds no WIT, or broken WIT. The text has file and line.
    #[error("cannot read the WIT in {}: {reason}", folder.display())]
    Wit {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The package has no such world.
    #[error("{} has no world `{world}`; it has {}", folder.display(), listed(there))]
    NoWorld {
        /// The folder of the package.
        folder: PathBuf,
        /// What was asked for.
        world: String,
        /// The package's worlds.
        there: Vec<String>,
    },
    /// The world has something that the generator cannot say in the language.
    #[error("there are no bindings in C for the world `{world}`: {reason}")]
    Generate {
        /// The world.
        world: String,
        /// Why.
        reason: String,
    },
    /// A file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// Writes the header, the source and the object file with the world's types into `folder`, which is made where it
/// is missing. Gives the files.
pub(crate) fn write_c(
    wit: &Path,
    world: &str,
    folder: &Path,
) -> Result<Vec<PathBuf>, BindingsError> {
    let (mut resolve, id) = open(wit, world)?;
    let mut files = Default::default();
    Opts::default()
        .build()
        .generate(&mut resolve, id, &mut files)
        .map_err(|error| BindingsError::Generate {
            world: world.to_owned(),
            reason: format!("{error:#}"),
        })?;
    let written = |path: &Path, source| BindingsError::Write {
        path: path.to_owned(),
        source,
    };
    fs::create_dir_all(folder).map_err(|error| written(folder, error))?;
    files
        .iter()
        .map(|(name, content)| {
            let path = folder.join(name);
            fs::write(&path, content).map_err(|error| written(&path, error))?;
            Ok(path)
        })
        .collect()
}

fn open(wit: &Path, world: &str) -> Result<(Resolve, WorldId), BindingsError> {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(wit).map_err(|error| BindingsError::Wit {
        folder: wit.to_owned(),
        reason: resolve.render_error(&error),
    })?;
    match resolve.packages[package].worlds.get(world) {
        Some(id) => {
            let id = *id;
            Ok((resolve, id))
        }
        None => Err(BindingsError::NoWorld {
            folder: wit.to_owned(),
            world: world.to_owned(),
            there: resolve.packages[package].worlds.keys().cloned().collect(),
        }),
    }
}

fn listed(worlds: &[String]) -> String {
    if worlds.is_empty() {
        return "none".to_owned();
    }
    let worlds: Vec<String> = worlds.iter().map(|world| format!("`{world}`")).collect();
    worlds.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIT: &str = "package a:b;\nworld one { import log: func(text: string); }\nworld two {}\n";

    #[test]
    fn a_world_becomes_a_header_a_source_and_an_object_file() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("world.wit"), WIT).unwrap();
        let mut files = write_c(root, "one", &root.join("gen/c")).unwrap();
        files.sort();
        let names = ["one.c", "one.h", "one_component_type.o"];
        assert_eq!(files, names.map(|name| root.join("gen/c").join(name)));
        let header = fs::read_to_string(&files[1]).unwrap();
        assert!(header.contains("one_log("), "{header}");
    }

    #[test]
    fn what_is_wrong_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::write(root.join("world.wit"), WIT).unwrap();
        let error = write_c(root, "three", root).unwrap_err().to_string();
        assert!(
            error.ends_with("has no world `three`; it has `one`, `two`"),
            "{error}"
        );
        fs::write(root.join("world.wit"), "package a:b;\nwrld x {}\n").unwrap();
        let error = write_c(root, "one", root).unwrap_err().to_string();
        assert!(error.contains("world.wit:2:1"), "{error}");
        let error = write_c(&root.join("none"), "one", root).unwrap_err();
        assert!(matches!(error, BindingsError::Wit { .. }));
    }
}
