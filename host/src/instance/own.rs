//! Linking the embedder's interfaces, and which of them a component imports.

use wasmtime::component::Linker;

use super::contract::{ContractError, Surface};
use super::state::InstanceState;
use super::version::{Fit, fit};
use crate::capsule::Manifest;
use crate::interfaces::{HostInterface, import_names, is_wasi};

/// An interface of the embedder's, before it is linked.
pub(crate) struct OwnLink {
    name: &'static str,
    link: fn(&mut Linker<InstanceState>) -> wasmtime::Result<()>,
}

impl OwnLink {
    pub(crate) fn of<I: HostInterface>() -> Self {
        Self {
            name: I::NAME,
            link: |linker| I::add_to_linker(linker, InstanceState::own::<I>),
        }
    }

    /// Its name, with its version.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Whether the host has an interface of this name itself.
    pub(crate) fn is_taken(&self) -> bool {
        is_wasi(self.name) || import_names().any(|known| fit(known, self.name) != Fit::Other)
    }

    /// Whether another has its name, in whatever version.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        fit(self.name, other.name) != Fit::Other
    }

    /// Whether it is what a component imports under this name.
    fn serves(&self, import: &str) -> bool {
        fit(self.name, import) == Fit::Served
    }

    pub(super) fn link(&self, linker: &mut Linker<InstanceState>) -> wasmtime::Result<()> {
        (self.link)(linker)
    }
}

/// The interfaces of the embedder's that a component imports.
#[derive(Default)]
pub(super) struct OwnImports(Vec<String>);

impl OwnImports {
    /// Those of a component.
    pub(super) fn of(surface: &Surface, own: &[OwnLink]) -> Self {
        let imports = surface.imports.iter().map(|import| &import.interface);
        let is_served = |import: &&String| own.iter().any(|link| link.serves(import));
        Self(imports.filter(is_served).cloned().collect())
    }

    /// Whether a manifest asks for all of them.
    ///
    /// # Errors
    ///
    /// The first that it does not ask for.
    pub(super) fn check_asked(&self, manifest: &Manifest) -> Result<(), ContractError> {
        let asked = |import: &str| {
            let name = import.split('@').next().unwrap_or(import);
            let mut requests = manifest.requests.interfaces.iter();
            requests.any(|request| request.name.as_str() == name)
        };
        let unasked = self.0.iter().find(|import| !asked(import));
        match unasked {
            Some(import) => Err(ContractError::InterfaceNotAskedFor(import.clone())),
            None => Ok(()),
        }
    }
}
