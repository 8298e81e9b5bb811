//! From a compiled component to one that can be instantiated at once.

use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};

use super::contract::{ContractError, HANDLER, INSTALL, RUN, Surface, UPGRADE};
use super::state::InstanceState;
use crate::bindings::CapsulePre;
use crate::bindings::lifecycle::install::InstallsPre;
use crate::bindings::lifecycle::run::RunsPre;
use crate::bindings::lifecycle::upgrade::UpgradesPre;
use crate::interfaces;

/// A component with everything linked, and what it exports.
#[cfg_attr(test, derive(Default))]
pub(crate) struct Prepared {
    pub(super) handler: Option<CapsulePre<InstanceState>>,
    pub(super) run: Option<RunsPre<InstanceState>>,
    pub(super) install: Option<InstallsPre<InstanceState>>,
    pub(super) upgrade: Option<UpgradesPre<InstanceState>>,
}

impl Prepared {
    /// Whether it answers calls.
    pub(crate) fn handles(&self) -> bool {
        self.handler.is_some()
    }

    /// Whether it has a run loop.
    pub(crate) fn runs(&self) -> bool {
        self.run.is_some()
    }

    /// Whether it wants to be told of its installation or of an upgrade.
    pub(crate) fn keeps_record(&self) -> bool {
        self.install.is_some() || self.upgrade.is_some()
    }
}

/// Links components. Made once for an engine.
pub(crate) struct Preparer {
    linker: Linker<InstanceState>,
}

impl Preparer {
    pub(crate) fn new(engine: &Engine) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
        interfaces::add_to_linker(
            &mut linker,
            InstanceState::call,
            InstanceState::view,
            InstanceState::lookup,
        )?;
        Ok(Self { linker })
    }

    pub(crate) fn prepare(&self, component: &Component) -> Result<Prepared, ContractError> {
        let surface = Surface::of(component);
        surface.check()?;
        let linked = self
            .linker
            .instantiate_pre(component)
            .map_err(ContractError::Mismatch)?;
        Ok(Prepared {
            handler: exported(&surface, HANDLER, &linked, CapsulePre::new)?,
            run: exported(&surface, RUN, &linked, RunsPre::new)?,
            install: exported(&surface, INSTALL, &linked, InstallsPre::new)?,
            upgrade: exported(&surface, UPGRADE, &linked, UpgradesPre::new)?,
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
        .exports
        .contains(name)
        .then(|| find(linked.clone()))
        .transpose()
        .map_err(ContractError::Mismatch)
}
