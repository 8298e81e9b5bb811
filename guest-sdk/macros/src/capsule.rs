//! Writes the code that connects a block's actions to the component's export.

use crate::action::{self, Action};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use std::collections::BTreeSet;
use syn::spanned::Spanned;
use syn::{Error, ImplItem, ItemImpl, Result};

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
    let actions = actions(&mut block)?;
    let capsule = &block.self_ty;
    let names = actions.iter().map(|action| &action.name);
    let arms = actions.iter().map(arm);
    Ok(quote! {
        #block

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
    })
}

fn actions(block: &mut ItemImpl) -> Result<Vec<Action>> {
    let mut actions = Vec::new();
    let mut names = BTreeSet::new();
    for item in &mut block.items {
        let ImplItem::Fn(function) = item else {
            continue;
        };
        let Some(action) = action::take(function)? else {
            continue;
        };
        if !names.insert(action.name.value()) {
            let text = format!("two actions are named `{}`", action.name.value());
            return Err(Error::new(action.name.span(), text));
        }
        actions.push(action);
    }
    if actions.is_empty() {
        let text = "a capsule has at least one action: a `pub fn` in this block";
        return Err(Error::new(block.self_ty.span(), text));
    }
    Ok(actions)
}

/// The spans are those of the types, so that the compiler points at a type that
/// does not fit.
fn arm(action: &Action) -> TokenStream {
    let Action {
        name,
        function,
        argument,
        result,
    } = action;
    let call = match argument {
        None => quote! { Self::#function() },
        Some(argument) => {
            let read = quote_spanned! {argument.span()=>
                ::boll_sdk::__private::argument::<#argument>(event)?
            };
            quote! { Self::#function(#read) }
        }
    };
    let answer = quote_spanned! {result.span()=> ::boll_sdk::__private::answer::<#result> };
    quote! { #name => #answer(#call), }
}

#[cfg(test)]
mod tests;
