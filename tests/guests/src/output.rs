//! Actions that write: log lines, stdout, stderr.

use boll_sdk::Failure;
use boll_sdk::log::{self, Field, Level};
use serde_json::{Value, json};
use std::io::Write as _;

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this is the point"
)]
pub(crate) fn print() {
    println!("one line on stdout");
    println!("two lines\non stdout");
    eprintln!("one line on stderr");
    print!("no end of line");
    // The guest's own buffer holds it back; nothing flushes that at the end.
    std::io::stdout().flush().unwrap_or_default();
}

pub(crate) fn log_lines() -> Result<(), Failure> {
    for level in [
        Level::Trace,
        Level::Debug,
        Level::Info,
        Level::Warn,
        Level::Error,
    ] {
        log::emit(level, &format!("a line of level {level:?}"), &[])?;
    }
    let fields = [
        Field::new("text", "ünï\n\"quoted\""),
        Field::new("integer", i64::MIN),
        Field::new("number", 1.5),
        Field::new("not.a-number", f64::NAN),
        Field::new("boolean", true),
        // The host's own keys: a capsule cannot set them.
        Field::new("capsule", "forged"),
        Field::new("principal", "forged"),
        Field::new("level", "forged"),
    ];
    log::emit(Level::Info, "a line with fields", &fields)?;
    let forged = "first\r\n{\"message\":\"forged\"}\u{1b}[31m\u{0}\u{7f}\u{85}\u{2028}";
    log::emit(Level::Info, forged, &[])?;
    Ok(())
}

pub(crate) fn log_refused() -> Value {
    let refused = |message: &str, fields: &[Field]| {
        log::emit(Level::Info, message, fields)
            .err()
            .map(|error| format!("{error:?}"))
    };
    json!({
        "too_large": refused(&"x".repeat(70_000), &[]),
        "empty_key": refused("", &[Field::new("", 1)]),
        "bad_key": refused("", &[Field::new("a b", 1)]),
        "long_key": refused("", &[Field::new("k".repeat(65), 1)]),
        "too_many": refused("", &vec![Field::new("k", 1); 65]),
    })
}

pub(crate) fn log_sized(bytes: usize) -> Result<(), Failure> {
    Ok(log::emit(Level::Info, &"x".repeat(bytes), &[])?)
}
