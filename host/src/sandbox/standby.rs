//! What waits for a command: sandboxes and inits that were built ahead. Each is used
//! once.

use std::any::Any;
use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::control::Ends;
use super::error::LaunchError;
use super::held::Held;
use super::own::Own;
use super::process::Process;
use super::settings::SandboxSettings;

/// A sandbox, or an init, without a command.
#[derive(Debug)]
pub(super) struct Waiting<O> {
    pub(super) process: Arc<Process>,
    pub(super) ends: Ends,
    pub(super) own: O,
}

/// One that was built ahead.
#[derive(Debug)]
struct Standby<K, O> {
    key: K,
    waiting: Waiting<O>,
    /// When it is not kept any longer.
    until: Instant,
}

/// Those of one workspace, the oldest first. `K` is all that can be another for the
/// next, `O` what each has of its own.
#[derive(Debug)]
pub(super) struct Standbys<K, O> {
    /// How many of one key are kept.
    most: usize,
    /// How long each is kept.
    time: Duration,
    list: Mutex<Vec<Standby<K, O>>>,
}

/// A process that is to end, and what is given back when it has.
pub(super) type Dismissed = (Arc<Process>, Held);

/// Standbys of whatever kind, for the thread that sees to their end.
pub(super) trait Ahead: Debug + Send + Sync {
    /// Lets go of those that were kept long enough, and of those that have died.
    fn dismiss_old(&self, now: Instant) -> Vec<Dismissed>;

    /// Lets go of all. `held` is dropped when nothing of them is left.
    fn dismiss_all(&self, held: &Arc<dyn Any + Send + Sync>) -> Vec<Dismissed>;

    /// Their processes, and when the first of them is not kept any longer.
    fn watched(&self) -> (Vec<Arc<Process>>, Option<Instant>);
}

impl<O: Own> Waiting<O> {
    /// Lets go of it: its process, which ends, and what is given back when it
    /// has ended and nothing is left of it, `held` among it.
    pub(super) fn dismiss(self, held: Held) -> Dismissed {
        let groups = self.ends.control.groups();
        (self.process, self.own.into_held(groups, held))
    }
}

impl<K: PartialEq, O> Standbys<K, O> {
    pub(super) fn new(settings: &SandboxSettings) -> Self {
        Self {
            most: settings.standbys,
            time: settings.standby_time,
            list: Mutex::default(),
        }
    }

    /// Whether there are to be any.
    pub(super) fn are_kept(&self) -> bool {
        self.most > 0
    }

    /// Has one built, unless there are enough with this key.
    pub(super) fn fill(
        &self,
        key: K,
        build: impl FnOnce() -> Result<Waiting<O>, LaunchError>,
    ) -> Result<(), LaunchError> {
        let count = self.list().iter().filter(|one| one.key == key).count();
        if count >= self.most {
            return Ok(());
        }
        let Some(until) = Instant::now().checked_add(self.time) else {
            return Ok(());
        };
        let waiting = build()?;
        self.list().push(Standby {
            key,
            waiting,
            until,
        });
        Ok(())
    }

    /// One with this key.
    pub(super) fn take(&self, key: &K) -> Option<Waiting<O>> {
        let mut list = self.list();
        let index = list.iter().position(|standby| standby.key == *key)?;
        Some(list.remove(index).waiting)
    }

    /// All with such keys.
    pub(super) fn take_where(&self, is_taken: impl Fn(&K) -> bool) -> Vec<Waiting<O>> {
        let mut list = self.list();
        let taken = list.extract_if(.., |standby| is_taken(&standby.key));
        taken.map(|standby| standby.waiting).collect()
    }
}

impl<K, O> Standbys<K, O> {
    fn list(&self) -> MutexGuard<'_, Vec<Standby<K, O>>> {
        // The list is whole at every point where a holder could panic.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Debug + Send, O: Own> Ahead for Standbys<K, O> {
    fn dismiss_old(&self, now: Instant) -> Vec<Dismissed> {
        let is_old = |standby: &mut Standby<K, O>| {
            standby.until <= now || standby.waiting.process.has_ended()
        };
        let old: Vec<_> = self.list().extract_if(.., is_old).collect();
        let old = old.into_iter();
        old.map(|one| one.waiting.dismiss(Box::new(()))).collect()
    }

    fn dismiss_all(&self, held: &Arc<dyn Any + Send + Sync>) -> Vec<Dismissed> {
        let all = std::mem::take(&mut *self.list()).into_iter();
        let dismiss = |one: Standby<K, O>| one.waiting.dismiss(Box::new(Arc::clone(held)));
        all.map(dismiss).collect()
    }

    fn watched(&self) -> (Vec<Arc<Process>>, Option<Instant>) {
        let list = self.list();
        let processes = list.iter().map(|one| Arc::clone(&one.waiting.process));
        let next = list.iter().map(|one| one.until).min();
        (processes.collect(), next)
    }
}
