//! Writes the code that connects a block's functions to the component's exports.

use crate::action::{self, Action};
use crate::lifecycle::{self, Lifecycle, Step};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::{Error, ImplItem, ItemImpl, Result, Type};

/// What the host reaches of a capsule.
struct Exports {
    actions: Vec<Action>,
    lifecycle: Vec<Lifecycle>,
}

pub(crate) fn expand(args: TokenStream, item: TokenStream) -> Result<TokenStream> {
    if !args.is_empty() {
        return Err(Error::new(args.span(), "`capsule` takes no arguments"));
    }
    let mut block: ItemImpl = syn::parse2(item)
        .map_err(|error| Error::new(error.span(), "`capsule` goes on an `impl` block of a type"))?;
    if let Some((_, path, _)) = &block.trait_ {
        let text = "`capsule` goes on an `impl` block of a type, not of a trait";
        return Err(Error::new(path.span(), text));
    }
    if !block.generics.params.is_empty() {
        let text = "a capsule's type has no parameters";
        return Err(Error::new(block.generics.span(), text));
    }
    let exports = exports(&mut block)?;
    let capsule = &block.self_ty;
    // A capsule that only runs has nothing to be called by.
    let handler = (!exports.actions.is_empty()).then(|| handler(capsule, &exports.actions));
    let lifecycle = exports.lifecycle.iter().map(|step| step.export(capsule));
    Ok(quote! {
        #block
        #handler
        #(#lifecycle)*
    })
}

fn exports(block: &mut ItemImpl) -> Result<Exports> {
    let mut exports = Exports {
        actions: Vec::new(),
        lifecycle: Vec::new(),
    };
    let mut names = BTreeSet::new();
    for item in &mut block.items {
        let ImplItem::Fn(function) = item else {
            continue;
        };
        if let Some(found) = lifecycle::take(function)? {
            let has = |step: Step| exports.lifecycle.iter().any(|other| other.step == step);
            if has(found.step) {
                let text = format!("a capsule has one `#[{}]`", found.step.name());
                return Err(Error::new(found.function.span(), text));
            }
            exports.lifecycle.push(found);
        } else if let Some(action) = action::take(function)? {
            if !names.insert(action.name.value()) {
                let text = format!("two actions are named `{}`", action.name.value());
                return Err(Error::new(action.name.span(), text));
            }
            exports.actions.push(action);
        }
    }
    let runs = exports
        .lifecycle
        .iter()
        .any(|found| found.step == Step::Run);
    if exports.actions.is_empty() && !runs {
        let text = "a capsule has at least one action, which is a `pub fn` in this block, \
                    or a run loop, which is one with `#[run]`";
        return Err(Error::new(block.self_ty.span(), text));
    }
    Ok(exports)
}

/// The way to the actions.
fn handler(capsule: &Type, actions: &[Action]) -> TokenStream {
    let names = actions.iter().map(|action| &action.name);
    let arms = actions.iter().map(Action::arm);
    quote! {
        #[automatically_derived]
        impl ::boll_sdk::Capsule for #capsule {
            const ACTIONS: &'static [&'static str] = &[#(#names),*];

            fn handle(
                action: &str,
                event: ::boll_sdk::Event,
            ) -> ::core::result::Result<::boll_sdk::Reply, ::boll_sdk::Failure> {
                match action {
                    #(#arms)*
                    unknown => ::core::result::Result::Err(
                        ::boll_sdk::Failure::UnknownAction(::std::string::String::from(unknown)),
                    ),
                }
            }
        }

        #[cfg(target_family = "wasm")]
        const _: () = {
            use ::boll_sdk::bindings::{self, exports::boll::hook::handler};

            struct Component;

            impl handler::Guest for Component {
                fn handle(
                    action: ::std::string::String,
                    event: handler::Event,
                ) -> ::core::result::Result<handler::Reply, handler::Failure> {
                    ::boll_sdk::__private::handle::<#capsule>(action, event)
                }
            }

            bindings::export_capsule!(Component with_types_in ::boll_sdk::bindings);
        };
    }
}

#[cfg(test)]
mod tests;
