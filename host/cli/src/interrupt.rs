//! Signals to end the program: SIGINT, SIGTERM, SIGHUP and SIGQUIT. The first one goes to
//! the listener, which ends running work in order; a second one, or one without a
//! listener, ends the program at once, whatever hangs: a thread, a pipe that nobody
//! reads. A second SIGHUP does not: a terminal that is closed sends several. A signal that
//! was ignored when the program started stays ignored, as `nohup` and shells mean it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, Ordering};
use std::time::Duration;

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};

use crate::failure::{Code, Done, Failure, OrFail as _};
use crate::terminal;

/// There is no listener.
const ALONE: u8 = 0;
/// There is a listener, and no signal has come.
const LISTENING: u8 = 1;
/// The first signal has come.
const SIGNALLED: u8 = 2;

static STATE: AtomicU8 = AtomicU8::new(ALONE);

/// The first signal that somebody listened to.
static FIRST: AtomicI32 = AtomicI32::new(0);

/// Whether a tool runs, which ends first.
static TOOL: AtomicBool = AtomicBool::new(false);
/// Whether a second signal has come meanwhile.
static HURRIED: AtomicBool = AtomicBool::new(false);

/// The signals that end the program, and its message for each.
const ENDING: [(Signal, &str); 4] = [
    (Signal::SIGINT, "interrupted"),
    (Signal::SIGTERM, "terminated"),
    (Signal::SIGHUP, "the terminal was closed"),
    (Signal::SIGQUIT, "quit by SIGQUIT"),
];

/// Whether the signals are handled.
static HANDLED: OnceLock<nix::Result<()>> = OnceLock::new();

/// Makes a signal that ends the program give its exit code from now on, even before there
/// is a listener.
pub(crate) fn begin() -> Done {
    let handled = HANDLED.get_or_init(install);
    handled.or_fail(Code::Machine, || "cannot listen for signals".to_owned())
}

/// Marks that there is a listener for the first signal, as long as this lives.
#[derive(Debug)]
pub(crate) struct Listening(());

impl Listening {
    pub(crate) fn begin() -> Done<Self> {
        begin()?;
        STATE.store(LISTENING, Ordering::SeqCst);
        Ok(Self(()))
    }

    /// Returns the same if nobody listens yet. Otherwise, or if signals cannot be handled, it
    /// returns `None`. The caller asks [`told`].
    pub(crate) fn unless_somebody_does() -> Option<Self> {
        begin().ok()?;
        let was = STATE.compare_exchange(ALONE, LISTENING, Ordering::SeqCst, Ordering::SeqCst);
        was.is_ok().then_some(Self(()))
    }
}

/// Returns the message of the first signal that somebody listened to.
pub(crate) fn told() -> Option<&'static str> {
    let first = FIRST.load(Ordering::SeqCst);
    let mut all = ENDING.iter();
    all.find(|(signal, _)| *signal as i32 == first)
        .map(|(_, words)| *words)
}

/// Fails if the first signal has come: for work of many steps.
pub(crate) fn check() -> Done {
    told().map_or(Ok(()), |words| Err(Failure::new(Code::Interrupted, words)))
}

/// As long as this lives, a tool runs: a second signal does not end the program, but has
/// the tool ended at once. A third one does.
pub(crate) struct Tool(());

impl Tool {
    pub(crate) fn begin() -> Self {
        TOOL.store(true, Ordering::SeqCst);
        Self(())
    }
}

impl Drop for Tool {
    fn drop(&mut self) {
        TOOL.store(false, Ordering::SeqCst);
    }
}

/// Returns whether a second signal has come while a tool ran.
pub(crate) fn hurried() -> bool {
    HURRIED.load(Ordering::SeqCst)
}

impl Drop for Listening {
    fn drop(&mut self) {
        STATE.store(ALONE, Ordering::SeqCst);
    }
}

/// Does the work unless a signal ends the program: the work is then dropped.
pub(crate) async fn unless_told<T>(work: impl Future<Output = Done<T>>) -> Done<T> {
    tokio::select! {
        done = work => done,
        told = told_to_end() => Err(told),
    }
}

/// How often waiting tasks check for the first signal.
const TICK: Duration = Duration::from_millis(50);

/// Waits for the first signal, and returns what the program then fails with.
pub(crate) async fn told_to_end() -> Failure {
    loop {
        if let Err(failure) = check() {
            return failure;
        }
        tokio::time::sleep(TICK).await;
    }
}

/// Makes writing a file over its size limit an error, instead of the end of the program.
/// Programs that it starts get the signal as usual.
pub(crate) fn outlive_the_limit_on_files() {
    let ignore = SigAction::new(SigHandler::SigIgn, SaFlags::empty(), SigSet::empty());
    // SAFETY: no handler runs. It fails for no signal that exists.
    #[allow(unsafe_code)]
    let _ = unsafe { sigaction(Signal::SIGXFSZ, &ignore) };
}

fn install() -> nix::Result<()> {
    let handler = SigHandler::Handler(on_signal);
    let action = SigAction::new(handler, SaFlags::SA_RESTART, SigSet::empty());
    for (signal, _) in ENDING {
        // SAFETY: the handler does nothing that a handler may not.
        #[allow(unsafe_code)]
        let before = unsafe { sigaction(signal, &action) }?;
        if matches!(before.handler(), SigHandler::SigIgn) {
            // By nohup, or by a shell that runs this in the background.
            // SAFETY: no handler runs.
            #[allow(unsafe_code)]
            unsafe { sigaction(signal, &before) }?;
        }
    }
    Ok(())
}

extern "C" fn on_signal(signal: libc::c_int) {
    let first = STATE.compare_exchange(LISTENING, SIGNALLED, Ordering::SeqCst, Ordering::SeqCst);
    if first.is_ok() {
        FIRST.store(signal, Ordering::SeqCst);
    }
    let second = first == Err(SIGNALLED);
    let again = second && signal == libc::SIGHUP;
    if second && TOOL.load(Ordering::SeqCst) && !HURRIED.swap(true, Ordering::SeqCst) {
        return;
    }
    if first.is_err() && !again {
        terminal::restore_at_once();
        // SAFETY: it only ends the process, and may be called from a handler.
        #[allow(unsafe_code)]
        unsafe {
            libc::_exit(Code::Interrupted as libc::c_int)
        }
    }
}
