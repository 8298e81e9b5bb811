//! Reads one function of the block as an action, and writes the call of it.

use crate::signature::{self, Signature};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Ident, ImplItemFn, LitStr, Result};

const FORM: &str = "an action is `pub fn name(event: Event) -> Result<Reply, Failure>`; \
    it may take `Json<T>` or nothing, and give `Json<T>` or `()`";

/// One action of a capsule.
pub(crate) struct Action {
    /// The name by which it is called.
    pub(crate) name: LitStr,
    /// The function that answers.
    function: Ident,
    signature: Signature,
}

/// Takes the attribute off a function and reads it as an action; `None` when it
/// is not public.
pub(crate) fn take(function: &mut ImplItemFn) -> Result<Option<Action>> {
    let name = take_name(function)?;
    if !signature::is_public(function) {
        return match name {
            Some(name) => Err(Error::new(name.span(), "an action must be `pub`")),
            None => Ok(None),
        };
    }
    let ident = &function.sig.ident;
    Ok(Some(Action {
        signature: signature::read(function, "an action", FORM)?,
        name: name.unwrap_or_else(|| default_name(ident)),
        function: ident.clone(),
    }))
}

/// The name in `#[action("name")]`, which is taken off.
fn take_name(function: &mut ImplItemFn) -> Result<Option<LitStr>> {
    let mut attributes = signature::take_attributes(function, "action").into_iter();
    let Some(attribute) = attributes.next() else {
        return Ok(None);
    };
    if let Some(second) = attributes.next() {
        return Err(Error::new(second.span(), "an action has one name"));
    }
    let literal: LitStr = attribute.parse_args().map_err(|_| {
        Error::new(
            attribute.span(),
            "expected `#[action(\"name-of-the-action\")]`",
        )
    })?;
    if !is_name(&literal.value()) {
        let text = "an action's name has only `a-z`, `0-9` and `-`, and is not empty";
        return Err(Error::new(literal.span(), text));
    }
    Ok(Some(literal))
}

fn default_name(function: &Ident) -> LitStr {
    let name = function.to_string();
    let name = name.strip_prefix("r#").unwrap_or(&name);
    LitStr::new(&name.replace('_', "-"), function.span())
}

fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !name.is_empty() && name.bytes().all(allowed)
}

impl Action {
    /// The arm that calls it. The spans are those of the types, so that the
    /// compiler points at a type that does not fit.
    pub(crate) fn arm(&self) -> TokenStream {
        let Self {
            name,
            function,
            signature: Signature { argument, result },
        } = self;
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
}
