//! `boll:config/config`.

use super::CallContext;
use crate::bindings::boll::config::config::{Entry, Error, Host};
use crate::capsule::MAX_KEY_LEN;
use crate::services::audit::{Judgement, Requested};

impl Host for CallContext {
    fn get(&mut self, key: String) -> Result<Option<String>, Error> {
        if key.len() > MAX_KEY_LEN {
            return Err(Error::KeyTooLong(MAX_KEY_LEN as u64));
        }
        let value = self.capsule.config.get(&key);
        let declared = value.is_some() || self.capsule.manifest.config.contains_key(&key);
        self.audit(|| {
            if declared {
                read(&key)
            } else {
                Judgement::refused(format!("config:{key}"), "the manifest does not declare it")
            }
        });
        match value {
            Some(value) => Ok(Some(value.expose().to_owned())),
            None if declared => Ok(None),
            None => Err(Error::Undeclared(key)),
        }
    }

    fn all(&mut self) -> Vec<Entry> {
        self.audit_reading_all();
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

impl CallContext {
    pub(super) fn audit_reading_all(&self) {
        for key in self.capsule.manifest.config.keys() {
            self.audit(|| read(key));
        }
    }
}

/// A declared key was read.
pub(super) fn read(key: &str) -> Judgement {
    let request = Requested::Config(key.to_owned());
    Judgement::allowed(format!("config:{key}"), Some(request))
}
