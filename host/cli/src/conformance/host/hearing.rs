//! What a host writes: its messages, and the last lines of its standard error.

use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Mutex, PoisonError};

use crate::conformance::protocol::Message;

/// The bytes that a line of a host may have.
const MAX_LINE: usize = 16 << 20;

/// The bytes of messages that are kept: those that nobody has read yet, and the log of a
/// case.
const MAX_KEPT: usize = 32 << 20;

/// The bytes of its standard error that are kept for when it dies.
const LAST_BYTES: usize = 16 << 10;

/// What a host said, and how many bytes that was.
pub(super) type Heard = (usize, Result<Message, String>);

/// The beginning of a line.
pub(super) fn shortened(line: &str) -> String {
    let mut short: String = line.chars().take(200).collect();
    if short.len() < line.len() {
        short.push('…');
    }
    short.escape_debug().to_string()
}

/// Reads a host's messages as long as somebody wants them, and no more than are kept.
pub(super) fn hear(stdout: impl Read, sender: &Sender<Heard>, kept: &AtomicUsize) {
    let mut stdout = BufReader::new(stdout);
    loop {
        let mut line = Vec::new();
        // One that is longer comes in parts, which are no messages.
        let mut limited = stdout.by_ref().take(MAX_LINE as u64);
        match limited.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let bytes = line.len();
        let before = kept.fetch_add(bytes, Ordering::Relaxed);
        let message = match String::from_utf8(line) {
            _ if before + bytes > MAX_KEPT => Err(format!(
                "more than {} MiB in one case, or before anybody reads them",
                MAX_KEPT >> 20
            )),
            Ok(line) => serde_json::from_str(&line).map_err(|_| shortened(&line)),
            Err(_) => Err("bytes that are not UTF-8".to_owned()),
        };
        let ends = message.is_err();
        if sender.send((bytes, message)).is_err() || ends {
            return;
        }
    }
}

/// Reads a stream to its end, and keeps the last bytes of it.
pub(super) fn keep_last(mut stream: impl Read, last: &Mutex<VecDeque<u8>>) {
    let mut part = [0; 4096];
    loop {
        let read = match stream.read(&mut part) {
            Ok(0) => return,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        };
        let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
        last.extend(&part[..read]);
        let excess = last.len().saturating_sub(LAST_BYTES);
        last.drain(..excess);
    }
}

#[cfg(test)]
mod tests {
    use std::io::repeat;
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn only_the_last_of_an_endless_line_is_kept() {
        let last = Mutex::default();
        keep_last(repeat(b'x').take(64 << 20).chain(&b"the end\n"[..]), &last);
        let last = last.into_inner().unwrap();
        assert!(last.capacity() < 64 << 10);
        assert_eq!(last.len(), LAST_BYTES);
        assert!(last.iter().rev().take(8).eq(b"the end\n".iter().rev()));
    }

    #[test]
    fn no_more_is_kept_of_what_a_host_says_than_may_be() {
        let line = r#"{"event": "log", "line": {"message": ""}}"#
            .replace("\"\"", &format!("{:?}", "x".repeat(1 << 20)));
        let said = format!("{line}\n").repeat(40);
        let (sender, heard) = channel();
        let kept = AtomicUsize::new(0);
        hear(said.as_bytes(), &sender, &kept);
        drop(sender);
        let heard: Vec<Heard> = heard.iter().collect();
        assert_eq!(heard.len(), 32);
        let (last, before) = heard.split_last().unwrap();
        assert!(before.iter().all(|(_, message)| message.is_ok()));
        assert!(last.1.as_ref().unwrap_err().contains("more than 32 MiB"));
    }
}
