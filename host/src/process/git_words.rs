//! What git says where its data is read-only, found in a standard error.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Looks in a standard error for what git says where its data is read-only, whatever
/// program has started it.
pub(super) struct Watch {
    seen: Arc<AtomicBool>,
    /// What of a line has come.
    begun: Vec<u8>,
}

/// What a line ends with that tells of it, and what it names.
const READ_ONLY: &[u8] = b"Read-only file system";
const GIT_DATA: &[u8] = b".git/";

/// The longest line that is looked at.
const LINE: usize = 4096 + 512;

impl Watch {
    /// Sets `seen` when it finds it.
    pub(super) fn new(seen: Arc<AtomicBool>) -> Self {
        Self {
            seen,
            begun: Vec::new(),
        }
    }

    /// Looks at more of the stream.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.seen.load(Ordering::Relaxed) {
            return;
        }
        let mut lines = bytes.split(|byte| *byte == b'\n');
        // The last one has no end yet, and may be the first as well.
        let last = lines.next_back().unwrap_or_default();
        for line in lines {
            if self.begun.is_empty() {
                self.look(line);
            } else {
                let mut whole = std::mem::take(&mut self.begun);
                whole.extend_from_slice(line.get(..LINE).unwrap_or(line));
                self.look(&whole);
            }
        }
        let room = LINE.saturating_sub(self.begun.len()).min(last.len());
        self.begun
            .extend_from_slice(last.get(..room).unwrap_or_default());
    }

    /// Looks at a last line that has no end.
    pub(super) fn finish(&mut self) {
        let line = std::mem::take(&mut self.begun);
        self.look(&line);
    }

    fn look(&self, line: &[u8]) {
        let says = line.trim_ascii_end().ends_with(READ_ONLY);
        let mut parts = line.windows(GIT_DATA.len()).enumerate();
        // A name that only ends so is another.
        let begins = |at: usize| match at.checked_sub(1).and_then(|before| line.get(before)) {
            Some(before) => b"/'\" ".contains(before),
            None => true,
        };
        if says && parts.any(|(at, part)| part == GIT_DATA && begins(at)) {
            self.seen.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(parts: &[&[u8]]) -> bool {
        let seen = Arc::default();
        let mut watch = Watch::new(Arc::clone(&seen));
        parts.iter().for_each(|part| watch.push(part));
        watch.finish();
        seen.load(Ordering::Relaxed)
    }

    #[test]
    fn what_git_says_is_noticed_however_it_comes() {
        let line = b"fatal: Unable to create '/workspace/.git/index.lock': Read-only file system";
        for end in ["", "\n", "\r\n", "\nmore"] {
            let text = [&b"before\n"[..], line, end.as_bytes()].concat();
            for at in 0..text.len() {
                let (first, second) = text.split_at(at);
                assert!(seen(&[first, second]), "{at} {end:?}");
            }
        }
    }

    #[test]
    fn other_lines_are_not() {
        for text in [
            "",
            "touch: cannot touch '/etc/x': Read-only file system\n",
            "fatal: .git/index is broken\n",
            ".git/\nRead-only file system\n",
            "Read-only file system: .git/index\n",
            "touch: cannot touch 'other.git/x': Read-only file system\n",
        ] {
            assert!(!seen(&[text.as_bytes()]), "{text}");
        }
        let long = [
            &vec![b'x'; 1 << 20][..],
            b"\n.git/x: Read-only file system\n",
        ]
        .concat();
        assert!(seen(&[&long]));
        let mut watch = Watch::new(Arc::default());
        for _ in 0..10_000 {
            watch.push(b"xxxxxxxx");
        }
        assert_eq!(watch.begun.len(), LINE, "no more of a line is kept");
    }
}
