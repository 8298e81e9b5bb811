//! Reads the signature of a function that the host reaches.

use syn::spanned::Spanned;
use syn::{Attribute, Error, FnArg, ImplItemFn, Result, ReturnType, Type, Visibility};

/// What such a function takes and returns.
pub(crate) struct Signature {
    pub(crate) argument: Option<Type>,
    pub(crate) result: Type,
}

/// Takes the attributes of this name off a function.
pub(crate) fn take_attributes(function: &mut ImplItemFn, name: &str) -> Vec<Attribute> {
    let all = std::mem::take(&mut function.attrs);
    let (taken, others) = all
        .into_iter()
        .partition(|attribute| attribute.path().is_ident(name));
    function.attrs = others;
    taken
}

pub(crate) fn is_public(function: &ImplItemFn) -> bool {
    matches!(function.vis, Visibility::Public(_))
}

/// Reads the signature of what `name` names, for example "an action". What does
/// not fit is told `form`.
pub(crate) fn read(function: &ImplItemFn, name: &str, form: &str) -> Result<Signature> {
    let signature = &function.sig;
    let misfit = signature
        .asyncness
        .map(|token| token.span)
        .or(signature.unsafety.map(|token| token.span))
        .or(signature.abi.as_ref().map(Spanned::span))
        .or(signature.variadic.as_ref().map(Spanned::span));
    if let Some(span) = misfit {
        return Err(Error::new(span, form));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new(signature.generics.span(), form));
    }
    let mut inputs = signature.inputs.iter();
    let argument = match inputs.next() {
        None => None,
        Some(FnArg::Typed(argument)) => Some((*argument.ty).clone()),
        Some(FnArg::Receiver(receiver)) => {
            let text = format!("{name} has no `self`; {form}");
            return Err(Error::new(receiver.span(), text));
        }
    };
    if let Some(second) = inputs.next() {
        return Err(Error::new(second.span(), form));
    }
    let ReturnType::Type(_, result) = &signature.output else {
        return Err(Error::new(signature.ident.span(), form));
    };
    Ok(Signature {
        argument,
        result: (**result).clone(),
    })
}
