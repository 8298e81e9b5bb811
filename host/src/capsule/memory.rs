//! The memory of one instance: its linear memory and what the host holds for it,
//! under one limit.

use std::sync::Arc;

use super::account::{Account, Counted, Exhausted, Held, Taken};

/// The memory of one instance: its linear memory, and what the host holds for it,
/// under one limit.
#[derive(Debug)]
pub(crate) struct MemoryBudget {
    limit: u64,
    linear: u64,
    held: Held,
    /// An upper bound of what the host holds: the last measurement plus everything that
    /// may have been added since.
    host: u64,
    since_measured: u64,
    reached: Option<Exhausted>,
}

/// By how many bytes the count may be off before it is measured again. Measuring looks at
/// every resource of the instance.
const MEASURE_AFTER: u64 = 1 << 20;

impl MemoryBudget {
    pub(crate) fn new(limit: u64, account: Arc<Account>) -> Self {
        Self {
            limit,
            linear: 0,
            held: Held::new(account),
            host: 0,
            since_measured: 0,
            reached: None,
        }
    }

    pub(crate) fn account(&self) -> &Arc<Account> {
        &self.held.account
    }

    /// Starts a call: a limit that an earlier call reached says nothing about this one.
    pub(crate) fn begin(&mut self) {
        self.reached = None;
    }

    /// Returns the limit that was reached since the call began.
    pub(crate) fn reached(&self) -> Option<Exhausted> {
        self.reached
    }

    /// Returns how much of the limit is in use, in percent.
    pub(crate) fn percent(&self) -> u64 {
        let used = self.linear.saturating_add(self.host);
        used.saturating_mul(100) / self.limit.max(1)
    }

    /// Returns the limit, in bytes.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// Returns whether linear memory may grow from `from` to `to` bytes.
    pub(crate) fn grow(&mut self, from: u64, to: u64) -> bool {
        let linear = self.linear.saturating_sub(from).saturating_add(to);
        let taken = if linear.saturating_add(self.host) <= self.limit {
            self.held.set(Counted::Memory, linear)
        } else {
            Err(self.over())
        };
        match taken {
            Ok(()) => self.linear = linear,
            Err(exhausted) => self.reached = Some(exhausted),
        }
        taken.is_ok()
    }

    /// Reserves what a call of the guest may make the host hold. `measure` returns what
    /// the host holds for it now.
    pub(crate) fn reserve(
        &mut self,
        bytes: u64,
        measure: impl FnOnce() -> u64,
    ) -> Result<(), Exhausted> {
        self.since_measured = self.since_measured.saturating_add(bytes);
        let mut host = self.host.saturating_add(bytes);
        if self.since_measured > MEASURE_AFTER || !self.fits(host) {
            host = measure().saturating_add(bytes);
            self.since_measured = bytes;
        }
        self.hold(host)
    }

    /// Replaces the estimate by a measurement.
    pub(crate) fn settle(&mut self, measured: u64) -> Result<(), Exhausted> {
        self.since_measured = 0;
        self.hold(measured)
    }

    /// Counts the connections that the instance has open now.
    pub(crate) fn connections(&mut self, number: u64) -> Result<(), Exhausted> {
        self.held.set(Counted::Descriptors, number)
    }

    fn hold(&mut self, host: u64) -> Result<(), Exhausted> {
        let held = if self.fits(host) {
            self.held.set(Counted::HostBytes, host)
        } else {
            Err(self.over())
        };
        match held {
            Ok(()) => self.host = host,
            Err(exhausted) => self.reached = Some(exhausted),
        }
        held
    }

    fn fits(&self, host: u64) -> bool {
        self.linear.saturating_add(host) <= self.limit
    }

    fn over(&self) -> Exhausted {
        Exhausted {
            what: Taken::Memory,
            limit: self.limit,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capsule::{Accounts, GuestLimits};

    fn accounts(host_bytes: u64) -> Accounts {
        let limits = GuestLimits {
            host_bytes,
            ..GuestLimits::default()
        };
        Accounts::new(limits, 10_000)
    }

    fn account(accounts: &Accounts) -> Arc<Account> {
        accounts.of(&"one".parse().expect("an id"))
    }

    #[test]
    fn memory_and_what_the_host_holds_have_one_limit() {
        let accounts = accounts(1 << 30);
        let mut budget = MemoryBudget::new(100, account(&accounts));
        assert!(budget.grow(0, 60));
        budget.reserve(30, || unreachable!()).expect("room");
        assert!(!budget.grow(60, 71), "the host holds 30");
        assert_eq!(budget.reached().map(|over| over.limit), Some(100));
        budget.begin();
        let over = budget.reserve(20, || 30).expect_err("60 and 30 and 20");
        assert_eq!((over.what, over.limit), (Taken::Memory, 100));
        budget.begin();
        budget.reserve(20, || 5).expect("most was given back");
        assert!(budget.grow(60, 75));
        assert_eq!(budget.reached(), None);
    }

    #[test]
    fn linear_memory_counts_for_the_capsule_and_for_all() {
        let limits = GuestLimits {
            memory: 100,
            all_memory: 150,
            ..GuestLimits::default()
        };
        let accounts = Accounts::new(limits, 10_000);
        let account = account(&accounts);
        let mut first = MemoryBudget::new(1000, Arc::clone(&account));
        let mut second = MemoryBudget::new(1000, account);
        let mut others = MemoryBudget::new(1000, accounts.of(&"other".parse().expect("an id")));
        assert!(first.grow(0, 80) && second.grow(0, 20) && !second.grow(20, 21));
        let limit = |budget: &MemoryBudget| budget.reached().map(|over| (over.what, over.limit));
        assert_eq!(limit(&second), Some((Taken::CapsuleMemory, 100)));
        assert!(others.grow(0, 50) && !others.grow(50, 51));
        assert_eq!(limit(&others), Some((Taken::AllMemory, 150)));
        drop(first);
        assert!(second.grow(20, 100) && !others.grow(50, 51));
        drop(second);
        assert!(others.grow(50, 100));
    }

    #[test]
    fn what_the_host_holds_says_which_of_both_limits_was_reached() {
        let limits = GuestLimits {
            host_bytes: 100,
            all_host_bytes: 150,
            ..GuestLimits::default()
        };
        let accounts = Accounts::new(limits, 10_000);
        let mut one = MemoryBudget::new(1000, account(&accounts));
        let over = one.settle(101).expect_err("a capsule has 100");
        assert_eq!((over.what, over.limit), (Taken::HostBytes, 100));
        one.settle(100).expect("room");
        let mut other = MemoryBudget::new(1000, accounts.of(&"other".parse().expect("an id")));
        let over = other.settle(51).expect_err("all have 150");
        assert_eq!((over.what, over.limit), (Taken::AllHostBytes, 150));
    }

    #[test]
    fn bytes_count_for_the_capsule_over_its_instances() {
        let accounts = accounts(100);
        let account = account(&accounts);
        let mut first = MemoryBudget::new(1000, Arc::clone(&account));
        let mut second = MemoryBudget::new(1000, account);
        first.settle(80).expect("room");
        let over = second.settle(21).expect_err("80 and 21");
        assert_eq!((over.what, over.limit), (Taken::HostBytes, 100));
        drop(first);
        second.settle(21).expect("given back");
    }
}
