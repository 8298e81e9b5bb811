//! What capsules were denied in a run, with the command line that explains each.

use std::sync::{Arc, Mutex, PoisonError};

use boll_host::capsule::CapsuleId;
use boll_host::services::audit::{AuditEvent, AuditSink};

/// How many different denials are kept.
const KEPT: usize = 4;

/// Keeps denials as they are made.
#[derive(Clone, Default)]
pub(crate) struct Denials(Arc<Mutex<Vec<Denied>>>);

#[derive(PartialEq, Eq)]
struct Denied {
    capsule: CapsuleId,
    /// What `boll explain` takes: the kind of use, and what it is about.
    words: Vec<String>,
}

impl AuditSink for Denials {
    fn judged(&self, event: AuditEvent) {
        if event.refused.is_none() {
            return;
        }
        let Some((kind @ ("process" | "publish" | "subscribe" | "network"), what)) =
            event.capability.split_once(':')
        else {
            return;
        };
        let mut words = vec![kind.to_owned(), what.to_owned()];
        words.extend(event.arguments.into_iter().flatten());
        let denied = Denied {
            capsule: event.origin.capsule.clone(),
            words,
        };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT && !kept.contains(&denied) {
            kept.push(denied);
        }
    }
}

impl Denials {
    /// Returns what a capsule was denied, each with a line to paste. `explain` are the words of
    /// that line up to the capsule's folder.
    pub(crate) fn of(&self, capsule: &CapsuleId, explain: &[String]) -> Vec<String> {
        // Words have no NUL, so quoting cannot fail.
        let joined = |words: &[&String]| {
            shlex::try_join(words.iter().map(|word| word.as_str())).unwrap_or_default()
        };
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_it = kept.iter().filter(|denied| denied.capsule == *capsule);
        of_it
            .map(|denied| {
                let words: Vec<&String> = denied.words.iter().collect();
                let line: Vec<&String> = explain.iter().chain(&denied.words).collect();
                format!("denied: {}; to see why:\n{}", joined(&words), joined(&line))
            })
            .collect()
    }
}
