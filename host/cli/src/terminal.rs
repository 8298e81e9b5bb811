//! The terminal of standard input while it is read key by key: its settings are restored on
//! every way out, also while the program is stopped (Ctrl-Z), and by a signal that ends it.

use std::io::{self, Write as _};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, raise, sigaction};
use nix::sys::termios::{self, FlushArg, LocalFlags, SetArg, SpecialCharacterIndices, Termios};
use nix::unistd::{getpgrp, tcgetpgrp};

use crate::output::moves_cursor;

/// The settings to restore, for a signal's handler; null while there are none.
static BEFORE: AtomicPtr<libc::termios> = AtomicPtr::new(ptr::null_mut());

/// Whether the program has been asked to stop (SIGTSTP).
static STOP: AtomicBool = AtomicBool::new(false);

/// The terminal's settings as they were, which come back when this is dropped.
pub(crate) struct Terminal {
    /// `None` if standard input is no terminal.
    before: Option<Termios>,
    stopping: Option<SigAction>,
}

impl Terminal {
    /// Keeps the settings, and takes over stopping by SIGTSTP, which goes through
    /// [`stop_if_asked`](Self::stop_if_asked) from now on.
    pub(crate) fn kept() -> Self {
        let before = termios::tcgetattr(io::stdin()).ok();
        if let Some(before) = &before {
            let raw: libc::termios = before.clone().into();
            // Never freed: a handler may be reading it. There are few.
            BEFORE.store(Box::into_raw(Box::new(raw)), Ordering::SeqCst);
        }
        let stopping = before.is_some().then(take_over_stopping).flatten();
        Self { before, stopping }
    }

    /// Reads single keys from now on, without showing them. Signals of the keyboard stay.
    pub(crate) fn read_keys(&self) {
        let now = termios::tcgetattr(io::stdin());
        let single = now.is_ok_and(|now| !now.local_flags.contains(LocalFlags::ICANON));
        let Some(mut keys) = self.before.clone().filter(|_| !single) else {
            return;
        };
        keys.local_flags
            .remove(LocalFlags::ICANON | LocalFlags::ECHO);
        keys.control_chars[SpecialCharacterIndices::VMIN as usize] = 1;
        keys.control_chars[SpecialCharacterIndices::VTIME as usize] = 0;
        // Without it, a key counts only with Enter.
        let _ = termios::tcsetattr(io::stdin(), SetArg::TCSANOW, &keys);
    }

    /// Forgets what was typed and not read yet: it was meant for something else.
    pub(crate) fn forget_typed(&self) {
        // In the background, it would stop the program, and what is typed is another's.
        if self.before.is_some() && Self::is_ours() {
            let _ = termios::tcflush(io::stdin(), FlushArg::TCIFLUSH);
        }
    }

    /// Returns whether the terminal is this program's now: a job in the background is stopped if it
    /// reads, or changes the settings. One without job control is.
    pub(crate) fn is_ours() -> bool {
        tcgetpgrp(io::stdin()).map_or(true, |group| group == getpgrp())
    }

    /// Stops the program if it was asked to, with the settings from before for as long. Returns
    /// whether it was stopped.
    pub(crate) fn stop_if_asked(&self) -> bool {
        if !STOP.swap(false, Ordering::SeqCst) {
            return false;
        }
        let now = termios::tcgetattr(io::stdin()).ok();
        self.show_cursor();
        self.restore();
        // By the default action, which the kernel leaves out where no shell could continue the
        // program. It returns when the program goes on.
        put(&SigAction::new(
            SigHandler::SigDfl,
            SaFlags::empty(),
            SigSet::empty(),
        ));
        let _ = raise(Signal::SIGTSTP);
        take_over_stopping();
        if let Some(now) = now.filter(|_| Self::is_ours()) {
            let _ = termios::tcsetattr(io::stdin(), SetArg::TCSANOW, &now);
        }
        true
    }

    fn restore(&self) {
        let Some(before) = &self.before else {
            return;
        };
        // A terminal that is gone needs nothing. In the background, it is another's.
        if Self::is_ours() {
            let _ = termios::tcsetattr(io::stdin(), SetArg::TCSANOW, before);
        }
    }

    /// Shows the cursor, which a question hides.
    pub(crate) fn show_cursor(&self) {
        if self.before.is_some() && moves_cursor() {
            let _ = io::stderr().write_all(b"\x1b[?25h");
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.restore();
        BEFORE.store(ptr::null_mut(), Ordering::SeqCst);
        if let Some(stopping) = &self.stopping {
            put(stopping);
        }
    }
}

/// Restores the settings, from the handler of a signal that ends the program.
pub(crate) fn restore_at_once() {
    let before = BEFORE.load(Ordering::SeqCst);
    if !before.is_null() {
        // SAFETY: it points to settings that are never freed. The calls are among those that a
        // handler may make.
        #[allow(unsafe_code)]
        unsafe {
            // In the background, changing them would stop the program instead.
            let group = libc::tcgetpgrp(libc::STDIN_FILENO);
            if group == -1 || group == libc::getpgrp() {
                libc::tcsetattr(libc::STDIN_FILENO, libc::TCSANOW, before);
            }
        }
    }
}

/// Has SIGTSTP only noted. Returns the action from before; `None` if it was ignored, and stays so.
fn take_over_stopping() -> Option<SigAction> {
    let handler = SigHandler::Handler(on_stop);
    let action = SigAction::new(handler, SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler only sets a flag.
    #[allow(unsafe_code)]
    let before = unsafe { sigaction(Signal::SIGTSTP, &action) }.ok()?;
    if matches!(before.handler(), SigHandler::SigIgn) {
        put(&before);
        return None;
    }
    Some(before)
}

fn put(action: &SigAction) {
    // SAFETY: it is the default action, or the one from before.
    #[allow(unsafe_code)]
    let _ = unsafe { sigaction(Signal::SIGTSTP, action) };
}

extern "C" fn on_stop(_: libc::c_int) {
    STOP.store(true, Ordering::SeqCst);
}
