//! `boll:log/log`.

use super::CallContext;
use super::same::same;
use crate::bindings::boll::log::log::{Error, Field, Host, Level, Value};
use crate::services::log::{FieldValue, LineSource, LogLevel};

/// Fields of one line.
const MAX_FIELDS: usize = 64;
const MAX_KEY_LEN: usize = 64;

impl Host for CallContext {
    fn emit(&mut self, level: Level, message: String, fields: Vec<Field>) -> Result<(), Error> {
        check(&message, &fields, self.log.max_line())?;
        let level = level.into();
        if self.log.enabled(level) {
            let fields = fields
                .into_iter()
                .map(|field| (field.key, field.value.into()))
                .collect();
            self.log.emit(level, LineSource::Capsule, message, fields);
        }
        Ok(())
    }

    fn enabled(&mut self, level: Level) -> bool {
        self.log.enabled(level.into())
    }
}

fn check(message: &str, fields: &[Field], max_line: u64) -> Result<(), Error> {
    if fields.len() > MAX_FIELDS {
        return Err(Error::TooManyFields(MAX_FIELDS as u32));
    }
    let mut size = message.len();
    for Field { key, value } in fields {
        if !is_key(key) {
            return Err(Error::InvalidKey(key.clone()));
        }
        size += key.len();
        if let Value::Text(text) = value {
            size += text.len();
        }
    }
    if size as u64 > max_line {
        return Err(Error::TooLarge(max_line));
    }
    Ok(())
}

fn is_key(key: &str) -> bool {
    let first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    key.len() <= MAX_KEY_LEN && key.bytes().next().is_some_and(first) && key.bytes().all(rest)
}

same! {
    enum Level => LogLevel { Trace, Debug, Info, Warn, Error }
    enum Value => FieldValue { Text(text), Integer(number), Number(number), Boolean(flag) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(key: &str, value: &str) -> Field {
        Field {
            key: key.into(),
            value: Value::Text(value.into()),
        }
    }

    #[test]
    fn keys_have_one_form() {
        for good in ["a", "_a", "a.b-c_1"] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "1a", "a b", "a\n", "ä", &"x".repeat(65)] {
            assert!(!is_key(bad), "{bad}");
        }
    }

    #[test]
    fn the_limit_counts_message_keys_and_texts() {
        assert!(check("1234", &[field("k", "12345")], 10).is_ok());
        assert!(matches!(
            check("1234", &[field("k", "123456")], 10),
            Err(Error::TooLarge(10))
        ));
        let many: Vec<Field> = (0..65).map(|_| field("k", "")).collect();
        assert!(matches!(
            check("", &many, 1000),
            Err(Error::TooManyFields(64))
        ));
        assert!(matches!(
            check("", &[field("a b", "")], 1000),
            Err(Error::InvalidKey(_))
        ));
    }
}
