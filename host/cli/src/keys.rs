//! The keys that the user presses while a command goes on, read one by one from the terminal.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::question;
use crate::terminal::Terminal;

/// How often it is checked whether keys are still read.
const TICK: Duration = Duration::from_millis(100);

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// To do the same again: r, or Enter.
    Again,
    /// To end: q, or Ctrl-D.
    End,
}

impl Key {
    fn of(byte: u8) -> Option<Self> {
        match byte {
            b'r' | b'R' | b'\r' | b'\n' => Some(Self::Again),
            b'q' | b'Q' | 0x04 => Some(Self::End),
            _ => None,
        }
    }
}

/// Reads keys as long as it lives, if there is a terminal.
pub(crate) struct Keys(Option<Reader>);

struct Reader {
    pressed: UnboundedReceiver<Key>,
    ended: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Keys {
    /// The keys, in words.
    pub(crate) const HINT: &str = "r or Enter runs it again, q or Ctrl-C ends";

    pub(crate) fn begin() -> Self {
        if !question::can_ask() {
            return Self(None);
        }
        let (sender, pressed) = unbounded_channel();
        let ended = Arc::new(AtomicBool::new(false));
        let until = Arc::clone(&ended);
        let started = thread::Builder::new()
            .name("keys".into())
            .spawn(move || read(&sender, &until));
        // Without a thread there are no keys, and Ctrl-C still ends the command.
        Self(started.ok().map(|thread| Reader {
            pressed,
            ended,
            thread: Some(thread),
        }))
    }

    /// Returns whether keys are read.
    pub(crate) fn are_read(&self) -> bool {
        self.0.is_some()
    }

    /// Waits for a key that asks for something; for ever if no keys are read.
    pub(crate) async fn next(&mut self) -> Key {
        let key = match &mut self.0 {
            Some(reader) => reader.pressed.recv().await,
            None => None,
        };
        match key {
            Some(key) => key,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // It restores the terminal, and ends at its next tick.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(keys: &UnboundedSender<Key>, ended: &AtomicBool) {
    let terminal = Terminal::kept();
    while !ended.load(Ordering::SeqCst) {
        terminal.stop_if_asked();
        if !Terminal::is_ours() {
            // In the background: reading would stop the program.
            thread::sleep(TICK);
            continue;
        }
        // A shell has its own settings again after the program was stopped.
        terminal.read_keys();
        // The terminal is gone if that fails.
        let Ok(bytes) = pressed() else {
            return;
        };
        for key in bytes.into_iter().filter_map(Key::of) {
            if keys.send(key).is_err() {
                return;
            }
        }
    }
}

/// Returns the bytes of the keys that were pressed, after waiting a while for some. They are not
/// buffered, so that none is left where waiting does not see it.
fn pressed() -> io::Result<Vec<u8>> {
    let stdin = io::stdin();
    let mut polled = [PollFd::new(&stdin, PollFlags::IN)];
    let tick = Timespec::try_from(TICK).map_err(io::Error::other)?;
    match poll(&mut polled, Some(&tick)) {
        Ok(0) | Err(Errno::INTR) => return Ok(Vec::new()),
        Ok(_) => {}
        Err(error) => return Err(error.into()),
    }
    let mut bytes = vec![0; 64];
    match rustix::io::read(&stdin, &mut *bytes) {
        Ok(0) => Err(io::ErrorKind::UnexpectedEof.into()),
        Ok(read) => {
            bytes.truncate(read);
            Ok(bytes)
        }
        Err(Errno::INTR) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_mean_what_the_hint_says() {
        for (bytes, key) in [
            (&b"rR\r\n"[..], Some(Key::Again)),
            (b"qQ\x04", Some(Key::End)),
            (b"x \x1b", None),
        ] {
            assert!(bytes.iter().all(|byte| Key::of(*byte) == key), "{bytes:?}");
        }
    }
}
