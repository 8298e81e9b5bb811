//! What the attribute accepts and what it says about the rest.

use super::*;

fn error(item: TokenStream) -> String {
    expand(TokenStream::new(), item).unwrap_err().to_string()
}

#[test]
fn names_are_those_of_the_functions_unless_given() {
    let code = expand(
        TokenStream::new(),
        quote! {
            impl Counter {
                pub fn count_all(event: Event) -> Result<Reply, Failure> { todo() }
                #[action("other-name")]
                pub fn second() -> Result<(), Failure> { todo() }
                fn helper(&self) {}
            }
        },
    )
    .unwrap()
    .to_string();
    assert!(code.contains(r#"& ["count-all" , "other-name"]"#), "{code}");
    assert!(!code.contains("# [action"), "{code}");
}

#[test]
fn wrong_signatures_are_told_what_an_action_is() {
    let wrong = [
        quote! { impl C { pub fn f(&self) -> Result<(), Failure> {} } },
        quote! { impl C { pub fn f(a: Event, b: Event) -> Result<(), Failure> {} } },
        quote! { impl C { pub fn f(a: Event) {} } },
        quote! { impl C { pub async fn f(a: Event) -> Result<(), Failure> {} } },
        quote! { impl C { pub unsafe fn f(a: Event) -> Result<(), Failure> {} } },
        quote! { impl C { pub fn f<T>(a: T) -> Result<(), Failure> {} } },
    ];
    for item in wrong {
        let text = item.to_string();
        let error = error(item);
        assert!(
            error.contains("`pub fn name(event: Event)"),
            "{text}: {error}"
        );
    }
}

#[test]
fn other_mistakes_have_messages_of_their_own() {
    let named = |attribute: TokenStream, visibility: TokenStream| {
        error(quote! {
            impl C { #attribute #visibility fn f() -> Result<(), Failure> {} }
        })
    };
    let public = || quote! { pub };
    assert!(named(quote! { #[action("x")] }, quote! {}).contains("must be `pub`"));
    assert!(named(quote! { #[action("X y")] }, public()).contains("only `a-z`"));
    assert!(named(quote! { #[action] }, public()).contains("expected `#[action("));
    assert!(named(quote! { #[action("x")] #[action("y")] }, public()).contains("one name"));
    assert!(named(quote! {}, quote! {}).contains("at least one action"));
    assert!(error(quote! { impl Trait for C {} }).contains("not of a trait"));
    assert!(error(quote! { struct C; }).contains("`impl` block of a type"));
    assert!(error(quote! { impl<T> C<T> {} }).contains("no parameters"));
    let twice = quote! {
        impl C {
            pub fn x() -> Result<(), Failure> {}
            #[action("x")]
            pub fn y() -> Result<(), Failure> {}
        }
    };
    assert_eq!(error(twice), "two actions are named `x`");
    let arguments = expand(quote! { x }, quote! { impl C {} });
    assert!(arguments.unwrap_err().to_string().contains("no arguments"));
}
