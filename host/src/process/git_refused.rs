//! Says why git failed where its data is read-only: git's own words are that the
//! file system is, and nothing of what would change that.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::output::ExitStatus;
use super::owner::RunContext;
use super::pump::Streams;
use crate::policy::{AuthorizedCommand, Confinement, WorkspaceAccess};

/// A command under way in a workspace whose git data is kept from it; nothing for
/// any other.
#[derive(Debug)]
pub(super) struct GitRefused(Option<Kept>);

#[derive(Debug)]
struct Kept {
    capsule: Box<str>,
    /// It is git itself.
    git: bool,
    seen: Arc<AtomicBool>,
}

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

impl GitRefused {
    pub(super) fn of(command: &AuthorizedCommand, context: &RunContext) -> Self {
        let kept = command.access().workspace == WorkspaceAccess::ReadWrite
            && command.confinement() == Confinement::Sandboxed;
        Self(kept.then(|| Kept {
            capsule: context.owner.capsule.as_str().into(),
            git: command.program().file_name() == Path::new("git").file_name(),
            seen: Arc::default(),
        }))
    }

    /// Looks at what the command writes to its standard error, where the host reads that.
    pub(super) fn watch(&self, streams: &mut Streams) {
        if let (Some(kept), Some(stderr)) = (&self.0, &mut streams.stderr) {
            stderr.watch(Watch {
                seen: Arc::clone(&kept.seen),
                begun: Vec::new(),
            });
        }
    }

    /// Leaves a line in the log when git failed: 1 is what git's comparisons end with.
    pub(super) fn tell(self, status: &ExitStatus) {
        let Some(kept) = self.0 else {
            return;
        };
        let capsule = &*kept.capsule;
        match status {
            _ if kept.seen.load(Ordering::Relaxed) => tracing::warn!(
                capsule,
                "git could not write its own data, which is read-only to processes; to change \
                 that, have the manifest ask for workspace = \"read-write-git\" and grant it \
                 workspace:git, which lets the capsule run code on the host"
            ),
            ExitStatus::Code(code @ 2..) if kept.git => tracing::warn!(
                capsule,
                code,
                "git failed where its own data is read-only to processes; if that is why, have the \
                 manifest ask for workspace = \"read-write-git\" and grant it workspace:git, which \
                 lets the capsule run code on the host"
            ),
            _ => {}
        }
    }
}

impl Watch {
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
        if says && line.windows(GIT_DATA.len()).any(|part| part == GIT_DATA) {
            self.seen.store(true, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(parts: &[&[u8]]) -> bool {
        let seen = Arc::default();
        let mut watch = Watch {
            seen: Arc::clone(&seen),
            begun: Vec::new(),
        };
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
        ] {
            assert!(!seen(&[text.as_bytes()]), "{text}");
        }
        let long = [
            &vec![b'x'; 1 << 20][..],
            b"\n.git/x: Read-only file system\n",
        ]
        .concat();
        assert!(seen(&[&long]));
        let mut watch = Watch {
            seen: Arc::default(),
            begun: Vec::new(),
        };
        for _ in 0..10_000 {
            watch.push(b"xxxxxxxx");
        }
        assert_eq!(watch.begun.len(), LINE, "no more of a line is kept");
    }
}
