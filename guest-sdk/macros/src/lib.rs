//! The attribute macro of `boll-sdk`, which re-exports it.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod action;
mod capsule;
mod lifecycle;
mod signature;

use proc_macro::TokenStream;

/// Turns an `impl` block into a capsule: each of its `pub fn`s is an action, or
/// a step of the capsule's life that the host calls itself.
///
/// An action's name is that of the function, with `-` for `_`, or the one given
/// by `#[action("name")]`. It takes an `Event`, a `Json<T>`, or nothing, and
/// returns `Result<R, Failure>`, where `R` is a `Reply`, a `Json<T>`, or `()`.
/// Functions that are not `pub` are left alone.
///
/// These are no actions, and there is at most one of each:
///
/// | function | the host calls it |
/// |---|---|
/// | `#[run] pub fn name() -> Result<(), Failure>` | once after the capsule is loaded, and again after it failed: the run loop of a service |
/// | `#[install] pub fn name() -> Result<(), Failure>` | when a capsule of this id is loaded for the first time |
/// | `#[upgrade] pub fn name(previous: &str) -> Result<(), Failure>` | when it is loaded with a higher version than `previous`, the one before; a `String` will do too |
///
/// When `#[install]` or `#[upgrade]` fails, the capsule stays unloaded.
///
/// The type then implements `boll_sdk::Capsule`, unless it has no action and only
/// runs. In a component exactly what is there is exported. A component has one
/// such block.
#[proc_macro_attribute]
pub fn capsule(args: TokenStream, item: TokenStream) -> TokenStream {
    capsule::expand(args.into(), item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
