//! What programs say where the workspace's git data, or what git obeys, is read-only, found
//! in a standard error.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use crate::policy::WORKSPACE;

/// What a standard error told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// Of nothing that was refused.
    Nothing = 0,
    /// Of something in the workspace, which may be what git's configuration names.
    Named = 1,
    /// Of git's own data.
    GitData = 2,
}

/// What was told so far.
#[derive(Debug, Default)]
pub(super) struct Seen(AtomicU8);

impl Seen {
    pub(super) fn get(&self) -> Refused {
        match self.0.load(Ordering::Relaxed) {
            0 => Refused::Nothing,
            1 => Refused::Named,
            _ => Refused::GitData,
        }
    }
}

/// Looks in a standard error for what programs say where a file is read-only, whatever
/// program has started them.
pub(super) struct Watch {
    seen: Arc<Seen>,
    /// What of a line has come.
    begun: Vec<u8>,
}

/// What git ends a line with, and what it names in it.
const READ_ONLY: &[u8] = b"Read-only file system";
const GIT_DATA: &[u8] = b".git/";
/// What all programs say, with or without a capital.
const SAID: &[u8] = b"ead-only file system";

/// The longest line that is looked at.
const LINE: usize = 4096 + 512;

impl Watch {
    /// Notes in `seen` what it finds.
    pub(super) fn new(seen: Arc<Seen>) -> Self {
        Self {
            seen,
            begun: Vec::new(),
        }
    }

    /// Looks at more of the stream.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        if self.seen.get() == Refused::GitData {
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
        let said = line.windows(SAID.len()).any(|part| part == SAID);
        let refused = match line.trim_ascii_end().ends_with(READ_ONLY) {
            _ if !said => Refused::Nothing,
            true if names(line, |path| path.starts_with(GIT_DATA)) => Refused::GitData,
            _ if names(line, is_elsewhere) => Refused::Nothing,
            _ => Refused::Named,
        };
        self.seen.0.fetch_max(refused as u8, Ordering::Relaxed);
    }
}

/// Whether a name in a line is such a one. A name that only ends so is another.
fn names(line: &[u8], such: impl Fn(&[u8]) -> bool) -> bool {
    (0..line.len()).any(|at| {
        let before = at.checked_sub(1).and_then(|before| line.get(before));
        let begins = before.is_none_or(|before| b"/'\" ".contains(before));
        begins && line.get(at..).is_some_and(&such)
    })
}

/// Whether a path is one outside of the workspace.
fn is_elsewhere(path: &[u8]) -> bool {
    path.starts_with(b"/") && !path.starts_with(WORKSPACE.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(parts: &[&[u8]]) -> Refused {
        let seen: Arc<Seen> = Arc::default();
        let mut watch = Watch::new(Arc::clone(&seen));
        parts.iter().for_each(|part| watch.push(part));
        watch.finish();
        seen.get()
    }

    fn seen(parts: &[&[u8]]) -> bool {
        told(parts) == Refused::GitData
    }

    #[test]
    fn a_file_of_the_workspace_that_is_read_only_is_noticed() {
        for text in [
            "sh: 1: cannot create .husky/pre-commit: Read-only file system\n",
            "touch: cannot touch '/workspace/tools/x': Read-only file system\n",
            "OSError: [Errno 30] Read-only file system: 'tools/x'\n",
            "Error: EROFS: read-only file system, open 'tools/x'\n",
        ] {
            assert_eq!(told(&[text.as_bytes()]), Refused::Named, "{text}");
        }
        for text in [
            "touch: cannot touch '/etc/x': Read-only file system\n",
            "OSError: [Errno 30] Read-only file system: '/usr/x'\n",
            "the file system\n",
        ] {
            assert_eq!(told(&[text.as_bytes()]), Refused::Nothing, "{text}");
        }
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
