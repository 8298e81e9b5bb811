//! `boll:config/config`.

use super::CallContext;
use crate::bindings::boll::config::config::{Entry, Error, Host};
use crate::capsule::MAX_KEY_LEN;

impl Host for CallContext {
    fn get(&mut self, key: String) -> Result<Option<String>, Error> {
        if key.len() > MAX_KEY_LEN {
            return Err(Error::KeyTooLong(MAX_KEY_LEN as u64));
        }
        match self.capsule.config.get(&key) {
            Some(value) => Ok(Some(value.expose().to_owned())),
            None if self.capsule.manifest.config.contains_key(&key) => Ok(None),
            None => Err(Error::Undeclared(key)),
        }
    }

    fn all(&mut self) -> Vec<Entry> {
        self.capsule
            .config
            .iter()
            .map(|(key, value)| Entry {
                key: key.clone(),
                value: value.expose().to_owned(),
            })
            .collect()
    }
}
