//! The interface `acme:keyvalue/store`, in memory.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use boll_host::policy::Denial;
use boll_host::wasmtime::{self, component::Linker};
use boll_host::{HasInterface, HostInterface, InterfaceView, PrincipalName};

wasmtime::component::bindgen!({
    path: "wit",
    world: "host",
    wasmtime_crate: boll_host::wasmtime,
});

use acme::keyvalue::store::{self, Error, Host};

/// The most bytes of a value.
const VALUE: usize = 1024;

/// The values, by principal and key.
#[derive(Default)]
pub(crate) struct Store(Mutex<HashMap<(Option<PrincipalName>, String), String>>);

impl Store {
    fn values(&self) -> MutexGuard<'_, HashMap<(Option<PrincipalName>, String), String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HostInterface for Store {
    const NAME: &'static str = "acme:keyvalue/store@0.1.0";

    fn add_to_linker<T: Send + 'static>(
        linker: &mut Linker<T>,
        view: fn(&mut T) -> InterfaceView<'_, Self>,
    ) -> wasmtime::Result<()> {
        store::add_to_linker::<T, HasInterface<Self>>(linker, view)
    }
}

// `granted` is the only way to the store, so that no function can forget to ask.
impl Host for InterfaceView<'_, Store> {
    fn get(&mut self, key: String) -> Result<Option<String>, Error> {
        let store = self.granted()?;
        let principal = self.origin().principal.clone();
        Ok(store.values().get(&(principal, key)).cloned())
    }

    fn set(&mut self, key: String, value: String) -> Result<(), Error> {
        let store = self.granted()?;
        if value.len() > VALUE {
            return Err(Error::TooLarge(VALUE as u64));
        }
        let principal = self.origin().principal.clone();
        store.values().insert((principal, key), value);
        Ok(())
    }
}

impl From<Denial> for Error {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial.to_string())
    }
}
