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

#[test]
fn exactly_what_is_there_is_exported() {
    let code = |item: TokenStream| expand(TokenStream::new(), item).unwrap().to_string();
    let run = quote! { #[run] pub fn watch() -> Result<(), Failure> { todo() } };
    let action = quote! { pub fn echo() -> Result<(), Failure> { todo() } };
    let others = quote! {
        #[install] pub fn first() -> Result<(), Failure> { todo() }
        #[upgrade] pub fn newer(previous: &str) -> Result<(), Failure> { todo() }
    };
    for (item, exported) in [
        (quote! { impl C { #action } }, &["capsule"][..]),
        (quote! { impl C { #run } }, &["run"]),
        (quote! { impl C { #action #run } }, &["capsule", "run"]),
        (
            quote! { impl C { #action #others } },
            &["capsule", "install", "upgrade"],
        ),
        (
            quote! { impl C { #run #others } },
            &["run", "install", "upgrade"],
        ),
    ] {
        let code = code(item);
        for export in ["capsule", "run", "install", "upgrade"] {
            let found = code.contains(&format!("export_{export} !"));
            assert_eq!(found, exported.contains(&export), "{export}: {code}");
        }
        assert_eq!(
            code.contains(":: boll_sdk :: Capsule for"),
            exported.contains(&"capsule")
        );
        for attribute in ["# [run]", "# [install]", "# [upgrade]"] {
            assert!(!code.contains(attribute), "{code}");
        }
        assert!(
            !code.contains(r#""watch""#),
            "a run loop is no action: {code}"
        );
    }
}

#[test]
fn the_previous_version_is_taken_as_the_function_says() {
    for (argument, given) in [
        (quote! { &str }, "newer (& previous)"),
        (quote! { &'static str }, "newer (& previous)"),
        (quote! { String }, "newer (previous)"),
        (quote! { std::string::String }, "newer (previous)"),
    ] {
        let item = quote! {
            impl C {
                #[run] pub fn watch() -> Result<(), Failure> { todo() }
                #[upgrade] pub fn newer(previous: #argument) -> Result<(), Failure> { todo() }
            }
        };
        let code = expand(TokenStream::new(), item).unwrap().to_string();
        assert!(code.contains(given), "{argument}: {code}");
    }
}

#[test]
fn wrong_steps_of_a_capsules_life_are_told_what_is_right() {
    let run = "`#[run] pub fn name() -> Result<(), Failure>`";
    let install = "`#[install] pub fn name() -> Result<(), Failure>`";
    let upgrade = "`#[upgrade] pub fn name(previous: &str) -> Result<(), Failure>`";
    let wrong = [
        (quote! { #[run] fn f() -> Result<(), Failure> {} }, run),
        (quote! { #[run] pub fn f() {} }, run),
        (
            quote! { #[run] pub fn f(event: Event) -> Result<(), Failure> {} },
            run,
        ),
        (
            quote! { #[run] pub fn f(&self) -> Result<(), Failure> {} },
            run,
        ),
        (
            quote! { #[run] pub async fn f() -> Result<(), Failure> {} },
            run,
        ),
        (
            quote! { #[install] pub fn f(previous: &str) -> Result<(), Failure> {} },
            install,
        ),
        (
            quote! { #[install] pub(crate) fn f() -> Result<(), Failure> {} },
            install,
        ),
        (
            quote! { #[upgrade] pub fn f() -> Result<(), Failure> {} },
            upgrade,
        ),
        (
            quote! { #[upgrade] pub fn f(a: &mut str) -> Result<(), Failure> {} },
            upgrade,
        ),
        (
            quote! { #[upgrade] pub fn f(a: Event) -> Result<(), Failure> {} },
            upgrade,
        ),
        (
            quote! { #[upgrade] pub fn f(a: &str, b: &str) -> Result<(), Failure> {} },
            upgrade,
        ),
        (
            quote! { #[upgrade] pub fn f<T>(a: String) -> Result<(), Failure> {} },
            upgrade,
        ),
    ];
    for (function, form) in wrong {
        let text = function.to_string();
        let error = error(quote! { impl C { #function } });
        assert!(error.contains(form), "{text}: {error}");
    }
}

#[test]
fn other_mistakes_with_the_life_of_a_capsule_have_messages_of_their_own() {
    let once = quote! { pub fn f() -> Result<(), Failure> {} };
    let again = quote! { pub fn g() -> Result<(), Failure> {} };
    let block = |functions: TokenStream| error(quote! { impl C { #functions } });
    assert_eq!(
        block(quote! { #[run] #once #[run] #again }),
        "a capsule has one `#[run]`"
    );
    assert_eq!(
        block(quote! { #[install] #once #[install] #again }),
        "a capsule has one `#[install]`"
    );
    assert!(block(quote! { #[run] #[install] #once }).contains("one of `#[run]`"));
    assert!(block(quote! { #[run] #[run] #once }).contains("one of `#[run]`"));
    assert!(block(quote! { #[run("x")] #once }).contains("`#[run]` takes no arguments"));
    assert!(block(quote! { #[run] #[action("x")] #once }).contains("is no action"));
    assert!(block(quote! { #[install] #once }).contains("or a run loop"));
}
