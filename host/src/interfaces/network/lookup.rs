//! `wasi:sockets/ip-name-lookup`: names that are asked for and granted. The rest
//! of `wasi:sockets` is judged by addresses alone, so that what a name led to is
//! noted here.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use wasmtime::component::Resource;
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{self, ResolveAddressStream};
use wasmtime_wasi::p2::bindings::sockets::network::{ErrorCode, IpAddress, Network};
use wasmtime_wasi::p2::{DynPollable, Pollable as _, SocketError};

use super::SocketsView;
use super::lookups::Lookup;
use crate::policy::HostName;

impl ip_name_lookup::Host for SocketsView<'_> {
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

impl ip_name_lookup::HostResolveAddressStream for SocketsView<'_> {
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

fn ip(address: &IpAddress) -> IpAddr {
    match *address {
        IpAddress::Ipv4((a, b, c, d)) => Ipv4Addr::new(a, b, c, d).into(),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => Ipv6Addr::new(a, b, c, d, e, f, g, h).into(),
    }
}
