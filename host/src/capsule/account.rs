//! Counts what guests use of the host, for each capsule and for the whole host: memory,
//! open descriptors, and threads that wait for files.
//!
//! An account belongs to a capsule's id and outlives each of its loads, so that
//! loading a capsule again does not free resources that are still in use.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Weak};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::CapsuleId;

use crate::locked::lock;

/// Name lookups that a capsule may have in progress at a time.
const MAX_LOOKUPS: usize = 16;

/// Limits on what guests may use of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GuestLimits {
    /// Linear memory and tables of a capsule in bytes, all its instances together.
    pub memory: u64,
    /// The same for all capsules.
    pub all_memory: u64,
    /// Files, folders and connections that a capsule has open, all its instances
    /// together.
    pub descriptors: u32,
    /// The same for all capsules. At most what the process may open, minus
    /// [`GuestLimits::descriptor_reserve`].
    pub all_descriptors: u32,
    /// Descriptors of the process that are reserved for sandboxes and the host itself. At
    /// least half of those that the process may open remain for guests.
    pub descriptor_reserve: u32,
    /// Bytes that the host holds for a capsule, for example HTTP fields, all its
    /// instances together. An instance's share also counts against its own memory limit.
    pub host_bytes: u64,
    /// The same for all capsules.
    pub all_host_bytes: u64,
    /// Resources of one instance: streams, pollables, HTTP fields and the like.
    pub resources: u32,
    /// Calls of a capsule that may wait for a file at a time. Further calls wait for
    /// these, within their deadline.
    pub file_calls: u32,
    /// The same for all capsules.
    pub all_file_calls: u32,
}

impl Default for GuestLimits {
    fn default() -> Self {
        Self {
            memory: 2 << 30,
            all_memory: 4 << 30,
            descriptors: 256,
            all_descriptors: 8192,
            descriptor_reserve: 512,
            host_bytes: 256 << 20,
            all_host_bytes: 1 << 30,
            resources: 4096,
            file_calls: 16,
            all_file_calls: 256,
        }
    }
}

/// A limit on what guests may use was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the limit of {limit} {} was reached", .what.as_str())]
pub(crate) struct Exhausted {
    pub(crate) what: Taken,
    pub(crate) limit: u64,
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// An instance's bytes in linear memory and in the host together.
    Memory,
    /// A capsule's bytes in linear memory.
    CapsuleMemory,
    /// The same for all capsules.
    AllMemory,
    /// A capsule's bytes in the host.
    HostBytes,
    /// The same for all capsules.
    AllHostBytes,
    /// Descriptors that a capsule has open.
    Descriptors,
    /// Descriptors that all capsules have open.
    AllDescriptors,
}

impl Taken {
    /// Returns what is counted, with the operator's setting for it if there is one.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Memory => "bytes of memory",
            Self::CapsuleMemory => {
                "bytes of memory of all its instances together (`memory-mib` of [guest])"
            }
            Self::AllMemory => {
                "bytes of memory of all capsules together (`all-memory-mib` of [guest])"
            }
            Self::HostBytes => "bytes that the host holds for it (`host-mib` of [guest])",
            Self::AllHostBytes => "bytes that the host holds for all capsules together",
            Self::Descriptors => "open files, folders and connections (`descriptors` of [guest])",
            Self::AllDescriptors => "open files, folders and connections of all capsules together",
        }
    }
}

/// A number with a limit.
#[derive(Debug)]
struct Counter {
    used: AtomicU64,
    limit: u64,
}

impl Counter {
    fn new(limit: u64) -> Self {
        Self {
            used: AtomicU64::new(0),
            limit,
        }
    }

    fn take(&self, amount: u64) -> bool {
        let taken = self
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(amount).filter(|sum| *sum <= self.limit)
            });
        taken.is_ok()
    }

    fn give_back(&self, amount: u64) {
        self.used.fetch_sub(amount, Ordering::Relaxed);
    }
}

/// The accounts of all capsules.
#[derive(Debug)]
pub(crate) struct Accounts {
    limits: GuestLimits,
    all: Arc<Counters>,
    capsules: Mutex<HashMap<CapsuleId, Weak<Account>>>,
}

/// What is counted of each capsule, and of all of them together.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counted {
    Memory,
    HostBytes,
    Descriptors,
}

/// A counter for each kind of [`Counted`], in its order.
type Counters = [Counter; 3];

impl Accounts {
    /// Creates the accounts for a process that may open this many descriptors.
    pub(crate) fn new(limits: GuestLimits, process_descriptors: u64) -> Self {
        let reserve = u64::from(limits.descriptor_reserve).min(process_descriptors / 2);
        let descriptors = (process_descriptors - reserve).min(limits.all_descriptors.into());
        Self {
            limits,
            all: Arc::new(
                [limits.all_memory, limits.all_host_bytes, descriptors].map(Counter::new),
            ),
            capsules: Mutex::default(),
        }
    }

    /// Returns the account of a capsule: the existing one if anything of it is still in
    /// use.
    pub(crate) fn of(&self, id: &CapsuleId) -> Arc<Account> {
        let mut capsules = lock(&self.capsules);
        capsules.retain(|_, account| account.strong_count() > 0);
        if let Some(account) = capsules.get(id).and_then(Weak::upgrade) {
            return account;
        }
        let limits = &self.limits;
        let own = [limits.memory, limits.host_bytes, limits.descriptors.into()];
        let account = Arc::new(Account {
            all: Arc::clone(&self.all),
            own: own.map(Counter::new),
            file_calls: Arc::new(Semaphore::new(limits.file_calls as usize)),
            lookups: Arc::new(Semaphore::new(MAX_LOOKUPS)),
            resources: limits.resources,
            reported: AtomicBool::new(false),
        });
        capsules.insert(id.clone(), Arc::downgrade(&account));
        account
    }
}

/// What one capsule uses.
#[derive(Debug)]
pub(crate) struct Account {
    all: Arc<Counters>,
    own: Counters,
    /// A permit for each thread that works on a file of the capsule.
    pub(crate) file_calls: Arc<Semaphore>,
    /// The same for name lookups, which take tokio's threads.
    lookups: Arc<Semaphore>,
    /// The limit on the resources of each instance.
    pub(crate) resources: u32,
    reported: AtomicBool,
}

impl Account {
    /// Counts one more open descriptor until the returned value is dropped.
    pub(crate) fn descriptor(self: &Arc<Self>) -> Result<OpenDescriptor, Exhausted> {
        let mut held = Held::new(Arc::clone(self));
        held.set(Counted::Descriptors, 1)?;
        Ok(OpenDescriptor { _held: held })
    }

    /// Waits for a slot to look up a name.
    pub(crate) async fn lookup(self: &Arc<Self>) -> Option<LookupPermit> {
        let permit = Arc::clone(&self.lookups).acquire_owned().await;
        Some(self.lookup_permit(permit.ok()?))
    }

    /// Returns a slot to look up a name, if one is free.
    pub(crate) fn try_lookup(self: &Arc<Self>) -> Option<LookupPermit> {
        let permit = Arc::clone(&self.lookups).try_acquire_owned();
        Some(self.lookup_permit(permit.ok()?))
    }

    fn lookup_permit(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> LookupPermit {
        LookupPermit {
            _permit: permit,
            _account: Arc::clone(self),
        }
    }

    /// Returns whether this is the first call: a limit that is reached repeatedly is
    /// reported once.
    pub(crate) fn is_news(&self) -> bool {
        !self.reported.swap(true, Ordering::Relaxed)
    }
}

/// A name lookup in progress. It keeps the capsule's account alive, so that loading the
/// capsule again gives it no additional slots.
#[derive(Debug)]
pub(crate) struct LookupPermit {
    _permit: OwnedSemaphorePermit,
    _account: Arc<Account>,
}

/// One open descriptor of a capsule.
#[derive(Debug)]
pub(crate) struct OpenDescriptor {
    _held: Held,
}

/// What one instance uses of its capsule's account, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) account: Arc<Account>,
    /// Of each kind of [`Counted`], in its order.
    amounts: [u64; 3],
}

impl Held {
    pub(super) fn new(account: Arc<Account>) -> Self {
        let amounts = [0; 3];
        Self { account, amounts }
    }

    /// Changes what is held of both counters, or returns which of the two limits is in the
    /// way.
    pub(super) fn set(&mut self, counted: Counted, to: u64) -> Result<(), Exhausted> {
        let at = counted as usize;
        let (own, all) = (&self.account.own[at], &self.account.all[at]);
        let held = &mut self.amounts[at];
        if let Some(less) = held.checked_sub(to) {
            own.give_back(less);
            all.give_back(less);
        } else {
            let more = to - *held;
            let (of_own, of_all) = match counted {
                Counted::Memory => (Taken::CapsuleMemory, Taken::AllMemory),
                Counted::HostBytes => (Taken::HostBytes, Taken::AllHostBytes),
                Counted::Descriptors => (Taken::Descriptors, Taken::AllDescriptors),
            };
            let exhausted = |what, limit| Err(Exhausted { what, limit });
            if !own.take(more) {
                return exhausted(of_own, own.limit);
            }
            if !all.take(more) {
                own.give_back(more);
                return exhausted(of_all, all.limit);
            }
        }
        *held = to;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let counters = self.account.own.iter().zip(self.account.all.iter());
        for ((own, all), amount) in counters.zip(self.amounts) {
            own.give_back(amount);
            all.give_back(amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accounts(change: impl FnOnce(&mut GuestLimits)) -> Accounts {
        let mut limits = GuestLimits::default();
        change(&mut limits);
        Accounts::new(limits, 10_000)
    }

    fn id(text: &str) -> CapsuleId {
        text.parse().expect("an id")
    }

    #[test]
    fn descriptors_count_for_the_capsule_and_for_all_until_they_are_closed() {
        let accounts = accounts(|limits| {
            limits.descriptors = 2;
            limits.all_descriptors = 3;
        });
        let (one, other) = (accounts.of(&id("one")), accounts.of(&id("other")));
        let first = one.descriptor().expect("room");
        let _second = one.descriptor().expect("room");
        let over = one.descriptor().expect_err("two are the limit");
        assert_eq!((over.what, over.limit), (Taken::Descriptors, 2));
        let _third = other.descriptor().expect("the other's own");
        let over = other.descriptor().expect_err("three are the limit of all");
        assert_eq!((over.what, over.limit), (Taken::AllDescriptors, 3));
        drop(first);
        one.descriptor().expect("one was closed");
        other.descriptor().expect("for all, too");
    }

    #[test]
    fn an_account_outlives_a_loading_while_anything_is_in_use() {
        let accounts = accounts(|limits| limits.descriptors = 1);
        let open = accounts.of(&id("one")).descriptor().expect("room");
        assert!(accounts.of(&id("one")).descriptor().is_err());
        drop(open);
        assert!(accounts.of(&id("one")).descriptor().is_ok());
    }

    #[test]
    fn a_part_of_the_processs_descriptors_is_kept_for_the_host() {
        for (process, left) in [(1024, 512), (200, 100), (100_000, 8192)] {
            let accounts = Accounts::new(GuestLimits::default(), process);
            assert_eq!(
                accounts.all[Counted::Descriptors as usize].limit,
                left,
                "{process}"
            );
        }
    }
}
