//! A capsule that sends requests through `wasi:http`.

use boll_sdk::{Event, Failure, Json};
use serde_json::Value;

/// The capsule.
pub struct Http;

#[boll_sdk::capsule]
impl Http {
    /// Gets the URL in the payload; answers with status and body, or the error.
    pub fn get(event: Event) -> Result<Json<Value>, Failure> {
        send(event.text()?).map(Json)
    }

    /// Makes fields of requests for as many milliseconds as the payload says, and
    /// keeps them.
    pub fn fields(Json(ms): Json<u64>) -> Result<(), Failure> {
        fields(ms);
        Ok(())
    }
}

#[cfg(target_family = "wasm")]
fn fields(ms: u64) {
    use std::time::{Duration, Instant};

    let until = Instant::now() + Duration::from_millis(ms);
    let value = vec![b'x'; 10_000];
    let mut kept = Vec::new();
    while Instant::now() < until {
        let fields = wasip2::http::types::Fields::new();
        // One that is refused is as good.
        let _ = fields.append("a", &value);
        kept.push(fields);
    }
}

#[cfg(not(target_family = "wasm"))]
fn fields(_ms: u64) {}

#[cfg(target_family = "wasm")]
fn send(url: &str) -> Result<Value, Failure> {
    use serde_json::json;
    use wasip2::http::outgoing_handler::handle;
    use wasip2::http::types::{Fields, OutgoingRequest, Scheme};

    let malformed = || Failure::new("the URL is malformed");
    let (scheme, rest) = url.split_once("://").ok_or_else(malformed)?;
    let (authority, path) = rest.split_once('/').ok_or_else(malformed)?;
    let scheme = match scheme {
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => Scheme::Other(other.to_owned()),
    };
    let request = OutgoingRequest::new(Fields::new());
    let set = request
        .set_scheme(Some(&scheme))
        .and_then(|()| request.set_authority(Some(authority)))
        .and_then(|()| request.set_path_with_query(Some(&format!("/{path}"))));
    set.map_err(|()| malformed())?;
    let failed = |error| Ok(json!({ "err": format!("{error:?}") }));
    let future = match handle(request, None) {
        Ok(future) => future,
        Err(error) => return failed(error),
    };
    future.subscribe().block();
    let response = match future.get() {
        Some(Ok(Ok(response))) => response,
        Some(Ok(Err(error))) => return failed(error),
        _ => return Err(Failure::new("the response was taken already")),
    };
    let body = response.consume().map_err(|()| malformed())?;
    let stream = body.stream().map_err(|()| malformed())?;
    let mut bytes = Vec::new();
    // The end of the stream is an error of its own.
    while let Ok(more) = stream.blocking_read(64 << 10) {
        bytes.extend(more);
    }
    let body = String::from_utf8_lossy(&bytes);
    Ok(json!({ "ok": { "status": response.status(), "body": body } }))
}

#[cfg(not(target_family = "wasm"))]
fn send(_url: &str) -> Result<Value, Failure> {
    Err(Failure::new("only a host sends requests"))
}
