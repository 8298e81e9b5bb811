//! The attribute macro of `boll-sdk`, which re-exports it.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod action;
mod capsule;

use proc_macro::TokenStream;

/// Turns an `impl` block into a capsule: each of its `pub fn`s is an action.
///
/// An action's name is that of the function, with `-` for `_`, or the one given
/// by `#[action("name")]`. It takes an `Event`, a `Json<T>`, or nothing, and
/// returns `Result<R, Failure>`, where `R` is a `Reply`, a `Json<T>`, or `()`.
/// Functions that are not `pub` are left alone.
///
/// The type then implements `boll_sdk::Capsule`, and in a component its actions
/// are exported. A component has one such block.
#[proc_macro_attribute]
pub fn capsule(args: TokenStream, item: TokenStream) -> TokenStream {
    capsule::expand(args.into(), item.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}
