//! The way to the host: the component's imports, or natively the fake host.
//!
//! Both have the same functions, in this crate's own types.

#[cfg(target_family = "wasm")]
mod imports;
#[cfg(target_family = "wasm")]
pub(crate) use imports::*;

#[cfg(not(target_family = "wasm"))]
pub(crate) use crate::fake::host::*;
