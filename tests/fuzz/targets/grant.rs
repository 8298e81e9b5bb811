//! A grant is either refused, or says of itself what is read as the same grant.
#![no_main]

use boll_fuzz::policy::Grant;
use libfuzzer_sys::fuzz_target;

const KINDS: [&str; 6] = [
    "",
    "process:",
    "files:",
    "network:",
    "publish:",
    "subscribe:",
];

fuzz_target!(|input: (u8, &str)| {
    let (kind, text) = input;
    let text = format!("{}{text}", KINDS[usize::from(kind) % KINDS.len()]);
    match text.parse::<Grant>() {
        Ok(grant) => {
            let said = grant.to_string();
            assert_eq!(
                said.parse::<Grant>().as_ref(),
                Ok(&grant),
                "{text:?}: {said:?}"
            );
            assert!(!grant.capability().is_empty());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
