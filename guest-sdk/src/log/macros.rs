//! The macros that write log lines.

use super::{Field, Level, emit};
use std::fmt::Arguments;

/// Writes a line for a macro. There is no one to give an error to, so a
/// refused line leaves a warning in its place.
#[doc(hidden)]
pub fn __write(level: Level, message: Arguments<'_>, fields: &[Field]) {
    if let Err(error) = emit(level, &message.to_string(), fields) {
        // A warning that short is within every limit.
        let _ = emit(
            Level::Warn,
            &format!("a log line was refused: {error}"),
            &[],
        );
    }
}

#[doc(hidden)]
#[macro_export]
macro_rules! __log {
    ($level:expr, $($key:tt = $value:expr),+ $(,)? ; $($message:tt)+) => {
        if $crate::log::enabled($level) {
            $crate::log::__write(
                $level,
                ::core::format_args!($($message)+),
                &[$($crate::log::Field::new($crate::__log_key!($key), $value)),+],
            );
        }
    };
    ($level:expr, $($message:tt)+) => {
        if $crate::log::enabled($level) {
            $crate::log::__write($level, ::core::format_args!($($message)+), &[]);
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __log_key {
    ($key:ident) => {
        ::core::stringify!($key)
    };
    ($key:expr) => {
        $key
    };
}

/// Writes a line of level [`Trace`](crate::log::Level::Trace).
#[macro_export]
#[doc(hidden)]
macro_rules! __trace {
    ($($line:tt)+) => { $crate::__log!($crate::log::Level::Trace, $($line)+) };
}

/// Writes a line of level [`Debug`](crate::log::Level::Debug).
#[macro_export]
#[doc(hidden)]
macro_rules! __debug {
    ($($line:tt)+) => { $crate::__log!($crate::log::Level::Debug, $($line)+) };
}

/// Writes a line of level [`Info`](crate::log::Level::Info).
#[macro_export]
#[doc(hidden)]
macro_rules! __info {
    ($($line:tt)+) => { $crate::__log!($crate::log::Level::Info, $($line)+) };
}

/// Writes a line of level [`Warn`](crate::log::Level::Warn).
#[macro_export]
#[doc(hidden)]
macro_rules! __warn {
    ($($line:tt)+) => { $crate::__log!($crate::log::Level::Warn, $($line)+) };
}

/// Writes a line of level [`Error`](crate::log::Level::Error).
#[macro_export]
#[doc(hidden)]
macro_rules! __error {
    ($($line:tt)+) => { $crate::__log!($crate::log::Level::Error, $($line)+) };
}
