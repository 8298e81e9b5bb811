//! From a compiled component to one that can be instantiated at once.

use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use super::contract::{ContractError, Surface};
use super::state::InstanceState;
use crate::bindings::CapsulePre;
use crate::interfaces;

/// A component with everything linked.
#[derive(Clone)]
pub(crate) struct Prepared(pub(super) CapsulePre<InstanceState>);

/// Links components. Made once for an engine.
pub(crate) struct Preparer {
    linker: Linker<InstanceState>,
}

impl Preparer {
    pub(crate) fn new(engine: &Engine) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        interfaces::add_to_linker(&mut linker, InstanceState::call, InstanceState::view)?;
        Ok(Self { linker })
    }

    pub(crate) fn prepare(&self, component: &Component) -> Result<Prepared, ContractError> {
        Surface::of(component).check()?;
        self.linker
            .instantiate_pre(component)
            .and_then(CapsulePre::new)
            .map(Prepared)
            .map_err(ContractError::Mismatch)
    }
}
