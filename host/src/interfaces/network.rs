//! What a capsule reaches of the network: each connection and each name that is
//! looked up is judged here, by what is granted at that moment.

mod gate;
mod http;
mod http_types;
mod lookup;
mod lookups;
mod sockets;

use wasmtime::component::Linker;

pub(crate) use gate::NetworkGate;
pub(crate) use http::HttpGate;
pub(crate) use http_types::{FIELDS, HttpView};
pub(crate) use lookups::Lookups;
pub(crate) use sockets::SocketsView;

/// Links what is counted and judged in place of what is not.
pub(super) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    sockets: fn(&mut T) -> SocketsView<'_>,
    http: fn(&mut T) -> HttpView<'_>,
) -> wasmtime::Result<()> {
    sockets::add_to_linker(linker, sockets)?;
    http_types::add_to_linker(linker, http)
}
