//! `wasi:http`, as wasmtime implements it, with what the host holds of messages
//! counted against the instance's memory, and connections against what the capsule
//! may have open.
//!
//! What makes the host hold more is written out; the rest is passed on.

use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::p2::{DynInputStream, DynOutputStream, DynPollable, IoError};
use wasmtime_wasi_http::WasiHttpCtxView;
use wasmtime_wasi_http::p2::bindings::http::{outgoing_handler, types};
use wasmtime_wasi_http::p2::{HeaderError, HeaderResult, HttpError, HttpResult};

use crate::capsule::{Exhausted, MemoryBudget};
use crate::interfaces::held::{BUFFER, FIELD, connections, measure};

/// The most that one set of fields holds, in bytes, with what the host needs for
/// each of them.
pub(crate) const FIELDS: usize = 128 << 10;
/// The most that the head of an answer holds, in bytes: hyper reads no more.
const HEAD: u64 = 512 << 10;
/// The longest method of a request. No standard one has more than 18 bytes.
const MAX_METHOD: usize = 64;

/// What `wasi:http` works on.
pub(crate) struct HttpView<'a> {
    pub(crate) http: WasiHttpCtxView<'a>,
    pub(crate) memory: &'a mut MemoryBudget,
}

struct HasHttp;

impl HasData for HasHttp {
    type Data<'a> = HttpView<'a>;
}

/// Links the messages, and sending them. A component that sends is loaded only where
/// its manifest asks for a host.
pub(super) fn add_to_linker<T: Send + 'static>(
    linker: &mut Linker<T>,
    view: fn(&mut T) -> HttpView<'_>,
) -> wasmtime::Result<()> {
    let options = wasmtime_wasi_http::p2::bindings::LinkOptions::default();
    types::add_to_linker::<_, HasHttp>(linker, &(&options).into(), view)?;
    outgoing_handler::add_to_linker::<_, HasHttp>(linker, view)
}

impl HttpView<'_> {
    /// Makes room for what the host is about to hold.
    fn reserve(&mut self, bytes: u64) -> Result<(), Exhausted> {
        let Self { http, memory } = self;
        memory.reserve(bytes, || measure(http.table))
    }
}

/// Methods that are wasmtime's own.
macro_rules! passed_on {
    ($interface:ident: $($name:ident($($argument:ident: $type:ty),*) -> $result:ty;)*) => {
        $(
            fn $name(&mut self, $($argument: $type),*) -> $result {
                <WasiHttpCtxView<'_> as types::$interface>::$name(&mut self.http, $($argument),*)
            }
        )*
    };
}

/// What a call of theirs gives; an error is a trap.
type Trapping<T> = wasmtime::Result<T>;

impl types::Host for HttpView<'_> {
    passed_on! { Host:
        convert_error_code(error: HttpError) -> Trapping<types::ErrorCode>;
        convert_header_error(error: HeaderError) -> Trapping<types::HeaderError>;
        http_error_code(error: Resource<IoError>) -> Trapping<Option<types::ErrorCode>>;
    }
}

impl types::HostFields for HttpView<'_> {
    fn from_list(
        &mut self,
        entries: Vec<(String, Vec<u8>)>,
    ) -> HeaderResult<Resource<types::Fields>> {
        self.reserve(FIELDS as u64).map_err(HeaderError::trap)?;
        self.http.from_list(entries)
    }

    fn set(
        &mut self,
        fields: Resource<types::Fields>,
        name: String,
        values: Vec<Vec<u8>>,
    ) -> HeaderResult<()> {
        self.reserve(FIELDS as u64).map_err(HeaderError::trap)?;
        self.http.set(fields, name, values)
    }

    fn append(
        &mut self,
        fields: Resource<types::Fields>,
        name: String,
        value: Vec<u8>,
    ) -> HeaderResult<()> {
        let bytes = (name.len() + value.len()).min(FIELDS) as u64 + FIELD;
        self.reserve(bytes).map_err(HeaderError::trap)?;
        self.http.append(fields, name, value)
    }

    fn clone(&mut self, fields: Resource<types::Fields>) -> Trapping<Resource<types::Fields>> {
        self.reserve(FIELDS as u64)?;
        types::HostFields::clone(&mut self.http, fields)
    }

    passed_on! { HostFields:
        new() -> Trapping<Resource<types::Fields>>;
        get(fields: Resource<types::Fields>, name: String) -> Trapping<Vec<Vec<u8>>>;
        has(fields: Resource<types::Fields>, name: String) -> Trapping<bool>;
        delete(fields: Resource<types::Fields>, name: String) -> HeaderResult<()>;
        entries(fields: Resource<types::Fields>) -> Trapping<Vec<(String, Vec<u8>)>>;
        drop(fields: Resource<types::Fields>) -> Trapping<()>;
    }
}

impl types::HostOutgoingRequest for HttpView<'_> {
    fn body(
        &mut self,
        request: Resource<types::OutgoingRequest>,
    ) -> Trapping<Result<Resource<types::OutgoingBody>, ()>> {
        self.reserve(BUFFER)?;
        types::HostOutgoingRequest::body(&mut self.http, request)
    }

    fn set_method(
        &mut self,
        request: Resource<types::OutgoingRequest>,
        method: types::Method,
    ) -> Trapping<Result<(), ()>> {
        if let types::Method::Other(name) = &method
            && name.len() > MAX_METHOD
        {
            return Ok(Err(()));
        }
        self.http.set_method(request, method)
    }

    fn set_path_with_query(
        &mut self,
        request: Resource<types::OutgoingRequest>,
        path: Option<String>,
    ) -> Trapping<Result<(), ()>> {
        self.reserve(path.as_ref().map_or(0, String::len) as u64)?;
        self.http.set_path_with_query(request, path)
    }

    fn set_authority(
        &mut self,
        request: Resource<types::OutgoingRequest>,
        authority: Option<String>,
    ) -> Trapping<Result<(), ()>> {
        self.reserve(authority.as_ref().map_or(0, String::len) as u64)?;
        self.http.set_authority(request, authority)
    }

    fn headers(
        &mut self,
        request: Resource<types::OutgoingRequest>,
    ) -> Trapping<Resource<types::Fields>> {
        self.reserve(FIELDS as u64)?;
        types::HostOutgoingRequest::headers(&mut self.http, request)
    }

    passed_on! { HostOutgoingRequest:
        new(headers: Resource<types::Fields>) -> Trapping<Resource<types::OutgoingRequest>>;
        method(request: Resource<types::OutgoingRequest>) -> Trapping<types::Method>;
        path_with_query(request: Resource<types::OutgoingRequest>) -> Trapping<Option<String>>;
        scheme(request: Resource<types::OutgoingRequest>) -> Trapping<Option<types::Scheme>>;
        set_scheme(
            request: Resource<types::OutgoingRequest>,
            scheme: Option<types::Scheme>
        ) -> Trapping<Result<(), ()>>;
        authority(request: Resource<types::OutgoingRequest>) -> Trapping<Option<String>>;
        drop(request: Resource<types::OutgoingRequest>) -> Trapping<()>;
    }
}

impl types::HostIncomingResponse for HttpView<'_> {
    fn headers(
        &mut self,
        response: Resource<types::IncomingResponse>,
    ) -> Trapping<Resource<types::Fields>> {
        self.reserve(HEAD)?;
        types::HostIncomingResponse::headers(&mut self.http, response)
    }

    fn consume(
        &mut self,
        response: Resource<types::IncomingResponse>,
    ) -> Trapping<Result<Resource<types::IncomingBody>, ()>> {
        self.reserve(BUFFER)?;
        types::HostIncomingResponse::consume(&mut self.http, response)
    }

    passed_on! { HostIncomingResponse:
        status(response: Resource<types::IncomingResponse>) -> Trapping<types::StatusCode>;
        drop(response: Resource<types::IncomingResponse>) -> Trapping<()>;
    }
}

impl types::HostFutureIncomingResponse for HttpView<'_> {
    fn get(
        &mut self,
        future: Resource<types::FutureIncomingResponse>,
    ) -> Trapping<Option<Result<Result<Resource<types::IncomingResponse>, types::ErrorCode>, ()>>>
    {
        self.reserve(HEAD)?;
        types::HostFutureIncomingResponse::get(&mut self.http, future)
    }

    passed_on! { HostFutureIncomingResponse:
        subscribe(
            future: Resource<types::FutureIncomingResponse>
        ) -> Trapping<Resource<DynPollable>>;
        drop(future: Resource<types::FutureIncomingResponse>) -> Trapping<()>;
    }
}

impl types::HostIncomingBody for HttpView<'_> {
    fn stream(
        &mut self,
        body: Resource<types::IncomingBody>,
    ) -> Trapping<Result<Resource<DynInputStream>, ()>> {
        self.reserve(BUFFER)?;
        types::HostIncomingBody::stream(&mut self.http, body)
    }

    passed_on! { HostIncomingBody:
        finish(body: Resource<types::IncomingBody>) -> Trapping<Resource<types::FutureTrailers>>;
        drop(body: Resource<types::IncomingBody>) -> Trapping<()>;
    }
}

impl types::HostFutureTrailers for HttpView<'_> {
    fn get(
        &mut self,
        trailers: Resource<types::FutureTrailers>,
    ) -> Trapping<Option<Result<Result<Option<Resource<types::Trailers>>, types::ErrorCode>, ()>>>
    {
        self.reserve(HEAD)?;
        types::HostFutureTrailers::get(&mut self.http, trailers)
    }

    passed_on! { HostFutureTrailers:
        subscribe(trailers: Resource<types::FutureTrailers>) -> Trapping<Resource<DynPollable>>;
        drop(trailers: Resource<types::FutureTrailers>) -> Trapping<()>;
    }
}

impl types::HostOutgoingBody for HttpView<'_> {
    fn write(
        &mut self,
        body: Resource<types::OutgoingBody>,
    ) -> Trapping<Result<Resource<DynOutputStream>, ()>> {
        self.reserve(BUFFER)?;
        types::HostOutgoingBody::write(&mut self.http, body)
    }

    passed_on! { HostOutgoingBody:
        finish(
            body: Resource<types::OutgoingBody>,
            trailers: Option<Resource<types::Trailers>>
        ) -> HttpResult<()>;
        drop(body: Resource<types::OutgoingBody>) -> Trapping<()>;
    }
}

impl types::HostOutgoingResponse for HttpView<'_> {
    fn body(
        &mut self,
        response: Resource<types::OutgoingResponse>,
    ) -> Trapping<Result<Resource<types::OutgoingBody>, ()>> {
        self.reserve(BUFFER)?;
        types::HostOutgoingResponse::body(&mut self.http, response)
    }

    fn headers(
        &mut self,
        response: Resource<types::OutgoingResponse>,
    ) -> Trapping<Resource<types::Fields>> {
        self.reserve(FIELDS as u64)?;
        types::HostOutgoingResponse::headers(&mut self.http, response)
    }

    passed_on! { HostOutgoingResponse:
        new(headers: Resource<types::Fields>) -> Trapping<Resource<types::OutgoingResponse>>;
        status_code(response: Resource<types::OutgoingResponse>) -> Trapping<types::StatusCode>;
        set_status_code(
            response: Resource<types::OutgoingResponse>,
            status: types::StatusCode
        ) -> Trapping<Result<(), ()>>;
        drop(response: Resource<types::OutgoingResponse>) -> Trapping<()>;
    }
}

impl types::HostIncomingRequest for HttpView<'_> {
    passed_on! { HostIncomingRequest:
        method(request: Resource<types::IncomingRequest>) -> Trapping<types::Method>;
        path_with_query(request: Resource<types::IncomingRequest>) -> Trapping<Option<String>>;
        scheme(request: Resource<types::IncomingRequest>) -> Trapping<Option<types::Scheme>>;
        authority(request: Resource<types::IncomingRequest>) -> Trapping<Option<String>>;
        headers(request: Resource<types::IncomingRequest>) -> Trapping<Resource<types::Fields>>;
        consume(
            request: Resource<types::IncomingRequest>
        ) -> Trapping<Result<Resource<types::IncomingBody>, ()>>;
        drop(request: Resource<types::IncomingRequest>) -> Trapping<()>;
    }
}

impl types::HostResponseOutparam for HttpView<'_> {
    passed_on! { HostResponseOutparam:
        set(
            outparam: Resource<types::ResponseOutparam>,
            response: Result<Resource<types::OutgoingResponse>, types::ErrorCode>
        ) -> Trapping<()>;
        send_informational(
            outparam: Resource<types::ResponseOutparam>,
            status: u16,
            headers: Resource<types::Fields>
        ) -> HttpResult<()>;
        drop(outparam: Resource<types::ResponseOutparam>) -> Trapping<()>;
    }
}

impl types::HostRequestOptions for HttpView<'_> {
    passed_on! { HostRequestOptions:
        new() -> Trapping<Resource<types::RequestOptions>>;
        connect_timeout(
            options: Resource<types::RequestOptions>
        ) -> Trapping<Option<types::Duration>>;
        set_connect_timeout(
            options: Resource<types::RequestOptions>,
            time: Option<types::Duration>
        ) -> Trapping<Result<(), ()>>;
        first_byte_timeout(
            options: Resource<types::RequestOptions>
        ) -> Trapping<Option<types::Duration>>;
        set_first_byte_timeout(
            options: Resource<types::RequestOptions>,
            time: Option<types::Duration>
        ) -> Trapping<Result<(), ()>>;
        between_bytes_timeout(
            options: Resource<types::RequestOptions>
        ) -> Trapping<Option<types::Duration>>;
        set_between_bytes_timeout(
            options: Resource<types::RequestOptions>,
            time: Option<types::Duration>
        ) -> Trapping<Result<(), ()>>;
        drop(options: Resource<types::RequestOptions>) -> Trapping<()>;
    }
}

impl outgoing_handler::Host for HttpView<'_> {
    fn handle(
        &mut self,
        request: Resource<types::OutgoingRequest>,
        options: Option<Resource<types::RequestOptions>>,
    ) -> HttpResult<Resource<types::FutureIncomingResponse>> {
        let connected = connections(self.http.table) + 1;
        if self.memory.connections(connected).is_err() {
            return Err(types::ErrorCode::ConnectionLimitReached.into());
        }
        self.reserve(BUFFER).map_err(HttpError::trap)?;
        self.http.handle(request, options)
    }
}
