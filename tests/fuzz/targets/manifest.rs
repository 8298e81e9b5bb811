//! A manifest is read, or wrong at a place that it has.
#![no_main]

use boll_fuzz::capsule::Manifest;
use libfuzzer_sys::fuzz_target;

const HEAD: &str = "[capsule]\nid = \"a\"\nversion = \"1.0.0\"\n";

fuzz_target!(|input: (bool, &str)| {
    let (headed, rest) = input;
    let text = format!("{}{rest}", if headed { HEAD } else { "" });
    if let Err(error) = Manifest::parse("Capsule.toml", &text) {
        assert!(!error.message.is_empty());
        let lines = text.matches('\n').count() + 1;
        let place = error.position.expect("every error has its place");
        assert!((1..=lines).contains(&place.line), "{place:?} of {text:?}");
        if let Some(span) = error.span {
            assert!(span.start <= span.end && span.end <= text.len());
        }
    }
});
