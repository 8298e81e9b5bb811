//! The calls that the fake host answers.

use super::{Host, Line};
use crate::capability::Grant;
use crate::config::Error as ConfigError;
use crate::lifecycle::Caller;
use crate::log::{Error as LogError, Field, Level, Value};
use crate::process::{Command, Ends, Error, Keep, Output};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::SystemTime;

pub(crate) use super::child::{
    Child, InputStream, attach, children, output_stream, read_to_end, spawn,
};
pub(crate) use super::hook::{intercept, trigger};

/// The limits of a host that sets no others.
const LINE_LIMIT: u64 = 65_536;
const FIELD_LIMIT: u32 = 64;
const KEY_LIMIT: usize = 64;
const CONFIG_KEY_LIMIT: usize = 4_096;

thread_local! {
    /// The fake host of this thread.
    pub(super) static INSTALLED: RefCell<Option<Rc<Host>>> = const { RefCell::new(None) };
}

/// The fake host of this thread, for the call named.
pub(super) fn installed(call: &str) -> Rc<Host> {
    INSTALLED.with_borrow(Clone::clone).unwrap_or_else(|| {
        panic!(
            "{call} needs a host, and outside of a component there is none: \
             install a boll_sdk::fake::Host in the test first"
        )
    })
}

#[cfg(feature = "log")]
pub(crate) fn is_present() -> bool {
    INSTALLED.with_borrow(Option::is_some)
}

pub(crate) fn run(command: &Command, ends: Ends<'_>) -> Result<Output, Error> {
    let host = installed("process::Command");
    host.commands.borrow_mut().push(command.clone());
    let Some(answer) = &host.process else {
        return Err(Error::Denied {
            capability: format!("process:{}", command.get_program()),
            reason: "this fake host has no answer to commands: give it one with \
                     boll_sdk::fake::Host::process"
                .to_owned(),
        });
    };
    let mut output = (answer.borrow_mut())(command)?;
    keep(ends.stdout, &mut output.stdout, &mut output.stdout_dropped);
    keep(ends.stderr, &mut output.stderr, &mut output.stderr_dropped);
    Ok(output)
}

fn keep(keep: Keep, bytes: &mut Vec<u8>, dropped: &mut u64) {
    match keep {
        // `run` has no streams.
        Keep::Null | Keep::Log | Keep::Stream => bytes.clear(),
        Keep::Ring(limit) => {
            let limit = usize::try_from(limit).unwrap_or(usize::MAX);
            let excess = bytes.len().saturating_sub(limit);
            bytes.drain(..excess);
            *dropped += excess as u64;
        }
    }
}

pub(crate) fn emit(level: Level, message: &str, fields: &[Field]) -> Result<(), LogError> {
    let host = installed("log::emit");
    if fields.len() > FIELD_LIMIT as usize {
        return Err(LogError::TooManyFields(FIELD_LIMIT));
    }
    let mut size = message.len();
    for field in fields {
        if !is_key(&field.key) {
            return Err(LogError::InvalidKey(field.key.clone()));
        }
        size += field.key.len();
        if let Value::Text(text) = &field.value {
            size += text.len();
        }
    }
    if size as u64 > LINE_LIMIT {
        return Err(LogError::TooLarge(LINE_LIMIT));
    }
    if level >= host.log_level {
        host.log.borrow_mut().push(Line {
            level,
            message: message.to_owned(),
            fields: fields.to_vec(),
        });
    }
    Ok(())
}

fn is_key(key: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    key.len() <= KEY_LIMIT
        && key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && key.bytes().all(rest)
}

pub(crate) fn enabled(level: Level) -> bool {
    level >= installed("log::enabled").log_level
}

pub(crate) fn config_get(key: &str) -> Result<Option<String>, ConfigError> {
    let host = installed("config::get");
    if key.len() > CONFIG_KEY_LIMIT {
        return Err(ConfigError::KeyTooLong(CONFIG_KEY_LIMIT as u64));
    }
    let value = host.config.get(key).cloned();
    value.ok_or_else(|| ConfigError::Undeclared(key.to_owned()))
}

pub(crate) fn config_all() -> Vec<(String, String)> {
    let host = installed("config::all");
    let set = host.config.iter();
    set.filter_map(|(key, value)| Some((key.clone(), value.clone()?)))
        .collect()
}

pub(crate) fn held() -> Vec<Grant> {
    let host = installed("capability::held");
    host.grants_of(&host.uuid)
}

pub(crate) fn check(uuid: &str, name: &str) -> bool {
    let held = installed("capability::check").grants_of(uuid);
    held.iter().any(|grant| grant.name == name)
}

pub(crate) fn caller() -> Option<Caller> {
    installed("lifecycle::caller").caller.clone()
}

pub(crate) fn self_uuid() -> String {
    installed("lifecycle::self_uuid").uuid.clone()
}

pub(crate) fn ready() {
    installed("lifecycle::ready").ready.set(true);
}

pub(crate) fn now() -> SystemTime {
    let host = installed("the clock");
    host.now.unwrap_or_else(SystemTime::now)
}

#[cfg(test)]
mod tests {
    use crate::process::{Command, ErrorKind};
    use crate::{capability, fake, lifecycle};

    #[test]
    #[should_panic(expected = "install a boll_sdk::fake::Host")]
    fn without_a_fake_host_a_call_panics() {
        lifecycle::ready();
    }

    #[test]
    fn a_host_is_gone_when_dropped() {
        drop(fake::Host::new().install());
        let host = fake::Host::new().install();
        lifecycle::ready();
        assert!(host.is_ready());
    }

    #[test]
    fn commands_are_denied_without_an_answer() {
        let host = fake::Host::new().install();
        let error = Command::new("git").output().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert_eq!(host.commands().len(), 1);
    }

    #[test]
    fn capabilities_belong_to_one_capsule() {
        let _host = fake::Host::new()
            .grant("process:git", "git log **")
            .grant_to("other", "config:limit", "")
            .install();
        let own = lifecycle::self_uuid();
        assert!(capability::check(&own, "process:git"));
        assert!(!capability::check(&own, "config:limit"));
        assert!(capability::check("other", "config:limit"));
        assert_eq!(capability::held().len(), 1);
    }
}
