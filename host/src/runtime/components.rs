//! The components that are loaded, each of them once, however many capsules are
//! made of it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, Weak};

use crate::Digest;
use crate::instance::PreparedComponent;
use crate::locked::lock;

/// Components by their digests. It keeps none: one is gone with the last capsule
/// that is made of it.
#[derive(Default)]
pub(super) struct Components(Mutex<HashMap<Digest, Arc<Slot>>>);

/// The place of one component. Locked while somebody makes it.
type Slot = tokio::sync::Mutex<Weak<PreparedComponent>>;

impl Components {
    /// The component with this digest. It is made when no capsule has it; whoever
    /// asks for it meanwhile waits.
    pub(super) async fn get_or_make<E>(
        &self,
        digest: Digest,
        make: impl Future<Output = Result<PreparedComponent, E>>,
    ) -> Result<Arc<PreparedComponent>, E> {
        let slot = self.slot(digest);
        let mut slot = slot.lock().await;
        if let Some(there) = slot.upgrade() {
            return Ok(there);
        }
        let made = Arc::new(make.await?);
        *slot = Arc::downgrade(&made);
        Ok(made)
    }

    fn slot(&self, digest: Digest) -> Arc<Slot> {
        let mut slots = lock(&self.0);
        if slots.len() == slots.capacity() {
            slots.retain(|_, slot| is_used(slot));
        }
        Arc::clone(slots.entry(digest).or_default())
    }
}

/// Whether its component is there, or somebody is about to make it.
fn is_used(slot: &Arc<Slot>) -> bool {
    let is_there = |component: &Weak<PreparedComponent>| component.strong_count() > 0;
    Arc::strong_count(slot) > 1 || slot.try_lock().is_ok_and(|component| is_there(&component))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;

    use super::*;

    async fn made(
        components: &Components,
        name: &str,
        times: &Cell<u32>,
    ) -> Arc<PreparedComponent> {
        let make = async {
            times.set(times.get() + 1);
            tokio::task::yield_now().await;
            Ok::<_, Infallible>(PreparedComponent::default())
        };
        let digest = Digest::of(name.as_bytes());
        components.get_or_make(digest, make).await.unwrap()
    }

    #[tokio::test]
    async fn a_component_is_made_once_also_when_it_is_asked_for_at_once() {
        let (components, times) = (Components::default(), Cell::new(0));
        let one = || made(&components, "one", &times);
        let (first, second, other) = tokio::join!(one(), one(), made(&components, "two", &times));
        assert!(Arc::ptr_eq(&first, &second));
        assert!(Arc::ptr_eq(&first, &one().await));
        assert!(!Arc::ptr_eq(&first, &other));
        assert_eq!(times.get(), 2);

        drop((first, second));
        one().await;
        assert_eq!(times.get(), 3, "it was gone with the last that used it");
    }

    #[tokio::test]
    async fn what_cannot_be_made_is_tried_again() {
        let (components, times) = (Components::default(), Cell::new(0));
        let failed = components.get_or_make(Digest::of(b"one"), async { Err("no") });
        assert_eq!(failed.await.err(), Some("no"));
        made(&components, "one", &times).await;
        assert_eq!(times.get(), 1);
    }

    #[tokio::test]
    async fn what_is_gone_takes_no_place() {
        let (components, times) = (Components::default(), Cell::new(0));
        let kept = made(&components, "kept", &times).await;
        for number in 0..1000 {
            made(&components, &number.to_string(), &times).await;
        }
        assert!(lock(&components.0).capacity() < 10);
        assert!(Arc::ptr_eq(&kept, &made(&components, "kept", &times).await));
    }
}
