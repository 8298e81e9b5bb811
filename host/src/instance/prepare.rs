//! From a compiled component to one that can be instantiated at once.

use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use super::contract::{ContractError, HANDLER, INSTALL, RUN, Surface, UPGRADE, check_asked};
use super::own::{OwnImports, OwnLink};
use super::state::InstanceState;
use crate::bindings::CapsulePre;
use crate::bindings::lifecycle::install::InstallsPre;
use crate::bindings::lifecycle::run::RunsPre;
use crate::bindings::lifecycle::upgrade::UpgradesPre;
use crate::capsule::Manifest;
use crate::interfaces::{self, Views};

/// A component with everything linked, and what it exports.
#[cfg_attr(test, derive(Default))]
pub(crate) struct PreparedComponent {
    pub(super) handler: Option<CapsulePre<InstanceState>>,
    pub(super) run: Option<RunsPre<InstanceState>>,
    pub(super) install: Option<InstallsPre<InstanceState>>,
    pub(super) upgrade: Option<UpgradesPre<InstanceState>>,
    /// The interface that it sends requests through, if it does.
    sends: Option<String>,
    /// The interfaces of the embedder's that it imports.
    own: OwnImports,
}

impl PreparedComponent {
    /// Whether it answers calls.
    pub(crate) fn handles(&self) -> bool {
        self.handler.is_some()
    }

    /// Whether it has a run loop.
    pub(crate) fn runs(&self) -> bool {
        self.run.is_some()
    }

    /// Whether a manifest asks for what gives it the interfaces that it imports.
    ///
    /// # Errors
    ///
    /// It imports one that the manifest asks for nothing of.
    pub(crate) fn check(&self, manifest: &Manifest) -> Result<(), ContractError> {
        check_asked(self.sends.as_deref(), manifest)?;
        self.own.check_asked(manifest)
    }

    /// Whether it wants to be told of its installation or of an upgrade.
    pub(crate) fn keeps_record(&self) -> bool {
        self.install.is_some() || self.upgrade.is_some()
    }
}

/// Links components. Made once for an engine.
pub(crate) struct Preparer {
    linker: Linker<InstanceState>,
    own: Vec<OwnLink>,
}

impl Preparer {
    /// With the embedder's interfaces beside those of the contract.
    pub(crate) fn new(engine: &Engine, own: Vec<OwnLink>) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        let views = Views {
            call: InstanceState::call,
            view: InstanceState::view,
            files: InstanceState::files,
            sockets: InstanceState::sockets,
            http: InstanceState::http,
        };
        interfaces::add_to_linker(&mut linker, &views)?;
        own.iter().try_for_each(|own| own.link(&mut linker))?;
        Ok(Self { linker, own })
    }

    pub(crate) fn prepare(
        &self,
        component: &Component,
    ) -> Result<PreparedComponent, ContractError> {
        let surface = Surface::of(component);
        let own: Vec<&str> = self.own.iter().map(OwnLink::name).collect();
        surface.check_with(&own)?;
        let linked = self
            .linker
            .instantiate_pre(component)
            .map_err(ContractError::Mismatch)?;
        Ok(PreparedComponent {
            handler: exported(&surface, HANDLER, &linked, CapsulePre::new)?,
            run: exported(&surface, RUN, &linked, RunsPre::new)?,
            install: exported(&surface, INSTALL, &linked, InstallsPre::new)?,
            upgrade: exported(&surface, UPGRADE, &linked, UpgradesPre::new)?,
            own: OwnImports::of(&surface, &self.own),
            sends: surface.sends().map(str::to_owned),
        })
    }
}

/// The way to an export, if the component has it.
fn exported<T>(
    surface: &Surface,
    name: &str,
    linked: &InstancePre<InstanceState>,
    find: impl FnOnce(InstancePre<InstanceState>) -> wasmtime::Result<T>,
) -> Result<Option<T>, ContractError> {
    surface
        .export(name)
        .is_some()
        .then(|| find(linked.clone()))
        .transpose()
        .map_err(ContractError::Mismatch)
}
