//! `wasi:sockets/ip-name-lookup`: names that are asked for and granted. The rest
//! of `wasi:sockets` is judged by addresses alone, so that what a name led to is
//! noted here.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::p2::bindings::sockets::ip_name_lookup::{self, ResolveAddressStream};
use wasmtime_wasi::p2::bindings::sockets::network::{self, ErrorCode, IpAddress, Network};
use wasmtime_wasi::p2::{DynPollable, Pollable as _, SocketError};
use wasmtime_wasi::sockets::WasiSocketsCtxView;

use super::NetworkGate;
use crate::policy::HostName;

/// The names that are being looked up, by the stream that gives the addresses.
#[derive(Default)]
pub(crate) struct Lookups(HashMap<u32, Lookup>);

/// One of them.
struct Lookup {
    name: HostName,
    /// Of those that the capsule has, until there is an answer.
    permit: OwnedSemaphorePermit,
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
        let permits = Arc::clone(&self.gate.account.lookups);
        let permit = permits
            .try_acquire_owned()
            .map_err(|_| SocketError::from(ErrorCode::TemporaryResolverFailure))?;
        let stream = self
            .sockets
            .resolve_addresses(network, name.as_str().to_owned())?;
        let lookup = Lookup { name, permit };
        self.lookups.0.insert(stream.rep(), lookup);
        Ok(stream)
    }
}

impl ip_name_lookup::HostResolveAddressStream for LookupView<'_> {
    fn resolve_next_address(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> Result<Option<IpAddress>, SocketError> {
        let lookup = self.lookups.0.get(&stream.rep());
        loop {
            let again = Resource::new_borrow(stream.rep());
            let Some(address) = self.sockets.resolve_next_address(again)? else {
                return Ok(None);
            };
            if lookup.is_none_or(|lookup| self.gate.learn(&lookup.name, ip(&address))) {
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
        let Some(Lookup { permit, .. }) = self.lookups.0.remove(&stream.rep()) else {
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
