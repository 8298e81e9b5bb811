//! `wasi:sockets/ip-name-lookup`: names that are asked for and granted. The rest
//! of `wasi:sockets` is judged by addresses alone, so that what a name led to is
//! noted here.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::sleep;
use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{self, ResolveAddressStream};
use wasmtime_wasi::p2::bindings::sockets::network::{self, ErrorCode, IpAddress, Network};
use wasmtime_wasi::p2::{DynPollable, Pollable as _, SocketError};
use wasmtime_wasi::sockets::WasiSocketsCtxView;

use super::NetworkGate;
use crate::capsule::LookupPermit;
use crate::policy::HostName;

/// How long a look-up takes at most that an ended instance has left behind: twice
/// what the system's resolver tries by default, which is three servers, each two
/// times for 5 s.
const LONGEST: Duration = Duration::from_secs(60);

/// The names that are being looked up, by the stream that gives the addresses.
#[derive(Default)]
pub(crate) struct Lookups(HashMap<u32, Lookup>);

/// One of them.
struct Lookup {
    name: HostName,
    /// `None` when there was an answer.
    unanswered: Option<LookupPermit>,
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

/// What looking up works on.
pub(crate) struct LookupView<'a> {
    pub(crate) sockets: WasiSocketsCtxView<'a>,
    pub(crate) gate: &'a NetworkGate,
    pub(crate) lookups: &'a mut Lookups,
}

struct HasLookup;

impl HasData for HasLookup {
    type Data<'a> = LookupView<'a>;
}

/// Links it in place of the one that looks up any name.
pub(super) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&mut T) -> LookupView<'_>,
) -> wasmtime::Result<()> {
    ip_name_lookup::add_to_linker::<_, HasLookup>(linker, view)
}

impl ip_name_lookup::Host for LookupView<'_> {
    fn resolve_addresses(
        &mut self,
        network: Resource<Network>,
        name: String,
    ) -> Result<Resource<ResolveAddressStream>, SocketError> {
        // An address is not looked up; connecting to it is judged.
        if name.parse::<IpAddr>().is_ok() {
            return self.sockets.resolve_addresses(network, name);
        }
        let name: HostName = name
            .parse()
            .map_err(|_| SocketError::from(ErrorCode::InvalidArgument))?;
        if !self.gate.allows_lookup(&name) {
            return Err(ErrorCode::AccessDenied.into());
        }
        let permit = self
            .gate
            .account
            .try_lookup()
            .ok_or(SocketError::from(ErrorCode::TemporaryResolverFailure))?;
        let stream = self
            .sockets
            .resolve_addresses(network, name.as_str().to_owned())?;
        let unanswered = Some(permit);
        let lookup = Lookup { name, unanswered };
        self.lookups.0.insert(stream.rep(), lookup);
        Ok(stream)
    }
}

impl ip_name_lookup::HostResolveAddressStream for LookupView<'_> {
    fn resolve_next_address(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> Result<Option<IpAddress>, SocketError> {
        let mut lookup = self.lookups.0.get_mut(&stream.rep());
        loop {
            let again = Resource::new_borrow(stream.rep());
            let next = self.sockets.resolve_next_address(again);
            let waits = matches!(&next, Err(error)
                if matches!(error.downcast_ref(), Some(ErrorCode::WouldBlock)));
            if !waits && let Some(lookup) = &mut lookup {
                lookup.unanswered = None;
            }
            let Some(address) = next? else {
                return Ok(None);
            };
            if lookup
                .as_ref()
                .is_none_or(|lookup| self.gate.learn(&lookup.name, ip(&address)))
            {
                return Ok(Some(address));
            }
        }
    }

    fn subscribe(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> wasmtime::Result<Resource<DynPollable>> {
        self.sockets.subscribe(stream)
    }

    fn drop(&mut self, stream: Resource<ResolveAddressStream>) -> wasmtime::Result<()> {
        let lookup = self.lookups.0.remove(&stream.rep());
        let Some(permit) = lookup.and_then(|lookup| lookup.unanswered) else {
            return ip_name_lookup::HostResolveAddressStream::drop(&mut self.sockets, stream);
        };
        let mut stream = self.sockets.table.delete(stream)?;
        // A lookup that has begun keeps its thread, whoever waits for it.
        drop(tokio::spawn(async move {
            stream.ready().await;
            drop(permit);
        }));
        Ok(())
    }
}

/// The interface takes its errors and the network itself from this one.
impl network::Host for LookupView<'_> {
    fn convert_error_code(&mut self, error: SocketError) -> wasmtime::Result<ErrorCode> {
        self.sockets.convert_error_code(error)
    }

    fn network_error_code(
        &mut self,
        error: Resource<wasmtime::Error>,
    ) -> wasmtime::Result<Option<ErrorCode>> {
        self.sockets.network_error_code(error)
    }
}

impl network::HostNetwork for LookupView<'_> {
    fn drop(&mut self, network: Resource<Network>) -> wasmtime::Result<()> {
        network::HostNetwork::drop(&mut self.sockets, network)
    }
}

fn ip(address: &IpAddress) -> IpAddr {
    match *address {
        IpAddress::Ipv4((a, b, c, d)) => Ipv4Addr::new(a, b, c, d).into(),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => Ipv6Addr::new(a, b, c, d, e, f, g, h).into(),
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
