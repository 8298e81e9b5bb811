//! Sandboxes that were built ahead, and wait for a command; where there are no
//! namespaces, inits. Each is used once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::Ends;
use super::cgroup::{Joined, Limited};
use super::direct::Own;
use super::git::{Kept, PinsKey};
use super::identity::Identity;
use super::launcher::Held;
use super::process::Process;
use crate::policy::Access;

/// All that shapes a sandbox and can be another one for the next.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Key {
    pub(super) access: Access,
    /// What is pinned of git's data.
    pub(super) pins: PinsKey,
    /// What is at each path that is shown.
    pub(super) shown: Vec<Option<Shown>>,
    /// The limits that its groups are for.
    pub(super) limited: Limited,
}

/// Which file is shown, and when its contents were written: seconds and nanoseconds.
pub(super) type Shown = (Identity, Option<(i64, u64)>);

/// A sandbox without a command.
#[derive(Debug)]
pub(super) struct Standby {
    pub(super) key: Key,
    pub(super) process: Arc<Process>,
    pub(super) ends: Ends,
    /// What its command has joined.
    pub(super) joined: Joined,
    /// What was made for its command, where there are no namespaces.
    pub(super) own: Option<Own>,
    /// What has to stay as long as it.
    pub(super) kept: Kept,
    /// When it is not kept any longer.
    pub(super) until: Instant,
}

impl Standby {
    /// Lets go of it: its process, which ends, and what is given back when it
    /// has ended and nothing is left of it, `held` among it.
    pub(super) fn discard(self, held: Held) -> (Arc<Process>, Held) {
        let held: Held = Box::new((self.joined, self.kept, held));
        let held = match self.own {
            Some(own) => own.hold(held),
            None => held,
        };
        (self.process, held)
    }
}

/// Those of one workspace, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Standbys(Mutex<Vec<Standby>>);

impl Standbys {
    pub(super) fn add(&self, standby: Standby) {
        self.list().push(standby);
    }

    pub(super) fn count(&self, key: &Key) -> usize {
        let list = self.list();
        list.iter().filter(|standby| standby.key == *key).count()
    }

    /// One with this key.
    pub(super) fn take(&self, key: &Key) -> Option<Standby> {
        let mut list = self.list();
        let index = list.iter().position(|standby| standby.key == *key)?;
        Some(list.remove(index))
    }

    /// Those for the same access that show something else than they would now.
    pub(super) fn take_outdated(&self, key: &Key) -> Vec<Standby> {
        self.take_where(|standby| {
            let ours = &standby.key;
            let is_same = ours.access == key.access && ours.limited == key.limited;
            is_same && ours != key
        })
    }

    /// Those that were kept long enough, and those that have died.
    pub(super) fn take_old(&self, now: Instant) -> Vec<Standby> {
        self.take_where(|standby| standby.until <= now || standby.process.has_ended())
    }

    pub(super) fn take_all(&self) -> Vec<Standby> {
        std::mem::take(&mut *self.list())
    }

    /// Their processes, and when the first of them is not kept any longer.
    pub(super) fn watched(&self) -> (Vec<Arc<Process>>, Option<Instant>) {
        let list = self.list();
        let processes = list.iter().map(|standby| Arc::clone(&standby.process));
        let next = list.iter().map(|standby| standby.until).min();
        (processes.collect(), next)
    }

    fn take_where(&self, is_taken: impl FnMut(&mut Standby) -> bool) -> Vec<Standby> {
        self.list().extract_if(.., is_taken).collect()
    }

    fn list(&self) -> MutexGuard<'_, Vec<Standby>> {
        // The list is whole at every point where a holder could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
