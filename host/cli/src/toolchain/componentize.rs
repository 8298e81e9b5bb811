//! Turns a core module that was linked against WASI's first preview into a component.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wit_component::ComponentEncoder;

use crate::foreign;
use crate::wasm::{self, Kind};

/// Why there is no component.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ComponentizeError {
    /// The module cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file is something else.
    #[error("{} is no core module{}", path.display(), if *component { ": it is a component already" } else { "" })]
    NotAModule {
        /// The file.
        path: PathBuf,
        /// Whether it is a component.
        component: bool,
    },
    /// The module does not fit to the world that was linked into it.
    #[error("{} cannot become a component: {reason}", path.display())]
    Encode {
        /// The module.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The component cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
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
    let encoded = ComponentEncoder::default()
        .validate(true)
        .module(&bytes)
        .and_then(|encoder| {
            encoder.adapter(
                WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
                WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
            )
        })
        .and_then(ComponentEncoder::encode)
        .map_err(|error| ComponentizeError::Encode {
            path: module.to_owned(),
            reason: format!("{error:#}"),
        })?;
    let written = |source| ComponentizeError::Write {
        path: component.to_owned(),
        source,
    };
    let unfinished = component.with_extension("unfinished");
    fs::write(&unfinished, encoded).map_err(written)?;
    fs::rename(&unfinished, component).map_err(written)
}

fn read(module: &Path) -> Result<Vec<u8>, ComponentizeError> {
    let bytes = foreign::component(module).map_err(|source| ComponentizeError::Read {
        path: module.to_owned(),
        source,
    })?;
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
        assert!(refused(b"\0asm\x01\0\0\0\x01").contains("cannot become a component"));
    }

    #[test]
    fn a_module_without_imports_becomes_a_component() {
        let folder = tempfile::tempdir().unwrap();
        let module = folder.path().join("core.wasm");
        let component = folder.path().join("out.wasm");
        fs::write(&module, b"\0asm\x01\0\0\0").unwrap();
        componentize(&module, None, &component).unwrap();
        let bytes = fs::read(&component).unwrap();
        assert!(bytes.starts_with(b"\0asm\x0d\0\x01\0"));
    }
}
