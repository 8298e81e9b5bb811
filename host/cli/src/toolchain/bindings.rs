//! Writes the bindings of a WIT world for languages that have no tool of their own for it.

mod c;
mod go;

use std::fs;
use std::io::{self, BufReader, ErrorKind};
use std::panic::catch_unwind;
use std::path::{Path, PathBuf, absolute};

use boll_host::sandbox::WorkerError;
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use wit_parser::{Resolve, WorldId};

use super::file_error::FileError;
use crate::beneath::Beneath;
use crate::foreign::{self, about};
use crate::whole_file;
use crate::worker::Task;

pub(super) use self::go::COMPONENT_TYPE as GO_COMPONENT_TYPE;

/// The languages that bindings are written for. The others have tools of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
pub(crate) enum Language {
    /// C: a header, a source and an object file.
    C,
    /// Go: a module named `bindings`.
    Go,
}

/// The reason why no bindings were written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindingsError {
    /// The WIT is missing or wrong, or there are no bindings for its world.
    #[error("{0}")]
    Refused(String),
    /// The process that reads it did not finish.
    #[error("cannot read the WIT in {}", folder.display())]
    Reader {
        folder: PathBuf,
        #[source]
        source: WorkerError,
    },
    #[error(transparent)]
    File(#[from] FileError),
}

/// A request for bindings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BindingsRequest<'a> {
    /// The language.
    pub(crate) language: Language,
    /// The folder of the WIT package.
    pub(crate) wit: &'a Path,
    /// The world in it.
    pub(crate) world: &'a str,
    /// Go: the path of the module with the packages that implement the world's exports.
    pub(crate) exports: &'a str,
}

/// The request as it is sent to the worker.
#[derive(Serialize, Deserialize)]
struct Asked {
    language: Language,
    wit: PathBuf,
    world: String,
    exports: String,
}

/// How deep the packages that a package uses lie in it: `deps/name/file.wit`.
const DEPTH: usize = 3;

/// A file of bindings: its path in their folder, and what is in it.
type File = (PathBuf, Vec<u8>);

/// Writes the bindings into `folder`, which is created if it is missing. Returns the files.
pub(crate) fn write(
    request: BindingsRequest<'_>,
    folder: &Path,
) -> Result<Vec<PathBuf>, BindingsError> {
    written(ask(request)?, folder)
}

/// Has a process of its own generate the files: a few lines of WIT can name types that
/// take any amount of memory and stack.
fn ask(request: BindingsRequest<'_>) -> Result<Vec<File>, BindingsError> {
    let failed = |source| BindingsError::Reader {
        folder: request.wit.to_owned(),
        source,
    };
    let of_io = |error: io::Error| failed(WorkerError::Run(error));
    let asked = Asked {
        language: request.language,
        // The process has another current folder.
        wit: absolute(request.wit).map_err(of_io)?,
        world: request.world.to_owned(),
        exports: request.exports.to_owned(),
    };
    let asked = serde_json::to_vec(&asked).map_err(|error| of_io(error.into()))?;
    let answer = Task::Bindings.run(&[&asked]).map_err(|error| match error {
        WorkerError::Refused(reason) => BindingsError::Refused(reason),
        error => failed(error),
    })?;
    serde_json::from_reader(BufReader::new(answer)).map_err(|error| of_io(error.into()))
}

/// The work of the process.
pub(crate) fn work(request: Vec<u8>) -> Result<Vec<u8>, String> {
    let asked: Asked = serde_json::from_slice(&request).map_err(|error| error.to_string())?;
    let request = BindingsRequest {
        language: asked.language,
        wit: &asked.wit,
        world: &asked.world,
        exports: &asked.exports,
    };
    // Generators panic where a world has what they have no words for.
    let files = catch_unwind(|| generate(request))
        .map_err(|_| format!("there are no bindings for the world `{}`", request.world))?;
    serde_json::to_vec(&files?).map_err(|error| error.to_string())
}

fn generate(request: BindingsRequest<'_>) -> Result<Vec<File>, String> {
    let (mut resolve, world) = open(request.wit, request.world)?;
    let generated = match request.language {
        Language::C => c::generate(&mut resolve, world),
        Language::Go => go::generate(&mut resolve, world, request.exports),
    };
    let (language, world) = (request.language, request.world);
    generated.map_err(|reason| {
        format!("there are no bindings in {language:?} for the world `{world}`: {reason}")
    })
}

/// Writes the files below a folder, whatever links there are in it.
fn written(files: Vec<File>, folder: &Path) -> Result<Vec<PathBuf>, BindingsError> {
    let below = fs::create_dir_all(folder).and_then(|()| Beneath::open(folder));
    let below = below.map_err(FileError::write(folder))?;
    let write = |(name, content): File| {
        let path = folder.join(&name);
        below
            .make_folders(name.parent().unwrap_or(Path::new("")))
            .and_then(|above| above.path())
            .map(|above| above.join(name.file_name().unwrap_or_default()))
            .and_then(|real| whole_file::write(&real, &*content))
            .map_err(FileError::write(&path))?;
        Ok(path)
    };
    files.into_iter().map(write).collect()
}

fn open(wit: &Path, world: &str) -> Result<(Resolve, WorldId), String> {
    let folder = wit.display();
    let refused = |reason| format!("cannot read the WIT in {folder}: {reason}");
    only_files(wit, DEPTH).map_err(|error| refused(error.to_string()))?;
    let mut resolve = Resolve::default();
    let (package, _) = resolve
        .push_path(wit)
        .map_err(|error| refused(resolve.render_error(&error)))?;
    let worlds = &resolve.packages[package].worlds;
    match worlds.get(world).copied() {
        Some(id) => Ok((resolve, id)),
        None => {
            let there = listed(worlds.keys());
            Err(format!("{folder} has no world `{world}`; it has {there}"))
        }
    }
}

/// Fails if there is anything but folders and regular files: reading a pipe would wait until
/// the worker's time is over.
fn only_files(path: &Path, depth: usize) -> io::Result<()> {
    match foreign::open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::IsADirectory && depth > 0 => {
            let mut entries = fs::read_dir(path)?;
            entries.try_for_each(|entry| only_files(&entry?.path(), depth - 1))
        }
        // A folder deeper down is not read, and a link that leads nowhere is the parser's.
        Err(error) if matches!(error.kind(), ErrorKind::IsADirectory | ErrorKind::NotFound) => {
            Ok(())
        }
        Err(error) => Err(about(path, &error)),
    }
}

fn listed<'a>(worlds: impl Iterator<Item = &'a String>) -> String {
    let worlds: Vec<String> = worlds.map(|world| format!("`{world}`")).collect();
    match worlds.is_empty() {
        true => "none".to_owned(),
        false => worlds.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIT: &str = "package a:b;\nworld one { import log: func(text: string); }\nworld two {}\n";

    fn generated(
        language: Language,
        root: &Path,
        world: &str,
    ) -> Result<Vec<PathBuf>, BindingsError> {
        let request = BindingsRequest {
            language,
            wit: &root.join("wit"),
            world,
            exports: "own",
        };
        let files = generate(request).map_err(BindingsError::Refused)?;
        written(files, &root.join("gen/here"))
    }

    fn package(wit: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("wit")).unwrap();
        fs::write(folder.path().join("wit/world.wit"), wit).unwrap();
        folder
    }

    #[test]
    fn a_world_becomes_a_header_a_source_and_an_object_file() {
        let folder = package(WIT);
        let mut files = generated(Language::C, folder.path(), "one").unwrap();
        files.sort();
        let there = folder.path().join("gen/here");
        let names = ["one.c", "one.h", "one_component_type.o"];
        assert_eq!(files, names.map(|name| there.join(name)));
        let header = fs::read_to_string(&files[1]).unwrap();
        assert!(header.contains("one_log("), "{header}");
    }

    #[test]
    fn a_world_becomes_a_go_module_with_all_that_it_needs() {
        let folder = package(WIT);
        let files = generated(Language::Go, folder.path(), "one").unwrap();
        let there = folder.path().join("gen/here");
        let wanted = [
            "go.mod",
            "component_type.wasm",
            "wit_exports/wit_exports.go",
        ];
        for name in wanted {
            assert!(files.contains(&there.join(name)), "{name}: {files:#?}");
        }
        for file in files {
            let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
            assert!(!text.contains("bytecodealliance"), "{}", file.display());
        }
    }

    #[test]
    fn what_go_cannot_say_is_refused() {
        let folder = package("package a:b;\nworld one { import f: async func(); }\n");
        let error = generated(Language::Go, folder.path(), "one").unwrap_err();
        assert_eq!(
            error.to_string(),
            "there are no bindings in Go for the world `one`: \
             it uses asynchronous functions, futures or streams"
        );
    }

    #[test]
    fn what_is_no_file_is_refused_at_once() {
        for name in ["wit/x.wit", "wit/deps/other.wit", "wit/deps/other/x.wit"] {
            let folder = package(WIT);
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
            let error = generated(Language::C, folder.path(), "one").unwrap_err();
            let text = error.to_string();
            assert!(text.ends_with("it is a pipe, not a file"), "{text}");
            fs::remove_file(&path).unwrap();
            let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
            let error = generated(Language::Go, folder.path(), "one").unwrap_err();
            assert!(error.to_string().ends_with("it is a socket, not a file"));
            fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink("/dev/zero", &path).unwrap();
            let error = generated(Language::C, folder.path(), "one").unwrap_err();
            assert!(error.to_string().ends_with("it is a device, not a file"));
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let folder = package(WIT);
        let root = folder.path();
        let error = |world| generated(Language::C, root, world).unwrap_err().to_string();
        let unknown = error("three");
        assert!(
            unknown.ends_with("has no world `three`; it has `one`, `two`"),
            "{unknown}"
        );
        fs::write(root.join("wit/world.wit"), "package a:b;\nwrld x {}\n").unwrap();
        let broken = error("one");
        assert!(broken.contains("world.wit:2:1"), "{broken}");
        fs::remove_dir_all(root.join("wit")).unwrap();
        let error = generated(Language::C, root, "one").unwrap_err();
        assert!(error.to_string().starts_with("cannot read the WIT in "));
    }
}
