//! Reads one function of the block as an action.

use syn::spanned::Spanned;
use syn::{Error, FnArg, Ident, ImplItemFn, LitStr, Result, ReturnType, Type, Visibility};

const FORM: &str = "an action is `pub fn name(event: Event) -> Result<Reply, Failure>`; \
    it may take `Json<T>` or nothing, and give `Json<T>` or `()`";

/// One action of a capsule.
pub(crate) struct Action {
    /// The name by which it is called.
    pub(crate) name: LitStr,
    /// The function that answers.
    pub(crate) function: Ident,
    /// What it takes, unless that is nothing.
    pub(crate) argument: Option<Type>,
    /// What it returns.
    pub(crate) result: Type,
}

/// Takes the attribute off a function and reads it as an action; `None` when it
/// is not public.
pub(crate) fn take(function: &mut ImplItemFn) -> Result<Option<Action>> {
    let name = take_name(function)?;
    if !matches!(function.vis, Visibility::Public(_)) {
        return match name {
            Some(name) => Err(Error::new(name.span(), "an action must be `pub`")),
            None => Ok(None),
        };
    }
    let signature = &function.sig;
    let misfit = signature
        .asyncness
        .map(|token| token.span)
        .or(signature.unsafety.map(|token| token.span))
        .or(signature.abi.as_ref().map(Spanned::span))
        .or(signature.variadic.as_ref().map(Spanned::span));
    if let Some(span) = misfit {
        return Err(Error::new(span, FORM));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new(signature.generics.span(), FORM));
    }
    let mut inputs = signature.inputs.iter();
    let argument = match inputs.next() {
        None => None,
        Some(FnArg::Typed(argument)) => Some((*argument.ty).clone()),
        Some(FnArg::Receiver(receiver)) => {
            let text = format!("an action has no `self`; {FORM}");
            return Err(Error::new(receiver.span(), text));
        }
    };
    if let Some(second) = inputs.next() {
        return Err(Error::new(second.span(), FORM));
    }
    let ReturnType::Type(_, result) = &signature.output else {
        return Err(Error::new(signature.ident.span(), FORM));
    };
    Ok(Some(Action {
        name: name.unwrap_or_else(|| default_name(&signature.ident)),
        function: signature.ident.clone(),
        argument,
        result: (**result).clone(),
    }))
}

/// The name in `#[action("name")]`, which is taken off.
fn take_name(function: &mut ImplItemFn) -> Result<Option<LitStr>> {
    let mut name = None;
    let mut others = Vec::new();
    for attribute in std::mem::take(&mut function.attrs) {
        if !attribute.path().is_ident("action") {
            others.push(attribute);
        } else if name.is_some() {
            return Err(Error::new(attribute.span(), "an action has one name"));
        } else {
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
            name = Some(literal);
        }
    }
    function.attrs = others;
    Ok(name)
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
