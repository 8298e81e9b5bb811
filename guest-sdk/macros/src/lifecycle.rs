//! Reads a function of the block as a step of the capsule's life, and writes the
//! code that exports it.

use crate::signature::{self, Signature};
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Ident, ImplItemFn, Meta, Result, Type};

/// What the host calls of itself.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Run,
    Install,
    Upgrade,
}

/// A function that the host calls of itself.
pub(crate) struct Lifecycle {
    pub(crate) step: Step,
    pub(crate) function: Ident,
    /// Whether it takes the previous version by reference.
    by_reference: bool,
    result: Type,
}

impl Step {
    const ALL: [Self; 3] = [Self::Run, Self::Install, Self::Upgrade];

    /// Its attribute, which is also the name of its interface and function.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Install => "install",
            Self::Upgrade => "upgrade",
        }
    }

    fn form(self) -> &'static str {
        match self {
            Self::Run => "a run loop is `#[run] pub fn name() -> Result<(), Failure>`",
            Self::Install => {
                "what is called when a capsule is installed is \
                 `#[install] pub fn name() -> Result<(), Failure>`"
            }
            Self::Upgrade => {
                "what is called when a capsule's version rises is \
                 `#[upgrade] pub fn name(previous: &str) -> Result<(), Failure>`; \
                 it may take a `String`"
            }
        }
    }
}

/// Takes the attribute off a function and reads it as a step of the capsule's
/// life; `None` when it has none of these attributes.
pub(crate) fn take(function: &mut ImplItemFn) -> Result<Option<Lifecycle>> {
    let mut found = None;
    for step in Step::ALL {
        for attribute in signature::take_attributes(function, step.name()) {
            if !matches!(attribute.meta, Meta::Path(_)) {
                let text = format!("`#[{}]` takes no arguments", step.name());
                return Err(Error::new(attribute.span(), text));
            }
            if found.replace(step).is_some() {
                let text = "a function is one of `#[run]`, `#[install]` and `#[upgrade]`";
                return Err(Error::new(attribute.span(), text));
            }
        }
    }
    let Some(step) = found else { return Ok(None) };
    let action = signature::take_attributes(function, "action");
    if let Some(action) = action.first() {
        let text = format!(
            "`#[{}]` is no action: the host calls it itself",
            step.name()
        );
        return Err(Error::new(action.span(), text));
    }
    let form = step.form();
    if !signature::is_public(function) {
        let text = format!("this function must be `pub`: {form}");
        return Err(Error::new(function.sig.ident.span(), text));
    }
    let name = format!("`#[{}]`", step.name());
    let Signature { argument, result } = signature::read(function, &name, form)?;
    let by_reference = match (step, &argument) {
        (Step::Run | Step::Install, None) => false,
        (Step::Upgrade, Some(Type::Reference(reference)))
            if reference.mutability.is_none() && is_named(&reference.elem, "str") =>
        {
            true
        }
        (Step::Upgrade, Some(text)) if is_named(text, "String") => false,
        (_, Some(other)) => return Err(Error::new(other.span(), form)),
        (Step::Upgrade, None) => return Err(Error::new(function.sig.ident.span(), form)),
    };
    Ok(Some(Lifecycle {
        step,
        function: function.sig.ident.clone(),
        by_reference,
        result,
    }))
}

fn is_named(ty: &Type, name: &str) -> bool {
    let Type::Path(path) = ty else { return false };
    let last = path.path.segments.last();
    path.qself.is_none() && last.is_some_and(|last| last.ident == name && last.arguments.is_none())
}

impl Lifecycle {
    /// The code that connects it to the component's export.
    pub(crate) fn export(&self, capsule: &Type) -> TokenStream {
        let Self {
            function, result, ..
        } = self;
        let (taken, given) = match (self.step, self.by_reference) {
            (Step::Run | Step::Install, _) => (quote! {}, quote! {}),
            (Step::Upgrade, true) => (taken(), quote! { &previous }),
            (Step::Upgrade, false) => (taken(), quote! { previous }),
        };
        let passed = (self.step == Step::Upgrade).then(|| quote! { previous });
        let name = Ident::new(self.step.name(), function.span());
        let interface = match self.step {
            Step::Run => quote! { Run },
            Step::Install => quote! { Install },
            Step::Upgrade => quote! { Upgrade },
        };
        let export = Ident::new(&format!("export_{name}"), function.span());
        let ended = quote_spanned! {result.span()=> ::boll_sdk::__private::ended::<#result> };
        quote! {
            #[automatically_derived]
            impl ::boll_sdk::__private::#interface for #capsule {
                fn #name(#taken) -> ::core::result::Result<(), ::boll_sdk::Failure> {
                    #ended(Self::#function(#given))
                }
            }

            #[cfg(target_family = "wasm")]
            const _: () = {
                use ::boll_sdk::bindings::#name as bindings;

                struct Component;

                impl bindings::exports::boll::lifecycle::#name::Guest for Component {
                    fn #name(#taken) -> ::core::result::Result<(), ::std::string::String> {
                        ::boll_sdk::__private::#name::<#capsule>(#passed)
                    }
                }

                bindings::#export!(Component with_types_in ::boll_sdk::bindings::#name);
            };
        }
    }
}

fn taken() -> TokenStream {
    quote! { previous: ::std::string::String }
}
