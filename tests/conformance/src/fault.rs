//! A fault that `boll conformance --mutants` switches on in a guest, so that the guest sees
//! a host that does not keep to the contract, and has to notice.

use std::hint::black_box;

/// What the runner looks for in a built guest. It writes the name of a fault over the
/// dots behind it; the suite itself never does.
const MARK: usize = "boll-conformance-fault:".len();
static FAULT: [u8; 64] = *b"boll-conformance-fault:.........................................";

/// Returns whether the fault with this name is switched on.
pub(crate) fn is(name: &str) -> bool {
    // The file is changed after it is built, so nothing may be concluded from its text.
    let fault = &black_box(&FAULT)[MARK..];
    let end = fault.iter().position(|byte| *byte == b'.');
    fault[..end.unwrap_or(fault.len())] == *name.as_bytes()
}

/// Cuts what is longer than this many bytes, as a host does that loses the rest.
pub(crate) fn cut(bytes: &[u8], most: usize) -> &[u8] {
    &bytes[..bytes.len().min(most)]
}
