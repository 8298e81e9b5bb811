//! Making sockets: each counts against what the capsule may have open. Looking up names
//! works on the same view.

use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::p2::bindings::sockets::network::{self, ErrorCode, IpAddressFamily, Network};
use wasmtime_wasi::p2::bindings::sockets::{ip_name_lookup, tcp_create_socket, udp_create_socket};
use wasmtime_wasi::p2::{SocketError, SocketResult, TcpSocket, UdpSocket};
use wasmtime_wasi::sockets::WasiSocketsCtxView;

use super::{Lookups, NetworkGate};
use crate::capsule::MemoryBudget;
use crate::interfaces::held::{BUFFER, connections, measure};

/// What making sockets and looking up names work on.
pub(crate) struct SocketsView<'a> {
    pub(crate) sockets: WasiSocketsCtxView<'a>,
    pub(crate) memory: &'a mut MemoryBudget,
    pub(crate) gate: &'a NetworkGate,
    pub(crate) lookups: &'a mut Lookups,
}

struct HasSockets;

impl HasData for HasSockets {
    type Data<'a> = SocketsView<'a>;
}

/// Links it in place of what makes any number of sockets and looks up any name.
pub(super) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&mut T) -> SocketsView<'_>,
) -> wasmtime::Result<()> {
    tcp_create_socket::add_to_linker::<_, HasSockets>(linker, view)?;
    udp_create_socket::add_to_linker::<_, HasSockets>(linker, view)?;
    ip_name_lookup::add_to_linker::<_, HasSockets>(linker, view)
}

impl SocketsView<'_> {
    /// Makes room for one more socket. A capsule that asks for no host has none, which
    /// nothing but this reports: its sockets are refused before there is an address.
    fn reserve(&mut self) -> SocketResult<()> {
        if !self.gate.asks() {
            self.gate.tell_nothing_asked();
            return Err(ErrorCode::AccessDenied.into());
        }
        let table = &mut *self.sockets.table;
        let reserved = self
            .memory
            .connections(connections(table) + 1)
            .and_then(|()| self.memory.reserve(BUFFER, || measure(table)));
        reserved.map_err(|_| ErrorCode::NewSocketLimit.into())
    }
}

impl tcp_create_socket::Host for SocketsView<'_> {
    fn create_tcp_socket(&mut self, family: IpAddressFamily) -> SocketResult<Resource<TcpSocket>> {
        self.reserve()?;
        self.sockets.create_tcp_socket(family)
    }
}

impl udp_create_socket::Host for SocketsView<'_> {
    async fn create_udp_socket(
        &mut self,
        family: IpAddressFamily,
    ) -> SocketResult<Resource<UdpSocket>> {
        self.reserve()?;
        self.sockets.create_udp_socket(family).await
    }
}

/// The interfaces take their errors, and the network itself, from this one.
impl network::Host for SocketsView<'_> {
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

impl network::HostNetwork for SocketsView<'_> {
    fn drop(&mut self, network: Resource<Network>) -> wasmtime::Result<()> {
        network::HostNetwork::drop(&mut self.sockets, network)
    }
}
