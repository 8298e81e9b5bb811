//! Which resident instances wait for which: a circle of them would wait for ever.
//!
//! A resident instance answers one call at a time. While a call to it publishes, it waits
//! for the subscribers; where one of these is resident too and is, in a call of its own,
//! about to wait for the first one, neither ever answers. Whoever would close such a circle
//! is refused at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use crate::capsule::CapsuleId;
use crate::locked::lock;

/// The calls that wait for a resident instance.
///
/// Capsules count by their ids: while one is replaced, a circle may be seen that leads
/// through its old and its new instance. What is refused then could be tried again.
#[derive(Debug, Default)]
pub(crate) struct Waits(Mutex<Edges>);

/// From each capsule that waits to those that it waits for, with the number of waiting calls.
type Edges = BTreeMap<CapsuleId, BTreeMap<CapsuleId, usize>>;

/// A call that waits, until it is dropped.
pub(crate) struct Waiting<'a> {
    waits: &'a Waits,
    chain: &'a [CapsuleId],
    wanted: &'a CapsuleId,
}

impl Waits {
    /// Notes that the capsules of a chain wait for a resident instance. `None` where that
    /// waits, through whomever, for one of them.
    pub(crate) fn wait<'a>(
        &'a self,
        chain: &'a [CapsuleId],
        wanted: &'a CapsuleId,
    ) -> Option<Waiting<'a>> {
        let mut edges = lock(&self.0);
        if leads(&edges, wanted, chain) {
            return None;
        }
        for waiting in chain {
            let wanted_by = edges.entry(waiting.clone()).or_default();
            *wanted_by.entry(wanted.clone()).or_default() += 1;
        }
        Some(Waiting {
            waits: self,
            chain,
            wanted,
        })
    }
}

/// Whether one that waits leads to one of these.
fn leads(edges: &Edges, from: &CapsuleId, to: &[CapsuleId]) -> bool {
    let mut seen = BTreeSet::new();
    let mut next = vec![from];
    while let Some(one) = next.pop() {
        if to.contains(one) {
            return true;
        }
        if seen.insert(one) {
            next.extend(edges.get(one).into_iter().flat_map(BTreeMap::keys));
        }
    }
    false
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut edges = lock(&self.waits.0);
        for waiting in self.chain {
            let Some(wanted_by) = edges.get_mut(waiting) else {
                continue;
            };
            if let Some(count) = wanted_by.get_mut(self.wanted) {
                *count -= 1;
                if *count == 0 {
                    wanted_by.remove(self.wanted);
                }
            }
            if wanted_by.is_empty() {
                edges.remove(waiting);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(names: &[&str]) -> Vec<CapsuleId> {
        let ids = names.iter().map(|name| name.parse().expect("an id"));
        ids.collect()
    }

    #[test]
    fn who_closes_a_circle_does_not_wait() {
        let waits = Waits::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| ids(&[name]));
        let first = waits.wait(&a, &b[0]).expect("nobody waits");
        let second = waits.wait(&b, &c[0]).expect("no circle");
        assert!(waits.wait(&c, &a[0]).is_none(), "c, a, b, c");
        let above = ids(&["x", "c"]);
        assert!(waits.wait(&above, &a[0]).is_none(), "it is behind x");
        // The same once more is not the circle's end.
        let again = waits.wait(&a, &b[0]).expect("no circle");
        drop(again);
        assert!(waits.wait(&c, &a[0]).is_none(), "one still waits");
        drop(second);
        drop(waits.wait(&c, &a[0]).expect("the circle is open"));
        drop(first);
        assert!(lock(&waits.0).is_empty());
    }
}
