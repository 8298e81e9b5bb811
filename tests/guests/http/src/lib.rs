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

    /// Makes so many sets of fields, of 120 KB each, keeps them, and sleeps.
    pub fn fields(Json(number): Json<u32>) -> Result<(), Failure> {
        keep_fields(number)
    }

    /// Makes and drops so many sets of fields.
    pub fn passing_fields(Json(number): Json<u32>) -> Result<(), Failure> {
        (0..number).try_for_each(|_| make_fields().map(drop))
    }

    /// Makes one set of fields with more than it may hold, in this way.
    pub fn wide_fields(event: Event) -> Result<(), Failure> {
        make_wide_fields(event.text()?)
    }

    /// Asks for so many random bytes, of the two kinds.
    pub fn random(Json((number, insecure)): Json<(u64, bool)>) -> Result<(), Failure> {
        take_random(number, insecure)
    }

    /// Makes so many pollables and keeps them.
    pub fn pollables(Json(number): Json<u32>) -> Result<(), Failure> {
        keep_pollables(number)
    }

    /// Makes fields of requests for as many milliseconds as the payload says, and
    /// keeps them.
    pub fn fields_for(Json(ms): Json<u64>) -> Result<(), Failure> {
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

#[cfg(target_family = "wasm")]
fn make_fields() -> Result<wasip2::http::types::Fields, Failure> {
    let fields = wasip2::http::types::Fields::new();
    for name in ["a", "b"] {
        let appended = fields.append(name, &[b'x'; 60_000]);
        appended.map_err(|error| Failure::new(format!("{error:?}")))?;
    }
    Ok(fields)
}

#[cfg(target_family = "wasm")]
fn keep_fields(number: u32) -> Result<(), Failure> {
    let kept: Result<Vec<_>, _> = (0..number).map(|_| make_fields()).collect();
    std::thread::sleep(std::time::Duration::from_secs(2));
    kept.map(drop)
}

#[cfg(target_family = "wasm")]
#[expect(clippy::unnecessary_wraps, reason = "the other one has no pollables")]
fn keep_pollables(number: u32) -> Result<(), Failure> {
    use wasip2::clocks::monotonic_clock::subscribe_duration;
    let kept: Vec<_> = (0..number).map(|_| subscribe_duration(1)).collect();
    drop(kept);
    Ok(())
}

#[cfg(target_family = "wasm")]
fn make_wide_fields(way: &str) -> Result<(), Failure> {
    use wasip2::http::types::Fields;
    let wide = vec![b'x'; 200_000];
    let fields = Fields::new();
    let made = match way {
        "append" => fields.append("a", &wide),
        "set" => fields.set("a", &[wide]),
        "many" => (0..40_000).try_for_each(|_| fields.append("a", b"")),
        _ => Fields::from_list(&[("a".to_owned(), wide)]).map(drop),
    };
    made.map_err(|error| Failure::new(format!("{error:?}")))
}

#[cfg(target_family = "wasm")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "the other one has no random numbers"
)]
fn take_random(number: u64, insecure: bool) -> Result<(), Failure> {
    let taken = if insecure {
        wasip2::random::insecure::get_insecure_random_bytes(number)
    } else {
        wasip2::random::random::get_random_bytes(number)
    };
    drop(taken);
    Ok(())
}

#[cfg(not(target_family = "wasm"))]
fn make_wide_fields(_way: &str) -> Result<(), Failure> {
    make_fields()
}

#[cfg(not(target_family = "wasm"))]
fn take_random(_number: u64, _insecure: bool) -> Result<(), Failure> {
    make_fields()
}

#[cfg(not(target_family = "wasm"))]
fn make_fields() -> Result<(), Failure> {
    Err(Failure::new("only a host has fields"))
}

#[cfg(not(target_family = "wasm"))]
fn keep_fields(_number: u32) -> Result<(), Failure> {
    make_fields()
}

#[cfg(not(target_family = "wasm"))]
fn keep_pollables(_number: u32) -> Result<(), Failure> {
    make_fields()
}

#[cfg(not(target_family = "wasm"))]
fn send(_url: &str) -> Result<Value, Failure> {
    Err(Failure::new("only a host sends requests"))
}
