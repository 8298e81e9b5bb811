//! `wasi:config/store`: the configuration of `boll:config` for components that
//! were written for any host. Its drafts differ in nothing but their names.

use wasmtime::component::{ComponentType, Lift, Linker, Lower};

use super::CallContext;
use super::config::read;
use crate::capsule::MAX_KEY_LEN;

/// The names under which components import it.
pub(super) const NAMES: [&str; 3] = [
    "wasi:config/store@0.2.0-rc.1",
    "wasi:config/store@0.2.0-draft-2024-09-27",
    "wasi:config/store@0.2.0-draft",
];

/// Its `error`. The values are in memory, so that only a key can be wrong.
#[derive(Debug, Clone, ComponentType, Lift, Lower)]
#[component(variant)]
enum StoreError {
    /// Whatever holds the values refuses.
    #[component(name = "upstream")]
    Upstream(String),
    /// Reading them failed.
    #[component(name = "io")]
    Io(String),
}

impl CallContext {
    /// What the manifest does not declare is not there: components that know
    /// nothing of manifests ask for what may be.
    fn store_get(&self, key: &str) -> Result<Option<String>, StoreError> {
        if key.len() > MAX_KEY_LEN {
            return Err(StoreError::Upstream(format!(
                "the key is longer than the limit of {MAX_KEY_LEN} bytes"
            )));
        }
        let value = self.capsule.config.get(key);
        if value.is_some() || self.capsule.manifest.config.contains_key(key) {
            self.audit(|| read(key));
        }
        Ok(value.map(|value| value.expose().to_owned()))
    }

    fn store_all(&self) -> Vec<(String, String)> {
        self.audit_reading_all();
        let values = self.capsule.config.iter();
        values
            .map(|(key, value)| (key.clone(), value.expose().to_owned()))
            .collect()
    }
}

/// Links it under one of its names.
pub(super) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    call: fn(&mut T) -> &mut CallContext,
    name: &str,
) -> wasmtime::Result<()> {
    let mut store = linker.instance(name)?;
    store.func_wrap("get", move |mut state, (key,): (String,)| {
        Ok((call(state.data_mut()).store_get(&key),))
    })?;
    store.func_wrap("get-all", move |mut state, (): ()| {
        let all: Result<_, StoreError> = Ok(call(state.data_mut()).store_all());
        Ok((all,))
    })
}
