//! Records events while a case runs: log lines, judgements, and what scripts were
//! given otherwise than expected.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use boll_host::services::audit::{AuditEvent, AuditSink, Requested};
use boll_host::services::log::{LogLine, LogSink};

use super::difference::Difference;

/// Collects the notes of one case. Clones share them.
#[derive(Clone, Default)]
pub(super) struct Recorder(Arc<Mutex<Notes>>);

#[derive(Default)]
pub(super) struct Notes {
    pub(super) log: Vec<LogLine>,
    /// The requests of the manifest that allowed something.
    pub(super) used: BTreeSet<Requested>,
    /// The capabilities that were refused, with the reason.
    pub(super) refused: BTreeSet<(String, String)>,
    pub(super) differences: Vec<Difference>,
}

impl Recorder {
    pub(super) fn differs(&self, difference: Difference) {
        self.notes().differences.push(difference);
    }

    /// Returns all notes so far.
    pub(super) fn take(&self) -> Notes {
        std::mem::take(&mut *self.notes())
    }

    fn notes(&self) -> MutexGuard<'_, Notes> {
        // Notes are whole at every point where a holder could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogSink for Recorder {
    fn write(&mut self, lines: &[LogLine]) {
        self.notes().log.extend_from_slice(lines);
    }
}

impl AuditSink for Recorder {
    fn judged(&self, event: AuditEvent) {
        let mut notes = self.notes();
        notes.used.extend(event.request);
        if let Some(reason) = event.refused {
            notes.refused.insert((event.capability, reason));
        }
    }
}
