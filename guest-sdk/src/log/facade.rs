//! The `log` crate's macros write to the capsule's log.

use super::{Field, Level, Value, enabled};
use crate::host;
use ::log::kv;

struct Facade;

/// Makes the facade the logger, unless the capsule has set one of its own.
pub(crate) fn install() {
    if ::log::set_logger(&Facade).is_ok() {
        // The host decides what is written; it is asked for each line.
        ::log::set_max_level(::log::LevelFilter::Trace);
    }
}

impl ::log::Log for Facade {
    fn enabled(&self, metadata: &::log::Metadata<'_>) -> bool {
        // Natively other threads may log that have no fake host.
        host::is_present() && enabled(level(metadata.level()))
    }

    fn log(&self, record: &::log::Record<'_>) {
        if !self.enabled(record.metadata()) {
            return;
        }
        let mut fields = Fields(Vec::new());
        // `Fields` takes every pair, so visiting cannot fail.
        let _ = record.key_values().visit(&mut fields);
        super::__write(level(record.level()), *record.args(), &fields.0);
    }

    fn flush(&self) {}
}

fn level(level: ::log::Level) -> Level {
    match level {
        ::log::Level::Trace => Level::Trace,
        ::log::Level::Debug => Level::Debug,
        ::log::Level::Info => Level::Info,
        ::log::Level::Warn => Level::Warn,
        ::log::Level::Error => Level::Error,
    }
}

struct Fields(Vec<Field>);

impl<'kvs> kv::VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        let value = if let Some(value) = value.to_bool() {
            Value::from(value)
        } else if let Some(integer) = value.to_i64() {
            Value::from(integer)
        } else if let Some(integer) = value.to_u64() {
            Value::from(integer)
        } else if let Some(number) = value.to_f64() {
            Value::from(number)
        } else {
            Value::display(value)
        };
        self.0.push(Field::new(key.as_str(), value));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake;

    #[test]
    fn lines_of_the_log_crate_arrive_with_their_fields() {
        let host = fake::Host::new().log_level(Level::Info).install();
        ::log::info!(commits = 3, name = "ann"; "counted");
        ::log::debug!("below the level");
        let lines = host.log();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].message, "counted");
        assert_eq!(
            lines[0].fields,
            [Field::new("commits", 3), Field::new("name", "ann")]
        );
    }
}
