//! Bounds how much of something each capsule has at a time.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use crate::locked::lock;

/// A limit that holds for each capsule.
#[derive(Debug)]
pub(super) struct Quota {
    limit: u64,
    taken: Mutex<HashMap<String, u64>>,
}

/// What a capsule has of a quota, until it is given back or dropped.
#[derive(Debug)]
pub(super) struct Share {
    quota: Arc<Quota>,
    capsule: String,
    amount: u64,
    given_back: AtomicBool,
}

/// The capsule would have more than it may.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OverQuota {
    pub(super) limit: u64,
    /// What it would have.
    pub(super) wanted: u64,
}

impl Quota {
    pub(super) fn new(limit: u64) -> Arc<Self> {
        Arc::new(Self {
            limit,
            taken: Mutex::default(),
        })
    }

    pub(super) fn take(self: &Arc<Self>, capsule: &str, amount: u64) -> Result<Share, OverQuota> {
        let mut taken = lock(&self.taken);
        let before = taken.get(capsule).copied().unwrap_or_default();
        let wanted = before.saturating_add(amount);
        if wanted > self.limit {
            return Err(OverQuota {
                limit: self.limit,
                wanted,
            });
        }
        taken.insert(capsule.into(), wanted);
        Ok(Share {
            quota: Arc::clone(self),
            capsule: capsule.into(),
            amount,
            given_back: AtomicBool::new(false),
        })
    }
}

impl Share {
    /// Gives it back, also when others still hold it.
    pub(super) fn give_back(&self) {
        if self.given_back.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut taken = lock(&self.quota.taken);
        if let Some(count) = taken.get_mut(&self.capsule) {
            *count -= self.amount;
            if *count == 0 {
                taken.remove(&self.capsule);
            }
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.give_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_capsule_has_its_own_count() {
        let quota = Quota::new(3);
        let two = quota.take("a", 2).unwrap();
        let over = OverQuota {
            limit: 3,
            wanted: 4,
        };
        assert_eq!(quota.take("a", 2).unwrap_err(), over);
        quota.take("b", 3).unwrap();
        let one = quota.take("a", 1).unwrap();
        drop(two);
        quota.take("a", 2).unwrap();
        drop(one);
        assert!(lock(&quota.taken).is_empty());
    }

    #[test]
    fn a_share_is_given_back_once() {
        let quota = Quota::new(2);
        let (first, _second) = (quota.take("a", 1).unwrap(), quota.take("a", 1).unwrap());
        first.give_back();
        first.give_back();
        drop(first);
        let _third = quota.take("a", 1).unwrap();
        assert!(quota.take("a", 1).is_err());
    }

    #[test]
    fn no_amount_overflows() {
        let quota = Quota::new(3);
        let _one = quota.take("a", 1).unwrap();
        assert_eq!(quota.take("a", u64::MAX).unwrap_err().wanted, u64::MAX);
    }
}
