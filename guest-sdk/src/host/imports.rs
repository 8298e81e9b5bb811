//! Calls to the component's imports.

use crate::bindings::boll::{capability, config, lifecycle, log as raw};
use crate::lifecycle::{Caller, Source};
use crate::log::{Error as LogError, Field, Level, Value};
use crate::{capability::Grant, config::Error as ConfigError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

mod children;
mod hook;
mod process;
mod streams;

pub(crate) use children::{Child, attach, children, spawn};
pub(crate) use hook::{intercept, trigger};
pub(crate) use process::run;
pub(crate) use streams::{InputStream, output_stream, read_to_end};

#[cfg(feature = "log")]
pub(crate) fn is_present() -> bool {
    true
}

pub(crate) fn emit(level: Level, message: &str, fields: &[Field]) -> Result<(), LogError> {
    let fields: Vec<_> = fields
        .iter()
        .map(|field| raw::log::Field {
            key: field.key.clone(),
            value: match &field.value {
                Value::Text(text) => raw::log::Value::Text(text.clone()),
                Value::Integer(integer) => raw::log::Value::Integer(*integer),
                Value::Number(number) => raw::log::Value::Number(*number),
                Value::Boolean(value) => raw::log::Value::Boolean(*value),
            },
        })
        .collect();
    raw::log::emit(raw_level(level), message, &fields).map_err(|error| match error {
        raw::log::Error::TooLarge(limit) => LogError::TooLarge(limit),
        raw::log::Error::InvalidKey(key) => LogError::InvalidKey(key),
        raw::log::Error::TooManyFields(limit) => LogError::TooManyFields(limit),
    })
}

pub(crate) fn enabled(level: Level) -> bool {
    raw::log::enabled(raw_level(level))
}

fn raw_level(level: Level) -> raw::log::Level {
    match level {
        Level::Trace => raw::log::Level::Trace,
        Level::Debug => raw::log::Level::Debug,
        Level::Info => raw::log::Level::Info,
        Level::Warn => raw::log::Level::Warn,
        Level::Error => raw::log::Level::Error,
    }
}

pub(crate) fn config_get(key: &str) -> Result<Option<String>, ConfigError> {
    config::config::get(key).map_err(|error| match error {
        config::config::Error::Undeclared(key) => ConfigError::Undeclared(key),
        config::config::Error::KeyTooLong(limit) => ConfigError::KeyTooLong(limit),
    })
}

pub(crate) fn config_all() -> Vec<(String, String)> {
    let entries = config::config::all().into_iter();
    entries.map(|entry| (entry.key, entry.value)).collect()
}

pub(crate) fn held() -> Vec<Grant> {
    let grants = capability::capability::held().into_iter();
    grants
        .map(|grant| Grant {
            name: grant.name,
            scope: grant.scope,
        })
        .collect()
}

pub(crate) fn check(uuid: &str, name: &str) -> bool {
    capability::capability::check(uuid, name)
}

pub(crate) fn caller() -> Option<Caller> {
    let call = lifecycle::lifecycle::caller()?;
    Some(Caller {
        principal: call.principal,
        source: match call.source {
            lifecycle::lifecycle::Source::Host => Source::Host,
            lifecycle::lifecycle::Source::Capsule(uuid) => Source::Capsule(uuid),
        },
        call_id: call.call_id,
        started_at: time(call.started_at_ms),
        deadline: call.deadline_ms.map(time),
        chain: call.chain,
    })
}

pub(crate) fn self_uuid() -> String {
    lifecycle::lifecycle::self_uuid()
}

pub(crate) fn ready() {
    lifecycle::lifecycle::ready();
}

pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}

fn time(ms: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(ms)
}
