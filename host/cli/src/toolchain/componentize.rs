//! Turns a core module that was linked against WASI's first preview into a component.

use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use boll_host::sandbox::WorkerError;
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::ComponentEncoder;

use super::file_error::FileError;
use crate::foreign;
use crate::wasm::{self, Kind};
use crate::whole_file;
use crate::worker::Task;

/// The reason why there is no component.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ComponentizeError {
    #[error(transparent)]
    File(#[from] FileError),
    /// The file is something else.
    #[error("{} is no core module{}", path.display(), if *component { ": it is a component already" } else { "" })]
    NotAModule { path: PathBuf, component: bool },
    /// The module does not fit to the world that was linked into it, or takes too much
    /// to find out.
    #[error("{} cannot become a component", path.display())]
    Encode {
        path: PathBuf,
        #[source]
        source: WorkerError,
    },
}

/// Makes of the core module in `module` the component in `component`, which is written whole or not at all.
///
/// `types` is a module with the world's types, where they are not in the core module itself.
pub(crate) fn componentize(
    module: &Path,
    types: Option<&Path>,
    component: &Path,
) -> Result<(), ComponentizeError> {
    let mut bytes = read(module)?;
    if let Some(types) = types {
        // The sections of a module are one after the other, behind its head.
        bytes.extend(&read(types)?[wasm::MODULE.len()..]);
    }
    let mut encoded =
        Task::Componentize
            .run(&[&bytes])
            .map_err(|source| ComponentizeError::Encode {
                path: module.to_owned(),
                source,
            })?;
    Ok(whole_file::write(component, &mut encoded).map_err(FileError::write(component))?)
}

/// The work of the process: types in a module may take any amount of memory and stack
/// to read.
pub(crate) fn work(module: Vec<u8>) -> Result<Vec<u8>, String> {
    // What reads them panics where a module has what WIT has no words for.
    catch_unwind(|| encoded(&module))
        .unwrap_or_else(|_| Err("its world cannot be described in WIT".to_owned()))
}

fn encoded(module: &[u8]) -> Result<Vec<u8>, String> {
    ComponentEncoder::default()
        .validate(true)
        .module(module)
        .and_then(|encoder| {
            encoder.adapter(
                WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
                WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
            )
        })
        .and_then(ComponentEncoder::encode)
        .map_err(|error| format!("{error:#}"))
}

fn read(module: &Path) -> Result<Vec<u8>, ComponentizeError> {
    let bytes = foreign::component(module).map_err(FileError::read(module))?;
    match Kind::of(&bytes) {
        Kind::Module => Ok(bytes),
        kind => Err(ComponentizeError::NotAModule {
            path: module.to_owned(),
            component: kind == Kind::Component,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn refused(bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().unwrap();
        let module = folder.path().join("core.wasm");
        let component = folder.path().join("out.wasm");
        fs::write(&module, bytes).unwrap();
        let error = componentize(&module, None, &component)
            .unwrap_err()
            .to_string();
        assert!(!component.exists());
        error
    }

    #[test]
    fn what_is_no_module_is_refused() {
        assert!(refused(b"text").ends_with("is no core module"));
        assert!(refused(b"\0asm\x0d\0\x01\0").ends_with("it is a component already"));
        work(b"\0asm\x01\0\0\0\x01".to_vec()).unwrap_err();
    }

    #[test]
    fn a_module_without_imports_becomes_a_component() {
        let bytes = work(b"\0asm\x01\0\0\0".to_vec()).unwrap();
        assert!(bytes.starts_with(b"\0asm\x0d\0\x01\0"));
    }
}
