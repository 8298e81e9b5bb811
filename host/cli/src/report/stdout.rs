//! Whether there was a standard output when the program was started.
//!
//! Rust replaces a closed one by `/dev/null` before `main`: a reply would be written
//! there, and seem to have arrived.

use std::sync::atomic::{AtomicBool, Ordering};

use nix::fcntl::{FcntlArg, fcntl};

static CLOSED: AtomicBool = AtomicBool::new(false);

/// Returns whether it was closed.
pub(super) fn was_closed() -> bool {
    CLOSED.load(Ordering::Relaxed)
}

/// Called by the C library before `main`, and so before Rust looks.
#[used]
// SAFETY: an entry of this section is a function that the C library calls once,
// with arguments that a function without any ignores; it only asks the kernel.
#[allow(unsafe_code)]
#[unsafe(link_section = ".init_array")]
static LOOK: extern "C" fn() = look;

extern "C" fn look() {
    let closed = fcntl(std::io::stdout(), FcntlArg::F_GETFD).is_err();
    CLOSED.store(closed, Ordering::Relaxed);
}
