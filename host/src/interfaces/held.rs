//! What the host holds for an instance, by the resources in its table: at most, since
//! not every resource says how much it has.

use std::any::Any;

use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::bindings::sockets::udp::{IncomingDatagramStream, OutgoingDatagramStream};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, TcpSocket, UdpSocket};
use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::p2::body::{HostFutureTrailers, HostIncomingBody, HostOutgoingBody};
use wasmtime_wasi_http::p2::types::{
    HostFutureIncomingResponse, HostIncomingResponse, HostOutgoingRequest, HostOutgoingResponse,
};

/// A resource and its place in the table.
const RESOURCE: u64 = 256;
/// The most that a stream, a socket or the body of a message keeps.
pub(super) const BUFFER: u64 = 64 << 10;
/// A field of a message besides its name and value.
pub(super) const FIELD: u64 = 80;

/// How many bytes the host holds for what is in the table.
pub(crate) fn measure(table: &mut ResourceTable) -> u64 {
    table.iter_mut().map(|one| RESOURCE + bytes(one)).sum()
}

/// How many connections what is in the table has.
pub(crate) fn connections(table: &mut ResourceTable) -> u64 {
    table.iter_mut().filter(|one| is_connection(*one)).count() as u64
}

fn bytes(one: &(dyn Any + Send)) -> u64 {
    if let Some(fields) = one.downcast_ref::<FieldMap>() {
        return size(fields);
    }
    if let Some(request) = one.downcast_ref::<HostOutgoingRequest>() {
        let texts = [&request.authority, &request.path_with_query];
        let texts = texts.into_iter().flatten().map(|text| text.len() as u64);
        return texts.sum::<u64>() + size(&request.headers) + BUFFER;
    }
    if let Some(response) = one.downcast_ref::<HostIncomingResponse>() {
        return size(&response.headers) + BUFFER;
    }
    if let Some(response) = one.downcast_ref::<HostOutgoingResponse>() {
        return size(&response.headers) + BUFFER;
    }
    let buffers = one.is::<DynInputStream>()
        || one.is::<DynOutputStream>()
        || one.is::<HostOutgoingBody>()
        || one.is::<IncomingDatagramStream>()
        || one.is::<OutgoingDatagramStream>()
        || is_connection(one);
    if buffers { BUFFER } else { 0 }
}

fn is_connection(one: &(dyn Any + Send)) -> bool {
    one.is::<TcpSocket>()
        || one.is::<UdpSocket>()
        || one.is::<HostFutureIncomingResponse>()
        || one.is::<HostIncomingResponse>()
        || one.is::<HostIncomingBody>()
        || one.is::<HostFutureTrailers>()
}

fn size(fields: &FieldMap) -> u64 {
    let field = |name: &str, value: &[u8]| (name.len() + value.len()) as u64 + FIELD;
    let fields = fields.iter();
    fields
        .map(|(name, value)| field(name.as_str(), value.as_bytes()))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_count_with_all_that_is_in_them() {
        let mut table = ResourceTable::new();
        assert_eq!(measure(&mut table), 0);
        let mut map = http::HeaderMap::new();
        for _ in 0..3 {
            map.append("name", "x".repeat(1000).parse().expect("a value"));
        }
        let fields = FieldMap::new_immutable(wasmtime_wasi_http::default_hooks(), map);
        let fields = table.push(fields).expect("room");
        let held = measure(&mut table);
        assert!((3000..4000).contains(&held), "{held}");
        table.delete(fields).expect("it is there");
        assert_eq!(measure(&mut table), 0);
        assert_eq!(connections(&mut table), 0);
    }
}
