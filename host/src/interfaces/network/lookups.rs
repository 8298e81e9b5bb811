//! The names that an instance is looking up.

use std::collections::HashMap;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::sleep;

use crate::capsule::LookupPermit;
use crate::policy::HostName;

/// How long a look-up takes at most that an ended instance has left behind: twice
/// what the system's resolver tries by default, which is three servers, each two
/// times for 5 s.
const LONGEST: Duration = Duration::from_secs(60);

/// The names that are being looked up, by the stream that gives the addresses.
#[derive(Default)]
pub(crate) struct Lookups(pub(super) HashMap<u32, Lookup>);

/// One of them.
pub(super) struct Lookup {
    pub(super) name: HostName,
    /// `None` when there was an answer.
    pub(super) unanswered: Option<LookupPermit>,
}

impl Drop for Lookups {
    /// The look-ups go on when the instance has gone, and nothing tells their end.
    fn drop(&mut self) {
        let left = self.0.drain().filter_map(|(_, lookup)| lookup.unanswered);
        let left: Vec<_> = left.collect();
        if left.is_empty() {
            return;
        }
        // Without a runtime there are no threads that could be taken.
        if let Ok(here) = Handle::try_current() {
            here.spawn(async move {
                sleep(LONGEST).await;
                drop(left);
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::capsule::{Account, Accounts, GuestLimits};

    fn free(account: &Arc<Account>) -> usize {
        let permits = std::iter::from_fn(|| account.try_lookup());
        permits.collect::<Vec<_>>().len()
    }

    #[tokio::test]
    async fn what_an_ended_instance_looks_up_still_counts() {
        let accounts = Accounts::new(GuestLimits::default(), 1024);
        let id = "one".parse().expect("an id");
        let account = accounts.of(&id);
        let all = free(&account);
        let mut lookups = Lookups::default();
        let name: HostName = "example.com".parse().expect("a name");
        for number in 0..3 {
            let unanswered = (number > 0).then(|| account.try_lookup().expect("a place"));
            let name = name.clone();
            lookups.0.insert(number, Lookup { name, unanswered });
        }
        drop((account, lookups));
        assert_eq!(free(&accounts.of(&id)), all - 2);
    }
}
